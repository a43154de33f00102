/** The programs that users copy, where something is missing. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../apps/examples/', import.meta.url));
const notThere =
  '127.0.0.1:1 did not answer within 5000 ms: no connection to 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1\n';
const nobody = { DATABASE_ADDRESS: '127.0.0.1:1', MESSAGING_ADDRESS: '127.0.0.1:1' };

async function run(program: string, ...args: string[]) {
  const child = spawn(process.execPath, [`${folder}dist/src/${program}.js`, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...nobody },
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, errors };
}

describe('examples', { concurrency: true }, () => {
  it('the consumer says in one line that the services are not there', async () => {
    assert.deepEqual(await run('consumer'), { code: 1, errors: notThere });
  });

  it('the publisher says in one line that the services are not there', async () => {
    const { code, errors } = await run(
      'publisher',
      `${folder}data/customers.schema.json`,
      `${folder}data/customers.csv`,
    );
    assert.deepEqual({ code, errors }, { code: 1, errors: notThere });
  });

  it('the publisher says in one line which file is not there', async () => {
    const { code, errors } = await run('publisher', 'nothing.schema.json', `${folder}data/customers.csv`);
    assert.equal(code, 1);
    assert.match(errors, /^ENOENT: .*nothing\.schema\.json'\n$/);
  });
});
