/** A process that fills its store until the disk, which a limit on file sizes stands for, takes no more. */
import { tupleKey } from '../src/index.ts';
import { openStore } from './temporary-store.ts';

const [folder = ''] = process.argv.slice(2);
const store = await openStore(folder);
const table = store.table<Uint8Array>('values');
const put = (at: number) => store.write(() => table.put(tupleKey(at), Buffer.alloc(20_000)));

let acknowledged = 0;
let refusal: unknown;
while (refusal === undefined && acknowledged < 1_000) {
  await put(acknowledged).then(
    () => acknowledged++,
    (error: unknown) => {
      refusal = error;
    },
  );
}
const readable = [...table.keys({})].length;
await store.write(
  () => {
    for (const key of table.keys({ limit: 30 })) table.remove(key);
  },
  { frees: true },
);
await store.write(() => {});
const after = await Promise.allSettled([put(2_000), put(2_001)]);
await store[Symbol.asyncDispose]();
const written = after.filter((outcome) => outcome.status === 'fulfilled').length;
process.stdout.write(JSON.stringify({ acknowledged, refusal: String(refusal), readable, written }));
