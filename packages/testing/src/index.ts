export { type Clause, type OpenedPort, type OpenPort, runClause, runClauses, type World } from './clauses.ts';
export { eventually } from './eventually.ts';
export { inBatches } from './in-batches.ts';
export { type MetricFamily, parsePrometheusText, type Sample } from './prometheus-text.ts';
export { type PythonClient, runPythonClient } from './python-client.ts';
export { runSaboteurs, type Saboteur, type Saboteurs, sabotaged } from './saboteurs.ts';
export { type FaultProxy, startFaultProxy } from './servers/fault-proxy.ts';
export { freePort } from './servers/free-port.ts';
export { prepareMongo } from './servers/mongo-admin.ts';
export { mongoDocuments } from './servers/mongo-documents.ts';
export { type MongoOptions, mongoMissing, startMongo } from './servers/mongo-server.ts';
export {
  type RabbitOptions,
  type RabbitServer,
  rabbitMissing,
  startRabbit,
} from './servers/rabbit-server.ts';
export { type RedisCluster, type RedisClusterOptions, startRedisCluster } from './servers/redis-cluster.ts';
export { type RedisSentinels, startRedisSentinels } from './servers/redis-sentinel.ts';
export { type RedisOptions, redisMissing, startRedis } from './servers/redis-server.ts';
export { redisTlsMissing, startTlsRedis, type TlsRedis } from './servers/redis-tls.ts';
export { redisCommands } from './servers/redis-wire.ts';
export { makeSelfSigned, opensslMissing, type SelfSigned } from './servers/self-signed.ts';
export type { TestServer } from './servers/test-server.ts';
export { TestClock } from './test-clock.ts';
export { createTestServer, openTestChannel, transportVariables } from './transport.ts';
