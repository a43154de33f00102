/** A process of its own with so many writers of one task: each adds a key and changes the status, all at once. */
import { once } from 'node:events';
import { openTasks } from './mongo-ports.ts';

const [url = '', name = '', writers = ''] = process.argv.slice(2);
const { link, tasks } = await openTasks(url);
const ref = { namespace: 'default', category: 'c', id: 't' };
const { signal } = new AbortController();

process.send?.('ready');
await once(process, 'message');
await Promise.all(
  Array.from({ length: Number(writers) }, async (_, at) => {
    const key = `${name}${at}`;
    const patch = { status: key, data: { replace: false, remove: [], set: new Map([[key, '']]) } };
    const options = { requestId: key, principal: name, allowBuffered: false, expectedRevision: undefined };
    await tasks.patch(ref, patch, options, signal);
  }),
);
await link[Symbol.asyncDispose]();
process.disconnect();
