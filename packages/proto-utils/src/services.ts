/** Every service of the product, ready to be served or called. */
import { CacheServiceDefinition } from './gen/connections/cache/v1/cache.ts';
import { MessagingServiceDefinition } from './gen/connections/messaging/v1/messaging.ts';
import { SchemaServiceDefinition } from './gen/connections/schemas/v1/schemas.ts';
import { TaskServiceDefinition } from './gen/connections/tasks/v1/tasks.ts';
import { DatabaseServiceDefinition } from './gen/database/database.ts';
import { HealthDefinition } from './gen/grpc/health/v1/health.ts';
import { ServerReflectionDefinition } from './gen/grpc/reflection/v1/reflection.ts';
import { ServerReflectionDefinition as ServerReflectionAlphaDefinition } from './gen/grpc/reflection/v1alpha/reflection.ts';
import { MessagingServiceDefinition as WireMessagingServiceDefinition } from './gen/messaging/messaging.ts';
import { defineService } from './service-definition.ts';

export const cacheService = defineService(CacheServiceDefinition);
export const schemaService = defineService(SchemaServiceDefinition);
export const taskService = defineService(TaskServiceDefinition);
export const messagingService = defineService(MessagingServiceDefinition);
export const healthService = defineService(HealthDefinition);

/** What a server serves, for tools. Clients ask for one version or the other; both answer the same. */
export const reflectionService = defineService(ServerReflectionDefinition);
export const reflectionAlphaService = defineService(ServerReflectionAlphaDefinition);

/** The wire contract's services, for the clients that were there before v1. */
export const wireDatabaseService = defineService(DatabaseServiceDefinition);
export const wireMessagingService = defineService(WireMessagingServiceDefinition);
