export { connectDatabase, connectMessaging, type DatabaseClient, type MessagingClient } from './connect.ts';
export { openServiceChannel } from './service-channel.ts';
export { type DefinedService, defineService } from './service-definition.ts';
export {
  cacheService,
  healthService,
  messagingService,
  reflectionAlphaService,
  reflectionService,
  schemaService,
  taskService,
  wireDatabaseService,
  wireMessagingService,
} from './services.ts';
