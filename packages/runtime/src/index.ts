export { abortSignalOf, CallEnding, type Ending } from '@connections/grpc';
export { budgetedPort, type CallBudget } from './call-budget.ts';
export { type Clock, systemClock } from './clock.ts';
export { type ComposeTools, createComposeTools } from './compose-tools.ts';
export type { ComposedService, DriverDescription, ListenAddress } from './composed-service.ts';
export type { DataFolderState } from './data-folder-state.ts';
export { renderErrorsDoc } from './docs/errors-doc.ts';
export { renderLimitsDoc } from './docs/limits-doc.ts';
export { renderMetricsDoc } from './docs/metrics-doc.ts';
export { renderEnvExample, renderSettingsDoc, type TitledTable } from './docs/settings-doc.ts';
export { noteInBandFailure } from './interceptors/in-band-failure.ts';
export { limits } from './limits.ts';
export { createLog, type Log, type LogFields, type LogOptions } from './log.ts';
export { addressWithoutPassword, withoutPasswords } from './mask.ts';
export { type MetricKey, metricRows } from './metrics/metric-catalogue.ts';
export { type Collector, createMetrics, type Metrics } from './metrics/metrics.ts';
export type { Counter, Histogram } from './metrics/series.ts';
export { collectStores, type MeasuredStore, type StoreSpace } from './metrics/store-metrics.ts';
export { type DriverCall, type DriverObserver, observedPort } from './observed-port.ts';
export { createProcessLog } from './process-log.ts';
export { productVersion } from './product-version.ts';
export { describeSettings, type SettingDescription } from './settings/describe-settings.ts';
export { loadEnvironment } from './settings/load-environment.ts';
export { embeddedSettings, processSettings, valueSettings } from './settings/process-settings.ts';
export { readAllSettings, readSettings, variablesOf } from './settings/read-settings.ts';
export { type Derivation, type Setting, setting } from './settings/setting.ts';
export { type SettingProblem, SettingsError } from './settings/settings-error.ts';
export {
  defineSettings,
  type Environment,
  type Settings,
  type SettingsTable,
} from './settings/settings-table.ts';
export { type SidePortSettings, sidePortAddress, sidePortSettings } from './settings/side-port-settings.ts';
export { schemeOf } from './settings/store-url.ts';
export { nearestName } from './settings/unknown-variables.ts';
export { Limited, TimeLimits } from './time-limits.ts';
export type { DeliveryFacts, DeliveryOutcome, MessageTracer } from './tracing/message-tracer.ts';
export { receivedTraceHeaders, type TraceHeaders } from './tracing/trace-headers.ts';
export { startTracing, type Tracing, type TracingOptions } from './tracing/tracing.ts';
export { nextTurn } from './turn.ts';
