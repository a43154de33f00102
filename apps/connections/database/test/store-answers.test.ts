/** The servers of stores are asked whether they answer, and nothing is made there. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readSettings } from '@connections/runtime';
import { mongoMissing } from '@connections/testing';
import { askDatabase } from '../src/compose.ts';
import { databaseSettings } from '../src/database-settings.ts';
import { mongoServer, openDatabase } from './mongo-ports.ts';

const server = mongoServer();

it('a store that answers is none the richer for the question', {
  skip: mongoMissing() ?? false,
}, async () => {
  await using database = await openDatabase(await server());
  const settings = readSettings(databaseSettings, {
    DATABASE_SCHEMAS_URL: database.url,
    DATABASE_TASKS_URL: database.url,
  });
  const [answer, ...more] = await askDatabase(settings, new AbortController().signal);
  assert.deepEqual([answer?.ports, answer?.problem, more], [['schemas', 'tasks'], undefined, []]);
  assert.deepEqual(await database.db.listCollections().toArray(), []);
});
