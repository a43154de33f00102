/** The ledger on a real MongoDB against the modelled ledger, command by command: the model of the dual store is of this. */
import { describe, it } from 'node:test';
import { mongoMissing } from '@connections/testing';
import fc from 'fast-check';
import { anyLedgerCommand, rareLedgerCommands } from './ledger-commands.ts';
import { type Beside, LedgerPair } from './ledger-pair.ts';
import { openLedgerFor } from './mongo-ledger-ports.ts';
import { mongoServer } from './mongo-ports.ts';

describe('the ledger on MongoDB and the modelled ledger', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();

  it('answer every command of any sequence alike, and show the same after it', async (context) => {
    const { ledger, link, db } = await openLedgerFor(context, await server());
    const collections = ['tasks', 'tasks_namespaces'].map((name) => db.collection(name));
    const of = ({ namespace }: { readonly namespace: string }) =>
      db.collection(namespace === 'default' ? 'tasks' : 'tasks_namespaces');
    const beside: Beside = {
      async write(ref, message) {
        await of(ref).updateOne({ task: ref.category, task_id: ref.id }, { $set: { message } });
      },
      async abandon(ref) {
        const { namespace: ns, category: task, id: task_id } = ref;
        const removed = { ns, task, task_id, at: new Date(), call: 'dead', reserved: true };
        const cs = { ...(ns !== 'default' && { ns }), at: false, removed };
        const left = { $set: { task, task_id, cs } };
        await of(ref).updateOne({ task, task_id }, left, { upsert: true });
      },
      async forget() {
        const tombstones = { 'cs.removed': { $exists: true }, 'cs.removed.reserved': { $exists: false } };
        for (const collection of collections) await collection.deleteMany(tombstones);
      },
    };
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyLedgerCommand, { minLength: 1, maxLength: 40, size: 'max' }),
        async (commands) => {
          for (const collection of collections) await collection.deleteMany({});
          const pair = new LedgerPair(ledger, link, beside);
          for (const command of commands) await pair.run(command);
          await pair.compareAll();
          runs++;
        },
      ),
      {
        examples: rareLedgerCommands.map((commands) => [[...commands]]),
        numRuns: 150,
        interruptAfterTimeLimit: 30_000,
      },
    );
    context.diagnostic(`${runs} sequences`);
  });
});
