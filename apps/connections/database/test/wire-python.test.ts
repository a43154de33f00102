/** The wire contract as a Python client of the kind that is in the field drives it. */
import { it } from 'node:test';
import { runPythonClient } from '@connections/testing';
import { startWireDatabase } from './wire-database.ts';

it('a Python client of either generation works unchanged', async (context) => {
  await using database = await startWireDatabase();
  await runPythonClient(context, { script: 'database_wire.py', args: [database.address] });
});
