/** The log that a process writes by its settings. */
import { createLog, type Log } from './log.ts';
import type { processSettings } from './settings/process-settings.ts';
import type { Settings } from './settings/settings-table.ts';

export function createProcessLog(settings: Settings<typeof processSettings>): Log {
  const debug = settings.databaseDebug || settings.messagingDebug;
  return createLog({ level: debug ? 'debug' : settings.logLevel, format: settings.logFormat });
}
