/** A process that registers versions of some names as fast as it can and reports each acknowledgement, until it is killed. */
import { writeSync } from 'node:fs';
import { candidate, sized } from '../conformance/schemas-acts.ts';
import { openSchemas } from './mongo-schema-ports.ts';

const [url = '', round = ''] = process.argv.slice(2);
const { schemas } = await openSchemas(url);
const { signal } = new AbortController();
const names = ['a', 'b', 'c'];
const writersOfEach = 4;

async function write(name: string, lane: number): Promise<void> {
  for (let at = 0; ; at++) {
    const content = sized(Number(round) * 1_000_000 + lane * 10_000 + at);
    const options = { mustExist: false, requestId: undefined };
    const { record } = await schemas.register(
      { namespace: 'default', name },
      candidate(content),
      options,
      signal,
    );
    // Written to the pipe before the next thing happens, so that a kill cannot swallow it.
    writeSync(1, `${name} ${record.active.version} ${content}\n`);
  }
}

for (const name of names) for (let lane = 0; lane < writersOfEach; lane++) void write(name, lane);
