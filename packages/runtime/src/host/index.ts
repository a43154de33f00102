export { inStages } from '../interceptors/call-stages.ts';
export { createDrainGate } from '../interceptors/drain-gate.ts';
export { RpcMetrics } from '../metrics/rpc-metrics.ts';
export { type CallStagesOptions, callStages, type NamedStage } from './call-interceptors.ts';

export { launcherGone, launchers } from './launcher-watch.ts';
export { listenError } from './listen-error.ts';
export { type RunningProcess, runProcess } from './run-process.ts';
export { runService, type ServiceProcess } from './run-service.ts';
export type { HostOptions, ServiceAddress } from './service-server.ts';
export { StartError } from './start-error.ts';
export { type RunningServices, startServices } from './start-services.ts';
export { loadTransport, type Transport } from './transport.ts';
