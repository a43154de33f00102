export { type RunningProcess, runProcess } from './run-process.ts';
export { runService, type ServiceProcess } from './run-service.ts';
export type { HostOptions } from './service-server.ts';
export { StartError } from './start-error.ts';
export { type RunningServices, type ServiceAddress, startServices } from './start-services.ts';
