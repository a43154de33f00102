/** A process that carries out one attack and tells its parent how it ended: `fork`ed by attacked.ts. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { RawPeer, rawFlags, rawFrame, rawPreface, rawSettings } from '../raw-http2-peer.ts';
import type { ClientAttack } from './attack.ts';
import { attacks } from './attacks.ts';

const [name, port] = process.argv.slice(2);
const attack = attacks.find((candidate) => candidate.name === name);
if (!attack) throw new Error(`there is no attack ${name}`);
process.send?.({ ended: 'run' in attack ? await attack.run(Number(port)) : await called(attack) });
process.disconnect();

/** Tells its parent where to call, and attacks who does. */
async function called(attack: ClientAttack): Promise<string> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  process.send?.({ port: (listener.address() as AddressInfo).port });
  const [socket] = (await once(listener, 'connection')) as [Socket];
  listener.close();
  using peer = new RawPeer(socket, rawPreface.length);
  peer.send(rawSettings(), rawFrame('SETTINGS', rawFlags.ACK, 0));
  await peer.next('HEADERS');
  return await attack.against(peer);
}
