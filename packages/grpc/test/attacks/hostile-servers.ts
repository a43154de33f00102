/** Attacks by a server on the channel that has called it. */
import {
  type RawField,
  rawBlock,
  rawData,
  rawFlags,
  rawFrame,
  rawHeaders,
  rawPing,
  rawSettings,
  rawWindowUpdate,
  word,
} from '../raw-http2-peer.ts';
import { attackMs, type ClientAttack, compressionBomb, ending, flood } from './attack.ts';

const head: readonly RawField[] = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
  ['grpc-encoding', 'gzip'],
];
const many = (count: number, bytes: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => bytes));

/** All of them answer stream 1, the only call. */
export const hostileServers: readonly ClientAttack[] = [
  {
    name: 'a server that pushes',
    ends: 'PROTOCOL_ERROR',
    async against(peer) {
      const promise = Buffer.concat([word(2), rawBlock([[':path', '/test.Notes/Get']])]);
      return await flood(peer, () => rawFrame('PUSH_PROMISE', rawFlags.END_HEADERS, 1, promise));
    },
  },
  {
    name: 'a server whose headers have no end',
    ends: 'ENHANCE_YOUR_CALM',
    async against(peer) {
      peer.send(rawFrame('HEADERS', 0, 1, rawBlock(head)));
      const more = rawFrame('CONTINUATION', 0, 1, rawBlock([['x-more', 'a'.repeat(100)]]));
      return await flood(peer, () => many(100, more));
    },
  },
  {
    name: 'a server that answers 103 for ever',
    ends: 'ENHANCE_YOUR_CALM',
    async against(peer) {
      return await flood(peer, () => many(1_000, rawHeaders(1, [[':status', '103']])));
    },
  },
  {
    name: 'a server that makes a window overflow',
    ends: 'FLOW_CONTROL_ERROR',
    async against(peer) {
      return await flood(peer, () => rawWindowUpdate(0, 0x7fffffff));
    },
  },
  {
    name: 'a server that sends SETTINGS for ever',
    ends: 'ENHANCE_YOUR_CALM',
    async against(peer) {
      return await flood(peer, () => many(1_000, rawSettings([[4, 65_535]])));
    },
  },
  {
    name: 'a server that sends PINGs for ever',
    ends: 'ENHANCE_YOUR_CALM',
    async against(peer) {
      return await flood(peer, () => many(1_000, rawPing()));
    },
  },
  {
    name: 'a server that sends empty DATA for ever',
    ends: 'ENHANCE_YOUR_CALM',
    async against(peer) {
      peer.send(rawHeaders(1, head));
      return await flood(peer, () => many(1_000, rawData(1, 0)));
    },
  },
  {
    name: 'a server that pays no heed to windows and resets',
    ends: 'none',
    async against(peer) {
      peer.send(rawHeaders(1, head), rawData(1, Buffer.of(0, 0, 0x40, 0, 0)));
      return await flood(peer, () => many(100, rawData(1, 5_000)));
    },
  },
  {
    name: 'a server with a compression bomb: 1 GiB in 1 MiB',
    ends: 'none',
    async against(peer) {
      const bomb = compressionBomb();
      peer.send(rawHeaders(1, head), rawData(1, Buffer.concat([Buffer.of(1), word(bomb.length)])));
      for (let start = 0; start < bomb.length; start += 16_384) {
        peer.send(rawData(1, bomb.subarray(start, start + 16_384)));
      }
      return await ending(peer, attackMs);
    },
  },
];
