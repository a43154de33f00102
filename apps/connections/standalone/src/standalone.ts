/** Both services in one process: one environment, one log, and tasks reached without a network between them. */
import { composeDatabase } from '@connections/database';
import { composeMessaging } from '@connections/messaging';
import {
  createComposeTools,
  createProcessLog,
  type Environment,
  productVersion,
  readAllSettings,
  startTracing,
  systemClock,
} from '@connections/runtime';
import { launcherGone, launchers, type RunningProcess, startServices } from '@connections/runtime/host';
import { renderBanner } from './banner.ts';
import { standaloneSettings } from './standalone-settings.ts';

export interface StandaloneOutput {
  /** Takes the banner. */
  readonly print: (text: string) => void;
  readonly colour: boolean;
}

/** Starts on what the environment says and prints the banner. Rejects with what a person can mend. */
export async function startStandalone(env: Environment, output: StandaloneOutput): Promise<RunningProcess> {
  const settings = readAllSettings(standaloneSettings, env);
  const links = await launchers(settings.process.stopWith);
  const log = createProcessLog(settings.process);
  const serviceName = 'connections';
  const tracing = await startTracing({ log, settings: settings.process, env, serviceName });
  const tools = { clock: systemClock, log, tracing };
  const database = await composeDatabase(settings.database, createComposeTools(systemClock, tracing, log));
  const { readTaskStatus } = database;
  const messaging = await composeMessaging(settings.messaging, {
    ...createComposeTools(systemClock, tracing, log),
    readTaskStatus,
  });
  const services = [database, messaging];
  const running = await startServices(services, { ...tools, settings: settings.process });
  output.print(
    renderBanner({
      version: productVersion(),
      addresses: running.addresses,
      drivers: services.flatMap((service) => service.drivers),
      readyMs: Math.round(performance.now()),
      colour: output.colour,
    }),
  );
  return { log, stop: running.stop, launcherGone: launcherGone(links) };
}
