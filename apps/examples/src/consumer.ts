/** What a Typechecking service does: consumes validation messages, checks the files, and moves their tasks. */
import { isStatusError } from '@connections/grpc';
import { createConsumer } from '@connections/messaging-utils';
import { connectDatabase } from '@connections/proto-utils';
import { failInOneLine } from './fail-in-one-line.ts';
import { validateCsv } from './validate-csv.ts';

interface Job {
  readonly import_name: string;
  readonly file_data: string;
  readonly metadata: { readonly filename: string };
}

failInOneLine();
const queue = 'typechecking.validations.queue';
const database = connectDatabase(process.env.DATABASE_ADDRESS);
const consumer = createConsumer({ address: process.env.MESSAGING_ADDRESS ?? '127.0.0.1:50055' });
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort()).once('SIGINT', () => stop.abort());

await database.ready(5_000);
console.log(`consuming ${queue}`);
await consumer.run(
  queue,
  async ({ message }) => {
    const ref = { category: 'validation', id: message.id };
    try {
      await check(JSON.parse(Buffer.from(message.body).toString()), ref);
      return 'ack';
    } catch (error) {
      const problem = (error as Error).message;
      console.error(`${message.id}: ${problem}`);
      if (isStatusError(error) && error.status === 'UNAVAILABLE') {
        // Not the message's fault, and the queue counts retries: it is tried again once the database answers.
        await database.ready(30_000).catch(() => {});
        return 'retry';
      }
      await database.tasks.patch({ ...ref, status: 'error', code: 500, message: problem }).catch(() => {});
      return 'reject';
    }
  },
  { signal: stop.signal },
);
consumer.close();
database.close();

async function check(job: Job, ref: { category: string; id: string }): Promise<void> {
  const { filename } = job.metadata;
  const { schema } = await database.schemas.get({ name: job.import_name });
  await database.tasks.patch({
    ...ref,
    status: 'processing-file',
    code: 102,
    message: `checking ${filename}`,
  });

  const csv = Buffer.from(job.file_data, 'hex').toString();
  const summary = await validateCsv(csv, schema?.document ?? 'true', async (checked, rows) => {
    if (checked % Math.ceil(rows / 50) !== 0) return;
    await database.tasks.patch({ ...ref, data: texts({ checked, rows }) });
  });
  await database.tasks.patch({
    ...ref,
    status: 'completed',
    code: 200,
    message: `${summary.badRows} of ${summary.rows} rows break the schema`,
    data: texts({
      rows: summary.rows,
      checked: summary.rows,
      bad_rows: summary.badRows,
      errors: JSON.stringify(summary.errors),
    }),
  });
}

function texts(values: Record<string, string | number>): Map<string, string> {
  return new Map(Object.entries(values).map(([key, value]) => [key, String(value)]));
}
