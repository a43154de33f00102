/** The parts that commands print with: JSON, times, listings. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { layOutJson } from '../src/json-layout.ts';
import { harmlessJson, printJsonList } from '../src/json-output.ts';
import { listed } from '../src/listing.ts';
import { durationText, enumName, protoJson } from '../src/proto-json.ts';
import { relativeTime } from '../src/time-text.ts';
import { captureTerminal } from './captured-terminal.ts';

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

async function gathered<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('what commands print', () => {
  it('lays JSON out as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.equal(layOutJson(JSON.stringify(value)), JSON.stringify(value, undefined, 2));
        assert.equal(layOutJson(JSON.stringify(value, undefined, 3)), JSON.stringify(value, undefined, 2));
      }),
    );
    assert.equal(layOutJson('{"a":[1.0,1e400]}'), '{\n  "a": [\n    1.0,\n    1e400\n  ]\n}');
  });

  it('escapes in JSON what does something to a terminal, and changes no value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = harmlessJson(JSON.stringify(text));
        assert.equal(JSON.parse(json), text);
        assert.doesNotMatch(json, /[\p{Cc}\p{Cf}]/u);
      }),
    );
    // Above U+FFFF, as two units.
    assert.equal(harmlessJson('"\u{e0041}"'), '"\\udb40\\udc41"');
  });

  it('prints a listing item by item as one document', async () => {
    for (const items of [[], [{ a: 1 }], [{ a: 1 }, { b: ['\u001b', {}] }, 'x']]) {
      const terminal = captureTerminal();
      await printJsonList(terminal, 'items', each(items), () => ({ nextPageToken: 'p' }));
      assert.deepEqual(JSON.parse(terminal.stdout), { items, nextPageToken: 'p' });
    }
  });

  it('has values as protobuf has them in JSON', () => {
    const message = {
      revision: 9_007_199_254_740_993n,
      time: new Date(0),
      data: new Map([['__proto__', 'x']]),
    };
    assert.equal(
      JSON.stringify(protoJson([message, undefined])),
      '[{"revision":"9007199254740993","time":"1970-01-01T00:00:00.000Z","data":{"__proto__":"x"}},null]',
    );
    assert.equal(enumName({ A: 0, B: 1 }, 1), 'B');
    assert.equal(enumName({ A: 0, B: 1 }, 7), 7);
    assert.equal(durationText({ seconds: 1n, nanos: 500_000_000 }), '1.5s');
    assert.equal(durationText({ seconds: 60n, nanos: 0 }), '60s');
  });

  it('says how long ago something was in a unit that a person would choose', () => {
    const ago = (seconds: number) => relativeTime(new Date(0), seconds * 1_000);
    assert.deepEqual([0.9, 1, 119, 120, 7_199, 7_200, 172_799, 172_800, -5].map(ago), [
      'now',
      '1s ago',
      '119s ago',
      '2m ago',
      '119m ago',
      '2h ago',
      '47h ago',
      '2d ago',
      'in 5s',
    ]);
  });

  it('follows pages, short and empty ones too, and never asks for more than is wanted', async () => {
    const sizes = [3, 0, 1, 5];
    const asked: number[] = [];
    const ask = async ({
      pageSize,
      pageToken,
    }: {
      readonly pageSize: number;
      readonly pageToken: string;
    }) => {
      asked.push(pageSize);
      const page = Number(pageToken);
      const items = Array.from({ length: Math.min(sizes[page] ?? 0, pageSize) }, (_, at) => `${page}.${at}`);
      return { items, nextPageToken: page + 1 < sizes.length ? String(page + 1) : '' };
    };
    assert.equal((await gathered(listed({ limit: 6 }, ask))).length, 6);
    assert.deepEqual(asked, [6, 3, 3, 2]);
    assert.equal((await gathered(listed({ limit: 100, all: true }, ask))).length, 9);
    assert.equal((await gathered(listed({ limit: 3 }, ask))).length, 3);
    assert.deepEqual(asked.slice(-1), [3]);
  });
});
