/** Attacks by frames that cost their sender nothing. */
import {
  RawPeer,
  rawBlock,
  rawData,
  rawFlags,
  rawFrame,
  rawHeaders,
  rawPing,
  rawPreface,
  rawReset,
  rawSettings,
  rawWindowUpdate,
} from '../raw-http2-peer.ts';
import { attackMs, connections, ending, flood, type ServerAttack } from './attack.ts';
import { requestHead } from './attacker-request.ts';

const id = (index: number): number => index * 2 + 1;
const many = (count: number, make: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));
const opened = (index: number): Buffer => rawHeaders(id(index), requestHead);

export const frameAttacks: readonly ServerAttack[] = [
  {
    name: 'rapid reset (CVE-2023-44487)',
    ends: 'ENHANCE_YOUR_CALM',
    async run(port) {
      using peer = await RawPeer.client(port);
      return await flood(peer, (round) =>
        many(100, (index) => {
          const stream = round * 100 + index;
          return Buffer.concat([opened(stream), rawReset(id(stream))]);
        }),
      );
    },
  },
  {
    name: 'resets that the server is made to send (CVE-2025-8671)',
    ends: 'ENHANCE_YOUR_CALM',
    async run(port) {
      using peer = await RawPeer.client(port);
      return await flood(peer, (round) =>
        many(100, (index) => {
          const stream = round * 100 + index;
          return Buffer.concat([opened(stream), rawWindowUpdate(id(stream), 0)]);
        }),
      );
    },
  },
  {
    name: 'CONTINUATION flood (CVE-2024-27316)',
    ends: 'ENHANCE_YOUR_CALM',
    async run(port) {
      using peer = await RawPeer.client(port);
      peer.send(rawFrame('HEADERS', 0, 1, rawBlock(requestHead)));
      const more = rawFrame('CONTINUATION', 0, 1, rawBlock([['x-more', 'a'.repeat(100)]]));
      return await flood(peer, () => many(100, () => more));
    },
  },
  {
    name: 'SETTINGS flood (CVE-2019-9515)',
    ends: 'ENHANCE_YOUR_CALM',
    async run(port) {
      using peer = await RawPeer.client(port);
      return await flood(peer, () => many(1_000, () => rawSettings([[4, 65_535]])));
    },
  },
  {
    name: 'PING flood (CVE-2019-9512)',
    ends: 'ENHANCE_YOUR_CALM',
    async run(port) {
      using peer = await RawPeer.client(port);
      return await flood(peer, () => many(1_000, () => rawPing()));
    },
  },
  {
    name: 'empty DATA (CVE-2019-9518)',
    ends: 'ENHANCE_YOUR_CALM',
    async run(port) {
      using peer = await RawPeer.client(port);
      peer.send(opened(0));
      return await flood(peer, () => many(1_000, () => rawData(1, 0)));
    },
  },
  {
    name: 'DATA of one byte (CVE-2026-84304)',
    ends: 'ENHANCE_YOUR_CALM',
    async run(port) {
      using peer = await RawPeer.client(port);
      peer.send(opened(0), rawData(1, Buffer.of(0, 0, 0x20, 0, 0)));
      return await flood(peer, () => many(1_000, () => rawData(1, 1)));
    },
  },
  {
    name: 'overflow of a window',
    ends: 'FLOW_CONTROL_ERROR',
    async run(port) {
      using peer = await RawPeer.client(port);
      return await flood(peer, () => rawWindowUpdate(0, 0x7fffffff));
    },
  },
  {
    name: 'PRIORITY flood (CVE-2019-9513)',
    ends: 'ENHANCE_YOUR_CALM',
    async run(port) {
      using peer = await RawPeer.client(port);
      const frame = rawFrame('PRIORITY', 0, 3, Buffer.of(0, 0, 0, 1, 16));
      return await flood(peer, () => many(1_000, () => frame));
    },
  },
  {
    name: '1 000 connections with half a preface for ever',
    ends: 'none',
    async run(port) {
      await using peers = await connections(1_000, () => RawPeer.connect(port));
      for (const peer of peers) peer.send(rawPreface.subarray(0, 12));
      const [first] = peers;
      return first ? await ending(first) : 'none';
    },
  },
  {
    name: '10 000 streams whose window is zero',
    ends: 'none',
    async run(port) {
      await using peers = await connections(10, () => RawPeer.client(port, [[4, 0]]));
      // A message of five bytes and its text: the server has an answer for each, which nobody takes.
      const message = Buffer.concat([Buffer.of(0, 0, 0, 0, 8), Buffer.of(0, 0, 0, 4), Buffer.from('1000')]);
      const call = (index: number) =>
        Buffer.concat([rawHeaders(id(index), requestHead), rawData(id(index), message, rawFlags.END_STREAM)]);
      for (const peer of peers) peer.send(many(1_000, call));
      for (const peer of peers) await peer.sync();
      await new Promise((resolve) => setTimeout(resolve, attackMs));
      const [first] = peers;
      return first ? await ending(first, 0) : 'none';
    },
  },
];
