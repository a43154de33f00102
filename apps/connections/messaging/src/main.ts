/** The Messaging service as a process of its own. */
import {
  createProcessLog,
  loadEnvironment,
  processSettings,
  readAllSettings,
  systemClock,
} from '@connections/runtime';
import { runProcess, startServices } from '@connections/runtime/host';
import { composeMessaging } from './compose.ts';
import { messagingSettings } from './messaging-settings.ts';

await runProcess(async () => {
  loadEnvironment(process.cwd());
  const tables = { process: processSettings, messaging: messagingSettings };
  const settings = readAllSettings(tables, process.env);
  const log = createProcessLog(settings.process);
  const tools = { clock: systemClock, log };
  const service = await composeMessaging(settings.messaging, tools);
  const running = await startServices([service], { ...tools, settings: settings.process });
  for (const { name, host, port } of running.addresses)
    log.info({ service: name, address: `${host}:${port}` }, 'ready');
  return { log, stop: running.stop };
});
