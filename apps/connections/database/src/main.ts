/** The Database service as a process of its own. */
import {
  createProcessLog,
  loadEnvironment,
  processSettings,
  readAllSettings,
  systemClock,
} from '@connections/runtime';
import { runProcess, startServices } from '@connections/runtime/host';
import { composeDatabase } from './compose.ts';
import { databaseSettings } from './database-settings.ts';

await runProcess(async () => {
  loadEnvironment(process.cwd());
  const tables = { process: processSettings, database: databaseSettings };
  const settings = readAllSettings(tables, process.env);
  const log = createProcessLog(settings.process);
  const tools = { clock: systemClock, log };
  const service = await composeDatabase(settings.database, tools);
  const running = await startServices([service], { ...tools, settings: settings.process });
  for (const { name, host, port } of running.addresses)
    log.info({ service: name, address: `${host}:${port}` }, 'ready');
  return { log, stop: running.stop };
});
