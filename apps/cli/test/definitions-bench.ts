/** What tests of `connections export` and `connections import` work with: services, their clients, and files. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectDatabase, connectMessaging } from '@connections/proto-utils';
import { type BinExit, runBin, startServices, temporaryFolder } from './bin-process.ts';

export type DefinedServices = Awaited<ReturnType<typeof startDefinedServices>>;

export async function startDefinedServices() {
  const services = await startServices();
  const database = connectDatabase(services.databaseAddress);
  const messaging = connectMessaging(services.messagingAddress);
  const { schemas } = database;
  const run = (line: string | readonly string[]): Promise<BinExit> => runBin(line, services.env);
  return {
    env: services.env,
    schemas,
    messaging: messaging.messaging,
    run,
    exported: async (namespace: string) => (await run(['export', '--namespace', namespace])).stdout,
    register: async (namespace: string, name: string, ...documents: readonly string[]) => {
      for (const document of documents) await schemas.register({ namespace, name, document });
    },
    documents: async (namespace: string, name: string) =>
      (await schemas.listVersions({ namespace, name })).versions.map(({ document }) => document),
    [Symbol.asyncDispose]: () => {
      database.close();
      messaging.close();
      return services[Symbol.asyncDispose]();
    },
  };
}

/** A place for one file at a time, and what writes it: text as it is, everything else as JSON. */
export function definitionsFile() {
  const folder = temporaryFolder();
  const file = join(folder, 'definitions.json');
  const save = (value: unknown) => {
    writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
    return file;
  };
  return { folder, file, save };
}

export function definitions(namespace: string, parts: object): object {
  return { format: 1, namespace, ...parts };
}

export function schema(name: string, ...documents: readonly string[]) {
  return {
    name,
    versions: documents.map((document, index) => ({
      version: index + 1,
      document,
      author: '',
      note: '',
      active: index === documents.length - 1,
    })),
  };
}
