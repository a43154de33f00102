/** The embedded broker under kill -9: nothing confirmed is lost, nothing settled comes back, poison is given up. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TestClock } from '@connections/testing';
import {
  type BrokerWorld,
  declare,
  emptied,
  emptiedIds,
  fill,
  idsOf,
  numbered,
  subscribe,
  take,
} from '../conformance/broker-acts.ts';
import { openEmbeddedBroker } from '../src/driver/embedded/embedded-broker.ts';

const child = fileURLToPath(new URL('./broker-crash-child.js', import.meta.url));
const rounds = 24;

class Folder implements AsyncDisposable {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Works on the broker from this process, and closes it. */
  async open<T>(use: (world: BrokerWorld) => Promise<T>): Promise<T> {
    await using port = await openEmbeddedBroker({ folder: this.path, clock: new TestClock() });
    const signal = new AbortController().signal;
    const reopen = async () => port;
    return await use({ port, namespace: 'n', signal, now: Date.now, passTime: async () => {}, reopen });
  }

  /** Runs a child, which is killed after so many lines; tells them and whether it was killed. */
  async run(task: string, round: number, killAfter = Number.POSITIVE_INFINITY) {
    const running = spawn(process.execPath, [child, this.path, task, String(round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(running, 'exit');
    const lines: string[] = [];
    for await (const line of createInterface(running.stdout)) {
      lines.push(line);
      if (lines.length === killAfter) running.kill('SIGKILL');
    }
    const [code, signal] = await exited;
    assert.ok(signal === 'SIGKILL' || code === 0, `the child failed with ${code ?? signal}`);
    return { lines, killed: signal === 'SIGKILL' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}

async function newFolder(): Promise<Folder> {
  return new Folder(await mkdtemp(join(tmpdir(), 'connections-crash-')));
}

describe('the embedded broker, killed', () => {
  it(`loses nothing confirmed and brings back nothing settled over ${rounds} kills`, async () => {
    await using folder = await newFolder();
    await folder.open((world) => declare(world, { q: [] }, 3));
    const confirmed = new Set<string>();
    const settled = new Set<string>();
    // Acknowledged, and perhaps killed before it was told whether that stands.
    const acknowledged = new Set<string>();
    for (let round = 0; round < rounds; round++) {
      const { lines } = await folder.run('work', round, 1 + Math.floor(Math.random() * 600));
      for (const line of lines) {
        const id = line.slice(2);
        if (line.startsWith('+')) confirmed.add(id);
        else if (line.startsWith('-')) settled.add(id);
        else if (line.startsWith('?')) acknowledged.add(id);
        else assert.ok(!settled.has(id), `${id} was settled and came again in round ${round}`);
      }
    }
    const [queued, dead] = await folder.open(async (world) => [
      await emptiedIds(world, 'q'),
      await emptiedIds(world, 'q.dead'),
    ]);
    const there = [...queued, ...dead];
    assert.equal(new Set(there).size, there.length, 'a message is there twice');
    assert.deepEqual(
      queued.filter((id) => settled.has(id)),
      [],
      'settled messages are in the queue',
    );
    const known = new Set([...there, ...settled, ...acknowledged]);
    assert.deepEqual(
      [...confirmed].filter((id) => !known.has(id)),
      [],
      'confirmed messages are lost',
    );
    assert.ok(
      confirmed.size > 500 && settled.size > 200,
      `only ${confirmed.size} and ${settled.size} were tried`,
    );
  });

  it('counts the kill against what was being delivered, and against nothing else', async () => {
    await using folder = await newFolder();
    await folder.open(async (world) => {
      await declare(world, { q: [] });
      await fill(world, 'q', 'held', 'ready');
    });
    const { killed } = await folder.run('hold', 0, 1);
    assert.ok(killed);
    const left = await folder.open((world) => emptied(world, 'q'));
    assert.deepEqual(
      left.map(({ message, attempt }) => [message.id, attempt]),
      [
        ['held', 2],
        ['ready', 1],
      ],
    );
  });

  it('gives up a message that kills it each time, and no other', async () => {
    await using folder = await newFolder();
    await folder.open(async (world) => {
      await declare(world, { q: [] }, 3);
      // Enough before it that its first delivery is not waited for.
      await fill(world, 'q', ...numbered(256));
      await fill(world, 'q', ...numbered(44), 'poison', 'after 1', 'after 2', 'end');
    });
    let kills = 0;
    let lines: string[] = [];
    for (let killed = true; killed; kills += Number(killed)) {
      assert.ok(kills <= 4, 'the message is delivered again and again');
      ({ lines, killed } = await folder.run('poison', kills));
    }
    assert.ok(kills >= 3, `it was given up after ${kills} kills`);
    assert.deepEqual(lines, ['attempt 1', 'attempt 1']);
    await folder.open(async (world) => {
      const dead = await emptied(world, 'q.dead');
      assert.deepEqual(idsOf(dead), ['poison']);
      assert.equal(dead[0]?.message.headers.get('x-death-reason'), 'delivery_limit');
      await fill(world, 'q', 'next');
      await using consumer = await subscribe(world, 'q');
      assert.equal((await take(consumer)).message.id, 'next');
    });
  });
});
