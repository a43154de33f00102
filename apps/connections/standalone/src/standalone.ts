/** Both services in one process: one environment, one log, and tasks reached without a network between them. */
import { readFileSync } from 'node:fs';
import { composeDatabase, databaseSettings } from '@connections/database';
import { composeMessaging, messagingSettings } from '@connections/messaging';
import {
  createProcessLog,
  type Environment,
  processSettings,
  readAllSettings,
  systemClock,
} from '@connections/runtime';
import { type RunningProcess, startServices } from '@connections/runtime/host';
import { renderBanner } from './banner.ts';

export interface StandaloneOutput {
  /** Takes the banner. */
  readonly print: (text: string) => void;
  readonly colour: boolean;
}

/** Starts on what the environment says and prints the banner. Rejects with what a person can mend. */
export async function startStandalone(env: Environment, output: StandaloneOutput): Promise<RunningProcess> {
  const tables = { process: processSettings, database: databaseSettings, messaging: messagingSettings };
  const settings = readAllSettings(tables, env);
  const log = createProcessLog(settings.process);
  const tools = { clock: systemClock, log };
  const database = await composeDatabase(settings.database, tools);
  const { readTaskStatus } = database;
  const messaging = await composeMessaging(settings.messaging, { ...tools, readTaskStatus });
  const services = [database, messaging];
  const running = await startServices(services, { ...tools, settings: settings.process });
  output.print(
    renderBanner({
      version: ownVersion(),
      addresses: running.addresses,
      drivers: services.flatMap((service) => service.drivers),
      readyMs: Math.round(performance.now()),
      colour: output.colour,
    }),
  );
  return { log, stop: running.stop };
}

function ownVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return JSON.parse(manifest).version;
}
