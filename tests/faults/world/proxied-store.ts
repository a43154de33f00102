/** A store's server behind a proxy, which sees every attempt to connect to it. */
import {
  type FaultProxy,
  prepareMongo,
  startFaultProxy,
  startMongo,
  startRedis,
  type TestServer,
} from '@connections/testing';

export interface ProxiedStore extends AsyncDisposable {
  readonly server: TestServer;
  readonly proxy: FaultProxy;
  /** For the service. */
  readonly url: string;
}

/** It syncs before it answers, so that a kill costs nothing that it has acknowledged. */
export async function startProxiedRedis(): Promise<ProxiedStore> {
  const server = await startRedis({ own: true, appendOnly: true });
  return behindProxy(server, (proxy) => proxy.through(server.url));
}

export async function startProxiedMongo(): Promise<ProxiedStore> {
  const server = await startMongo({ own: true, syncOnCommit: true });
  const database = `mongodb://127.0.0.1:${server.port}/connections`;
  await prepareMongo(database);
  // A member of a replica set tells its own address, which would lead past the proxy.
  return behindProxy(server, (proxy) => `${proxy.through(database)}?directConnection=true`);
}

async function behindProxy(
  server: TestServer,
  urlThrough: (proxy: FaultProxy) => string,
): Promise<ProxiedStore> {
  const proxy = await startFaultProxy(server.port);
  return {
    server,
    proxy,
    url: urlThrough(proxy),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
