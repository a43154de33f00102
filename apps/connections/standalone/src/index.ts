export { type StandaloneOutput, startStandalone } from './standalone.ts';
export { standaloneSettings } from './standalone-settings.ts';
