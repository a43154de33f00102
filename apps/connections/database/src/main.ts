/** The Database service as a process of its own. */
import { runService } from '@connections/runtime/host';
import { composeDatabase } from './compose.ts';
import { databaseSettings } from './database-settings.ts';

await runService({
  name: 'database',
  table: databaseSettings,
  compose: composeDatabase,
  env: process.env,
  folder: process.cwd(),
});
