/** A process with so many writers of tasks: each patches its own task and one that all share, and now and then begins it anew. */
import { openTasks } from './mongo-ports.ts';

const [url = '', name = '', writers = '', rounds = ''] = process.argv.slice(2);
const { link, tasks } = await openTasks(url);
const { signal } = new AbortController();
const state = { status: 's', code: 0, message: '', data: new Map<string, string>() };
const by = { requestId: undefined, principal: name, allowBuffered: false };
const ref = (id: string, namespace = 'default') => ({ namespace, category: 'c', id });

await Promise.all(
  Array.from({ length: Number(writers) }, async (_, writer) => {
    const own = ref(`${name}${writer}`, writer % 2 === 0 ? 'default' : 'other');
    for (let round = 0; round < Number(rounds); round++) {
      if (round % 10 === 9) await tasks.remove(own, by, signal);
      await tasks.put(own, { ...state, code: round }, { ...by, ifAbsent: false }, signal);
      await tasks.put(ref('shared'), { ...state, code: round }, { ...by, ifAbsent: false }, signal);
    }
  }),
);
await link[Symbol.asyncDispose]();
