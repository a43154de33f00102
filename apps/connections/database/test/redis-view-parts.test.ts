/** The parts of the view on Redis that need no server. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '@connections/runtime';
import fc from 'fast-check';
import { ErrorReply } from 'redis';
import { hashSlot } from '../src/driver/redis/hash-slot.ts';
import { replyCode } from '../src/driver/redis/redis-errors.ts';
import { askFacts } from '../src/driver/redis/server-facts.ts';
import { ViewDeadline } from '../src/driver/redis/view-deadline.ts';
import { filledLines, storedEntry, taskLines } from '../src/driver/redis/view-entry.ts';
import {
  namesOf,
  partitionCount,
  partitionKeys,
  partitionOf,
  refOf,
  taskKeys,
} from '../src/driver/redis/view-keys.ts';
import { operationOf, operationText } from '../src/driver/redis/view-operation.ts';
import type { BufferedOperation, TaskOperation } from '../src/port/task-operation.ts';
import type { Task } from '../src/port/tasks.ts';
import { recordOf, refTo } from './redis-view-acts.ts';

/** With lone surrogates, line breaks and what JSON escapes. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat({ max: 0xffff }), { maxLength: 5 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', '__proto__', '\n', '"', '\u2028', '\ud800', 'null'),
);
const map = fc.array(fc.tuple(text, text), { maxLength: 4 }).map((pairs) => new Map(pairs));
const int = fc.integer();
const ref = fc.record({ namespace: text, category: text, id: text });
const task: fc.Arbitrary<Task> = fc.record({
  ...{ namespace: text, category: text, id: text },
  ...{ status: text, code: int, message: text, data: map, importName: text, fields: map },
  ...{ incarnation: text, revision: fc.nat(), createdAt: fc.nat(), updatedAt: fc.nat() },
});
const ringEntry = fc.record(
  { revision: fc.nat(), requestId: text, mark: text },
  { requiredKeys: ['revision', 'requestId'] },
);
const asked = { requestId: text, principal: text };
const operation: fc.Arbitrary<TaskOperation> = fc.oneof(
  fc.record({
    ...asked,
    kind: fc.constant('put' as const),
    state: fc.record({ status: text, code: int, message: text, data: map }),
    ifAbsent: fc.boolean(),
  }),
  fc.record({
    ...asked,
    kind: fc.constant('patch' as const),
    patch: fc.record(
      {
        ...{ status: text, code: int, message: text, fields: map },
        data: fc.record({ replace: fc.boolean(), remove: fc.array(text), set: map }),
      },
      { requiredKeys: [] },
    ),
    expectedRevision: fc.option(fc.nat(), { nil: undefined }),
  }),
  fc.record({ ...asked, kind: fc.constant('remove' as const) }),
);

/** What Redis gives back of it. */
const stored = (written: string) => Buffer.from(written).toString();

describe('an entry of the view', () => {
  it('comes back as it was, whatever its texts are', () => {
    fc.assert(
      fc.property(task, fc.array(ringEntry, { maxLength: 3 }), (task, ring) => {
        const lines = stored(`e1\n${filledLines({ task, ring })}`);
        const { incarnation, revision } = task;
        const base = { incarnation, revision };
        assert.deepEqual(storedEntry(task, lines, 'e1', true), plain({ base, task, buffered: false, ring }));
        assert.equal(storedEntry(task, lines, 'e2', true), undefined);
      }),
    );
  });

  it('shows the task of its buffer on the base that it had', () => {
    fc.assert(
      fc.property(
        task,
        fc.option(fc.record({ incarnation: text, revision: fc.nat() }), { nil: undefined }),
        (task, base) => {
          const [status, importName, rest] = taskLines(task, base);
          const head = base ? `${JSON.stringify(base.incarnation)}\n${base.revision}` : '\n';
          const lines = stored(`old\n${head}\n"mark"\n12\n${status}\n${importName}\n[]\n${rest}`);
          assert.deepEqual(
            storedEntry(task, lines, 'new', true),
            plain({ base, task, buffered: true, ring: [] }),
          );
        },
      ),
    );
  });

  it('without a task shows none', () => {
    const lines = `\n\n\n"mark"\n12\n${taskLines(undefined, undefined).slice(0, 2).join('\n')}\n[]\n`;
    const entry = storedEntry(refTo('a'), lines, undefined, false);
    assert.deepEqual(entry, { base: undefined, task: undefined, buffered: true, ring: [] });
  });

  it('takes little beside the texts of a task and its ring', () => {
    const record = recordOf(refTo('6f1c9d1e-0d9f-4a52-9f5e-7d9c2f3b1a00'));
    const { task } = record;
    const texts = [task.status, task.message, task.importName, task.incarnation, ...[...task.data].flat()];
    const bytes = texts.join('').length + record.ring.map(({ requestId }) => requestId).join('').length;
    const entry = Buffer.byteLength(`12345678\n${filledLines(record)}`);
    assert.ok(entry < bytes + 150, `${entry} bytes for ${bytes} of text`);
  });
});

