/** The table of open streams holds those that were opened and not closed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { endings, StreamTable } from '../src/http2/connection/stream-table.ts';
import { ConnectionStream, type StreamHost } from '../src/http2/stream/connection-stream.ts';

const host = {} as StreamHost;

describe('the table of open streams', () => {
  it('holds what a map would, whichever of them end first', () => {
    // 0 opens the next stream; anything else ends one of those that are open.
    const steps = fc.array(fc.oneof(fc.constant(0), fc.nat(100)), { maxLength: 300 });
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 2), (moves, firstId) => {
        const table = new StreamTable(1_000);
        const map = new Map<number, ConnectionStream>();
        let nextId = firstId;
        for (const move of moves) {
          const ending = [...map.values()][move - 1];
          if (ending) {
            table.remove(ending, endings.complete);
            map.delete(ending.id);
            assert.equal(table.get(ending.id), undefined);
            assert.equal(table.endingOf(ending.id), endings.complete);
          } else {
            const stream = new ConnectionStream(nextId, host, 0, 0, true);
            table.add(stream);
            map.set(nextId, stream);
            nextId += 2;
          }
          assert.equal(table.size, map.size);
        }
        for (const [id, stream] of map) assert.equal(table.get(id), stream);
        assert.deepEqual(new Set(table.streams()), new Set(map.values()));
      }),
    );
  });
});
