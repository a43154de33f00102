/** One service as a process of its own: settings, log, drivers, server, in this order. */
import { systemClock } from '../clock.ts';
import { type ComposeTools, createComposeTools } from '../compose-tools.ts';
import type { ComposedService } from '../composed-service.ts';
import { createProcessLog } from '../process-log.ts';
import { loadEnvironment } from '../settings/load-environment.ts';
import { processSettings } from '../settings/process-settings.ts';
import { readAllSettings } from '../settings/read-settings.ts';
import type { Environment, Settings, SettingsTable } from '../settings/settings-table.ts';
import { startTracing } from '../tracing/tracing.ts';
import { launcherGone, launchers } from './launcher-watch.ts';
import { runProcess } from './run-process.ts';
import { serviceChannels } from './service-channels.ts';
import { startServices } from './start-services.ts';

export interface ServiceProcess<Table extends SettingsTable> {
  /** `database`, `messaging`. */
  readonly name: string;
  readonly table: Table;
  readonly compose: (settings: Settings<Table>, tools: ComposeTools) => Promise<ComposedService>;
  /** Of the process: a `.env` file in `folder` is read into it. */
  readonly env: Environment;
  readonly folder: string;
}

/** Never resolves: it ends the process. */
export function runService<Table extends SettingsTable>(service: ServiceProcess<Table>): Promise<void> {
  return runProcess(async () => {
    loadEnvironment(service.folder);
    const settings = readAllSettings({ process: processSettings, service: service.table }, service.env);
    const links = await launchers(settings.process.stopWith);
    const log = createProcessLog(settings.process);
    const serviceName = `connections-${service.name}`;
    const tracing = await startTracing({ log, settings: settings.process, env: service.env, serviceName });
    const composed = await service.compose(settings.service, {
      ...createComposeTools(systemClock, tracing, log),
      openChannel: await serviceChannels(settings.process),
    });
    const tools = { clock: systemClock, log, tracing, settings: settings.process };
    const running = await startServices([composed], tools);
    for (const { name, host, port, http } of running.addresses) {
      const address = `${host}:${port}`;
      log.info({ service: name, address, ...(http && { http: `${http.host}:${http.port}` }) }, 'ready');
    }
    return { log, stop: running.stop, launcherGone: launcherGone(links) };
  });
}
