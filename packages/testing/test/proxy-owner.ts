/** A process whose proxy resets connections at the very moment at which it was closing them, and which then has nothing to do. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { startFaultProxy } from '../src/servers/fault-proxy.ts';

const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).resume());
await once(server.listen(0, '127.0.0.1'), 'listening');
const proxy = await startFaultProxy((server.address() as AddressInfo).port);
const client = connect({ port: proxy.port, host: '127.0.0.1' });
await once(client, 'connect');

const { end } = Socket.prototype;
const closing = new Promise<void>((resolve) => {
  Socket.prototype.end = function (this: Socket): Socket {
    Reflect.apply(end, this, []);
    process.nextTick(resolve);
    return this;
  };
});
client.destroy();
await closing;
proxy.reset();
await proxy[Symbol.asyncDispose]();
server.close();
