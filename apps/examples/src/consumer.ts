/** What a Typechecking service does: consumes validation messages, checks the files, and moves their tasks. */
import { createConsumer } from '@connections/messaging-utils';
import { connectDatabase } from '@connections/proto-utils';
import { validateCsv } from './validate-csv.ts';

interface Job {
  readonly id: string;
  readonly import_name: string;
  readonly file_data: string;
  readonly metadata: { readonly filename: string };
}

const queue = 'typechecking.validations.queue';
const database = connectDatabase(process.env.DATABASE_ADDRESS);
const consumer = createConsumer({ address: process.env.MESSAGING_ADDRESS ?? '127.0.0.1:50055' });
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort()).once('SIGINT', () => stop.abort());

console.log(`consuming ${queue}`);
await consumer.run(
  queue,
  async ({ message }) => {
    const job: Job = JSON.parse(Buffer.from(message.body).toString());
    const ref = { category: 'validation', id: job.id };
    try {
      await check(job, ref);
      return 'ack';
    } catch (error) {
      await database.tasks.patch({ ...ref, status: 'error', code: 500, message: (error as Error).message });
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
