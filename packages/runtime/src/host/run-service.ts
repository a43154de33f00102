/** One service as a process of its own: settings, log, drivers, server, in this order. */
import { systemClock } from '../clock.ts';
import type { ComposedService } from '../composed-service.ts';
import { createProcessLog } from '../process-log.ts';
import { loadEnvironment } from '../settings/load-environment.ts';
import { processSettings } from '../settings/process-settings.ts';
import { readAllSettings } from '../settings/read-settings.ts';
import type { Environment, Settings, SettingsTable } from '../settings/settings-table.ts';
import { runProcess } from './run-process.ts';
import { startServices } from './start-services.ts';

export interface ServiceProcess<Table extends SettingsTable> {
  readonly table: Table;
  readonly compose: (
    settings: Settings<Table>,
    tools: { readonly clock: typeof systemClock },
  ) => Promise<ComposedService>;
  /** Of the process: a `.env` file in `folder` is read into it. */
  readonly env: Environment;
  readonly folder: string;
}

/** Never resolves: it ends the process. */
export function runService<Table extends SettingsTable>(service: ServiceProcess<Table>): Promise<void> {
  return runProcess(async () => {
    loadEnvironment(service.folder);
    const settings = readAllSettings({ process: processSettings, service: service.table }, service.env);
    const log = createProcessLog(settings.process);
    const composed = await service.compose(settings.service, { clock: systemClock });
    const tools = { clock: systemClock, log, settings: settings.process };
    const running = await startServices([composed], tools);
    for (const { name, host, port } of running.addresses) {
      log.info({ service: name, address: `${host}:${port}` }, 'ready');
    }
    return { log, stop: running.stop };
  });
}
