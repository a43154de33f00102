export { askDatabase, inspectDatabase, type StoreAnswer } from '@connections/database';
export { askMessaging, type BrokerAnswer, inspectMessaging } from '@connections/messaging';
export { type StandaloneOutput, startStandalone } from './standalone.ts';
export { standaloneSettings } from './standalone-settings.ts';
