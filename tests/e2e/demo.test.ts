/** The demo as a newcomer runs it: it ends well on services of its own, and says what it found. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

async function runDemo(): Promise<{ readonly code: number; readonly output: string }> {
  const demo = spawn(process.execPath, ['scripts/demo.mjs'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ports on which nothing answers, so that services that happen to run here are left alone.
    env: { ...process.env, DATABASE_CONNECTION_PORT: '1', MESSAGING_CONNECTION_PORT: '1' },
  });
  let output = '';
  demo.stdout.on('data', (chunk) => (output += chunk));
  demo.stderr.on('data', (chunk) => (output += chunk));
  const [code] = await once(demo, 'exit');
  return { code, output };
}

test('the demo validates a real file through the streams and reports its bad rows', {
  timeout: 60_000,
}, async () => {
  const { code, output } = await runDemo();
  assert.equal(code, 0, output);
  const order = ['schema', 'accepted', 'processing-file', 'completed', 'rows       4000', 'bad rows   18'];
  const places = order.map((text) => output.indexOf(text));
  assert.ok(
    places.every((place, index) => place > (places[index - 1] ?? -1)),
    `these do not stand in this order: ${order.join(', ')}\n${output}`,
  );
  assert.match(output, /line 18 +email +must match pattern/);
});
