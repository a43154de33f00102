/** What a run of faults finds: a service that breaks one promise is caught, one that keeps them all is not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError } from '@connections/grpc';
import type { DatabaseClient } from '@connections/proto-utils';
import { CacheWrites } from './load/cache-writes.ts';
import { SchemaWrites } from './load/schema-writes.ts';
import { TaskWrites } from './load/task-writes.ts';
import type { Findings, Work } from './load/work.ts';

/** Says that it did and did not; did and says that it did not; did and says that it does not know. */
type Lie = 'drops' | 'denies' | 'doubts';

interface Service {
  /** By the number of the call, from 1. */
  readonly lies?: Readonly<Record<number, Lie>>;
  /** A request that comes again has another effect. */
  readonly repeats?: boolean;
}

function failed(reason: string): StatusError {
  return new StatusError('UNAVAILABLE', reason, {
    details: [{ kind: 'ErrorInfo', reason, domain: 'test', metadata: {} }],
  });
}

/** In memory, with as much of the answers as the work looks at. */
function serve({ lies = {}, repeats = false }: Service): DatabaseClient {
  let calls = 0;
  const seen = new Set<string>();
  const act = async (request: string, effect: () => void): Promise<void> => {
    const lie = lies[++calls];
    if (lie !== 'drops' && (repeats || !seen.has(request))) effect();
    if (request !== '') seen.add(request);
    if (lie === 'denies') throw failed('STORE_UNREACHABLE');
    if (lie === 'doubts') throw failed('OUTCOME_UNKNOWN');
  };
  const entries = new Map<string, Uint8Array>();
  const tasks = new Map<string, { data: Map<string, string>; revision: bigint }>();
  const versions: { version: bigint; document: string }[] = [];
  const writeTask = (write: { id: string; requestId: string; data: Map<string, string> }) =>
    act(write.requestId, () => {
      const { data, revision } = tasks.get(write.id) ?? { data: new Map(), revision: 0n };
      tasks.set(write.id, { data: new Map([...data, ...write.data]), revision: revision + 1n });
    });
  const client = {
    cache: {
      set: ({ key, value }: { key: string; value: Uint8Array }) => act('', () => entries.set(key, value)),
      get: async ({ key }: { key: string }) => ({
        entry: entries.has(key) ? { value: entries.get(key) } : undefined,
      }),
    },
    tasks: {
      put: ({ state, ...write }: { id: string; requestId: string; state: { data: Map<string, string> } }) =>
        writeTask({ ...write, data: state.data }),
      patch: writeTask,
      get: async ({ id }: { id: string }) => ({ task: tasks.get(id) }),
    },
    schemas: {
      async register({ requestId, document }: { requestId: string; document: string }) {
        await act(requestId, () => versions.push({ version: BigInt(versions.length + 1), document }));
        return { active: { version: BigInt(versions.length) } };
      },
      listVersions: async () => ({ versions }),
    },
  };
  return client as unknown as DatabaseClient;
}

async function findings(work: Work, service: Service): Promise<Findings> {
  const client = serve(service);
  for (let count = 0; count < 12; count += 1) await work.next(client, 1_000);
  return work.check(client);
}

const counted = ({ lost, twice, untrue }: Findings) => [lost.length, twice.length, untrue.length];

const works: Readonly<Record<string, () => Work>> = {
  cache: () => new CacheWrites('a', ''),
  task: () => new TaskWrites('a'),
  schema: () => new SchemaWrites('a'),
};

describe('what a run of faults finds', () => {
  for (const [port, work] of Object.entries(works)) {
    it(`nothing where every ${port} write is as it was answered, or its outcome was not known`, async () => {
      assert.deepEqual(counted(await findings(work(), {})), [0, 0, 0]);
      assert.deepEqual(counted(await findings(work(), { lies: { 5: 'doubts' } })), [0, 0, 0]);
    });

    it(`a ${port} write that was acknowledged and is not there`, async () => {
      const [lost = 0] = counted(await findings(work(), { lies: { 5: 'drops' } }));
      assert.ok(lost > 0);
    });

    it(`a ${port} write that was refused and is there`, async () => {
      assert.deepEqual(counted(await findings(work(), { lies: { 5: 'denies' } })), [0, 0, 1]);
    });
  }

  for (const port of ['task', 'schema']) {
    it(`a ${port} write that had two effects`, async () => {
      const found = await findings(works[port]?.() as Work, { lies: { 5: 'doubts' }, repeats: true });
      assert.equal(found.twice.length, 1);
    });
  }

  it('a cache write that came back over a later one', async () => {
    const client = serve({});
    const work = new CacheWrites('a', '');
    for (let count = 0; count < 40; count += 1) await work.next(client, 1_000);
    await client.cache.set({ key: 'a-1', value: Buffer.from('17') });
    assert.deepEqual(counted(await work.check(client)), [1, 0, 0]);
  });
});
