/** A process that writes through all three ports as fast as it can and reports each acknowledgement, until it is killed. */
import { writeSync } from 'node:fs';
import { systemClock } from '@connections/runtime';
import { openEmbeddedDatabase } from '../src/driver/embedded/embedded-database.ts';

const [folder = '', round = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const options = { folder, sync: 'second', maxBytes: 2 ** 30, clock: systemClock } as const;
const { cache, schemas, tasks } = await openEmbeddedDatabase(options);
const by = { requestId: undefined, principal: 'ann', allowBuffered: false };
const expiresAt = Date.now() + 3_600_000;

/** Written to the pipe before the next thing happens, so that a kill cannot swallow it. */
function acknowledged(...words: readonly (string | number)[]): void {
  writeSync(1, `${words.join(' ')}\n`);
}

async function writeCache(lane: number): Promise<void> {
  for (let at = 0; ; at++) {
    const key = `${round}-${lane}-${at}`;
    await cache.set('n', [{ key, value: Buffer.alloc(at % 3_000, at), expiresAt }], signal);
    acknowledged('cache', key, at);
  }
}

async function writeTasks(lane: number): Promise<void> {
  const ref = { namespace: 'n', category: round, id: `t${lane}` };
  const data = new Map([['import_name', `people${lane}`]]);
  await tasks.put(ref, { status: 's0', code: 0, message: '', data }, { ...by, ifAbsent: true }, signal);
  acknowledged('task', ref.id, 1);
  for (let at = 1; ; at++) {
    const patch = {
      status: `s${at}`,
      data: { replace: false, remove: [], set: new Map([[`k${at % 50}`, `${at}`]]) },
    };
    const { task } = await tasks.patch(ref, patch, { ...by, expectedRevision: at }, signal);
    acknowledged('task', ref.id, task.revision);
  }
}

async function writeSchemas(lane: number): Promise<void> {
  const ref = { namespace: round, name: `s${lane}` };
  for (let at = 1; at <= 1_000; at++) {
    const document = `{"maximum":${at}}`;
    const candidate = {
      document,
      fingerprint: `f${at}`,
      author: '',
      note: '',
      createdAt: at,
      statedAt: undefined,
    };
    const { record } = await schemas.register(
      ref,
      candidate,
      { mustExist: false, requestId: undefined },
      signal,
    );
    acknowledged('schema', ref.name, record.active.version);
  }
}

for (let lane = 0; lane < 4; lane++) {
  for (const write of [writeCache, writeTasks, writeSchemas]) void write(lane);
}
