/** A process that follows the tasks of a database and prints each batch when it has it, until it is killed. */
import { writeSync } from 'node:fs';
import { openFollowed } from './mongo-feed-ports.ts';

const [url = '', after] = process.argv.slice(2);
const { feed } = await openFollowed(url);

/** Written to the pipe before the next thing happens, so that a kill cannot swallow it. */
for await (const batch of feed.open(after, new AbortController().signal)) {
  const { outcome } = batch;
  const token = outcome === 'CHANGES' ? batch.token : undefined;
  const changes = outcome === 'CHANGES' ? batch.changes : [];
  const told = changes.map(({ ref, incarnation, task }) => [ref.id, incarnation, task?.revision ?? 0]);
  writeSync(1, `${JSON.stringify({ outcome, token, told })}\n`);
}
