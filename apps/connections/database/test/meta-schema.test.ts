/** Tests that a dialect is loaded once. Alone in its file: the first documents of a process are what it is about. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { checkAgainstMetaSchema } from '../src/service/meta-schema.ts';

it('many first documents at once load their meta-schema once', async () => {
  const started = performance.now();
  const valid = await Promise.all(Array.from({ length: 200 }, () => checkAgainstMetaSchema({}, assert.fail)));
  assert.ok(valid.every(Boolean));
  assert.ok(performance.now() - started < 1_000);
});
