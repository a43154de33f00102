/** An acknowledged write survives a kill of the process: real processes, really killed, at any moment. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@connections/runtime';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../src/driver/embedded/embedded-database.ts';
import { temporaryFolder } from './watched-store.ts';

const writer = fileURLToPath(new URL('./crash-writer.js', import.meta.url));
const rounds = 20;
const { signal } = new AbortController();

/** The acknowledgements of a writer that was killed some time after its first one. */
async function killedWriter(folder: string, round: string): Promise<string[][]> {
  const child = spawn(process.execPath, [writer, folder, round], { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = text(child.stdout);
  await once(child.stdout, 'data');
  // Not a wait for something to happen: the kill comes at any moment of the writing.
  await delay(Math.random() * 250);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lines = (await output).split('\n').slice(0, -1);
  return lines.map((line) => line.split(' '));
}

async function checkCache({ cache }: EmbeddedDatabase, acks: readonly string[][]): Promise<void> {
  for (const [, key = '', at = ''] of acks) {
    const [entry] = await cache.get('n', [key], signal);
    const expected = Buffer.alloc(Number(at) % 3_000, Number(at));
    assert.ok(entry && expected.equals(entry.value), `cache entry ${key} is not what was acknowledged`);
  }
}

async function checkTasks(
  { tasks }: EmbeddedDatabase,
  round: string,
  acks: readonly string[][],
): Promise<void> {
  const newest = new Map(acks.map(([, id = '', revision]) => [id, Number(revision)]));
  for (const [id, acknowledged] of newest) {
    const ref = { namespace: 'n', category: round, id };
    const { task } = await tasks.get(ref, { token: undefined, strong: true }, signal);
    assert.ok(task && task.revision >= acknowledged, `${id} is at ${task?.revision}, not ${acknowledged}`);
    // Of the write that was under way when the kill came all or nothing is there.
    const last = task.revision - 1;
    assert.equal(task.status, `s${last}`);
    for (let at = Math.max(1, last - 49); at <= last; at++)
      assert.equal(task.data.get(`k${at % 50}`), `${at}`);
    const found = await tasks.transitions(ref, signal);
    assert.equal(found?.transitions.at(-1)?.status, task.status);
    const { importName, status } = task;
    for (const filter of [
      { importName, status },
      { importName, status: undefined },
    ]) {
      const query = { namespace: 'n', category: round, ...filter };
      const page = await tasks.list(query, { after: undefined, limit: 10, maxBytes: 1_000_000 }, signal);
      assert.deepEqual(
        page.tasks.map((listed) => [listed.id, listed.revision]),
        [[id, task.revision]],
      );
    }
  }
}

async function checkSchemas(
  { schemas }: EmbeddedDatabase,
  round: string,
  acks: readonly string[][],
): Promise<void> {
  const newest = new Map(acks.map(([, name = '', version]) => [name, Number(version)]));
  for (const [name, acknowledged] of newest) {
    const page = await schemas.versions({ namespace: round, name }, { after: 0, limit: 1_001 }, signal);
    const versions = page?.versions ?? [];
    assert.ok(
      versions.length >= acknowledged,
      `${name} has ${versions.length} versions, not ${acknowledged}`,
    );
    assert.deepEqual(
      versions.map(({ version, document }) => [version, document]),
      versions.map((_, index) => [index + 1, `{"maximum":${index + 1}}`]),
    );
  }
  const { records } = await schemas.list(round, { prefix: '', after: undefined, limit: 10 }, signal);
  assert.equal(await schemas.count(round, signal), records.length);
}

describe('the embedded database', () => {
  it(`has every acknowledged write after each of ${rounds} kills`, async (context) => {
    const folder = temporaryFolder(context);
    let total = 0;
    for (let at = 0; at < rounds; at++) {
      const round = `r${at}`;
      const acks = await killedWriter(folder, round);
      const of = (kind: string) => acks.filter(([first]) => first === kind);
      await using database = await openEmbeddedDatabase({
        folder,
        sync: 'second',
        maxBytes: 2 ** 30,
        clock: systemClock,
      });
      await checkCache(database, of('cache'));
      await checkTasks(database, round, of('task'));
      await checkSchemas(database, round, of('schema'));
      total += acks.length;
    }
    context.diagnostic(`${total} acknowledged writes`);
    assert.ok(total > 20 * rounds, `only ${total} writes were acknowledged`);
  });
});
