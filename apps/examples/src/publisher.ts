/** What an API service does: registers a schema, creates a task, publishes a file, and follows the task to its end. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createPublisher, validationRequest } from '@connections/messaging-utils';
import { connectDatabase } from '@connections/proto-utils';
import { RegisterResponse_Outcome as Outcome } from '@connections/proto-utils/v1/schemas';
import { failInOneLine } from './fail-in-one-line.ts';
import { followTask } from './follow-task.ts';

failInOneLine();
const [schemaFile, csvFile] = process.argv.slice(2);
if (!schemaFile || !csvFile) {
  console.error('usage: publisher SCHEMA.json FILE.csv');
  process.exit(2);
}
const database = connectDatabase(process.env.DATABASE_ADDRESS);
const publisher = createPublisher({ address: process.env.MESSAGING_ADDRESS ?? '127.0.0.1:50055' });

const name = path.basename(schemaFile, '.schema.json');
const document = await readFile(schemaFile, 'utf8');
await database.ready(5_000);
const { outcome, active } = await database.schemas.register({ name, document, author: 'examples' });
const verdict = outcome === Outcome.OUTCOME_UNCHANGED ? 'as registered before' : 'registered';
console.log(`schema     ${name}, version ${active?.version}, ${verdict}`);

const file = await readFile(csvFile);
const filename = path.basename(csvFile);
const ref = { category: 'validation', id: randomUUID() };
await database.tasks.create({
  ...ref,
  state: {
    status: 'accepted',
    code: 202,
    message: `${filename} is waiting`,
    data: new Map([['import_name', name]]),
  },
});
console.log(`file       ${filename}, ${Math.round(file.length / 1024)} KiB`);
console.log(`task       ${ref.category}/${ref.id}`);

const request = validationRequest({ id: ref.id, importName: name, file, filename, contentType: 'text/csv' });
await publisher.publish('typechecking.exchange', 'validation.request', request);

const task = await followTask(database, ref);
for (const [label, key] of [
  ['rows', 'rows'],
  ['bad rows', 'bad_rows'],
] as const) {
  console.log(`${label.padEnd(11)}${task.data.get(key) ?? '?'}`);
}
const errors = JSON.parse(task.data.get('errors') ?? '[]');
for (const { line, column, problem } of errors) {
  console.log(`line ${String(line).padEnd(6)}${String(column).padEnd(13)}${problem}`);
}
const more = Number(task.data.get('bad_rows')) - errors.length;
if (more > 0) console.log(`and ${more} more`);
publisher.close();
database.close();
process.exitCode = task.status === 'completed' ? 0 : 1;
