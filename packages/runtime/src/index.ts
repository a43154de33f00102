export { type Clock, systemClock } from './clock.ts';
export type { ComposedService, DriverDescription } from './composed-service.ts';
export { renderErrorsDoc } from './docs/errors-doc.ts';
export { renderLimitsDoc } from './docs/limits-doc.ts';
export { renderEnvExample, renderSettingsDoc, type TitledTable } from './docs/settings-doc.ts';
export { noteInBandFailure } from './interceptors/in-band-failure.ts';
export { limits } from './limits.ts';
export { createLog, type Log, type LogFields, type LogOptions } from './log.ts';
export { createProcessLog } from './process-log.ts';
export { describeSettings, type SettingDescription } from './settings/describe-settings.ts';
export { loadEnvironment } from './settings/load-environment.ts';
export { embeddedSettings, processSettings, valueSettings } from './settings/process-settings.ts';
export { readAllSettings, readSettings, variablesOf } from './settings/read-settings.ts';
export { type Setting, setting } from './settings/setting.ts';
export { type SettingProblem, SettingsError } from './settings/settings-error.ts';
export {
  defineSettings,
  type Environment,
  type Settings,
  type SettingsTable,
} from './settings/settings-table.ts';
export { nextTurn } from './turn.ts';
