/** What the parts of the wire contract's façade share: their types and the namespace that they live in. */
import type { Handlers } from '@connections/grpc';
import type { wireDatabaseService } from '@connections/proto-utils';

/** The wire contract knows no namespaces. */
export const wireNamespace = 'default';

type DatabaseHandlers = Handlers<typeof wireDatabaseService>;

export type RedisHandlers = Pick<DatabaseHandlers, Extract<keyof DatabaseHandlers, `redis${string}`>>;
export type MongoHandlers = Pick<DatabaseHandlers, Extract<keyof DatabaseHandlers, `mongo${string}`>>;
export type TaskHandlers = Omit<DatabaseHandlers, keyof RedisHandlers | keyof MongoHandlers>;
