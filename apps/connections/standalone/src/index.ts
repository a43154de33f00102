export { type StandaloneOutput, startStandalone } from './standalone.ts';