describe('a buffered operation', () => {
  it('comes back as it was, whatever its texts are', () => {
    fc.assert(
      fc.property(text, fc.nat(), operation, (mark, at, operation) => {
        const buffered: BufferedOperation = { mark, at, operation };
        assert.deepEqual(operationOf(stored(operationText(buffered))), plain(buffered));
      }),
    );
  });
});

describe('the partitions of the view', () => {
  it('have each task under its own name, and all its keys in the slot of the partition', () => {
    fc.assert(
      fc.property(ref, ref, (one, other) => {
        const keys = taskKeys(one);
        assert.deepEqual(refOf(stored(keys.name)), plain(one));
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        assert.equal(stored(keys.entry) === stored(taskKeys(other).entry), isSame);
        assert.ok(keys.name.startsWith(namesOf(one.namespace, undefined)));
        assert.ok(keys.name.startsWith(namesOf(one.namespace, one.category)));
        const inRedis = [...Object.values(keys.partition), keys.entry, keys.lease, keys.buffer];
        assert.equal(new Set(inRedis.map(hashSlot)).size, 1);
      }),
    );
  });

  it('stay where they are: another place is a view without entries', () => {
    assert.equal(taskKeys(refTo('1')).entry, 'cs:{p9}:t:e:"default","validation","1"');
    assert.equal(taskKeys(refTo('6f1c9d1e-0d9f-4a52-9f5e-7d9c2f3b1a00')).partition.epoch, 'cs:{p17}:t:epoch');
  });

  it('share tasks and the slots of a Cluster evenly', () => {
    const tasks = new Array<number>(partitionCount).fill(0);
    for (let at = 0; at < 64_000; at++) {
      const partition = partitionOf(refTo(`${at}`));
      tasks[partition] = (tasks[partition] ?? 0) + 1;
    }
    assert.ok(Math.min(...tasks) > 700 && Math.max(...tasks) < 1_300, tasks.join());
    const nodes = [0, 0, 0];
    for (let at = 0; at < partitionCount; at++) {
      const node = Math.floor((3 * hashSlot(partitionKeys(at).epoch)) / 16_384);
      nodes[node] = (nodes[node] ?? 0) + 1;
    }
    assert.ok(Math.min(...nodes) >= 16, nodes.join());
  });
});

describe('a time limit in the time of a server', () => {
  it('has passed there when it has passed here, however late its clock was heard of', () => {
    const before = performance.now();
    const limit = new ViewDeadline(500);
    // Its clock is an hour ahead; what it said was on the way for 200 ms.
    const aheadMs = 3_600_000;
    const sample = { serverMs: before - 1_000 + aheadMs, heardAt: before - 800 };
    const { notBefore, notAfter } = limit.at(sample);
    const thereMs = performance.now() + 500 + aheadMs;
    assert.ok(notAfter <= thereMs - 199 && notAfter > thereMs - 300, `${thereMs - notAfter}`);
    assert.equal(Math.round(notAfter - notBefore), 520);
  });
});

describe('what a server says of itself', () => {
  const ask = (info: string) => {
    const replies = new Map<string, string | string[]>([
      ['INFO', info],
      ['TIME', ['5', '250000']],
      ['ROLE', ['master']],
    ]);
    return askFacts(
      async ([command]) => replies.get(String(command)) ?? null,
      { cluster: false, clockOffsetMs: 0 },
      systemClock,
    );
  };

  it('decides whether what has no expiry stays', async () => {
    const keeps = async (info: string) => (await ask(info)).keepsLasting;
    assert.equal(await keeps('maxmemory_policy:noeviction\r\n'), true);
    assert.equal(await keeps('maxmemory_policy:volatile-ttl\r\n'), true);
    assert.equal(await keeps('maxmemory:0\r\nmaxmemory_policy:allkeys-lfu\r\n'), false);
    assert.equal(await keeps(''), false);
  });

  it('has its time with when we heard it', async () => {
    const before = performance.now();
    const { clock } = await ask('');
    assert.equal(clock.serverMs, 5_250);
    assert.ok(clock.heardAt >= before && clock.heardAt <= performance.now());
  });
});

describe('the code of an error reply', () => {
  it('is that of the command also where a script met it', () => {
    const code = (message: string) => replyCode(new ErrorReply(message));
    assert.equal(code('OOM command not allowed'), 'OOM');
    assert.equal(
      code(
        'ERR Error running script (call to f_1): @user_script:7: @user_script: 7: -OOM command not allowed',
      ),
      'OOM',
    );
    assert.equal(code('ERR Error running script (call to f_1): @user_script:7: a nil value'), 'ERR');
  });
});

/** Without the null prototypes of what was made up. */
function plain<T>(value: T): T {
  return structuredClone(value);
}
