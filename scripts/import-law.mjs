/** The import law: which part of the house may import which. Rows are data; the first row that matches a file binds it. */

/**
 * `from`: path of the importing file. `ours`: parts it may import besides its own folder, as path prefixes; `alone`: not
 * even that folder. `vendors`: packages of others, all where absent. `node`: node's own modules, all where absent.
 * verify-imports holds the code against the rows.
 */
export const law = [
  {
    id: 'grpc-adapter',
    from: /^packages\/grpc\/src\/grpc-js\//,
    ours: ['packages/grpc/src'],
    vendors: ['@grpc/grpc-js'],
    why: 'an adapter is the only place that knows its transport',
  },
  {
    id: 'grpc-client',
    from: /^packages\/grpc\/src\/client\//,
    ours: ['packages/grpc/src'],
    vendors: [],
    node: ['node:dns/promises', 'node:events', 'node:net', 'node:tls'],
    why: 'it makes calls over HTTP/2 of our own',
  },
  {
    id: 'http2',
    from: /^packages\/grpc\/src\/http2\//,
    alone: true,
    ours: ['packages/grpc/src/http2'],
    vendors: [],
    node: ['node:net', 'node:stream'],
    why: 'a protocol over a socket knows nothing of what is said over it',
  },
  {
    id: 'grpc-protocol',
    from: /^packages\/grpc\/src\/protocol\//,
    ours: ['packages/grpc/src'],
    vendors: [],
    node: ['node:zlib'],
    why: 'messages, metadata and statuses become bytes and fields the same way on either end',
  },
  {
    id: 'grpc-server',
    from: /^packages\/grpc\/src\/server\//,
    ours: ['packages/grpc/src'],
    vendors: [],
    node: ['node:async_hooks', 'node:net', 'node:timers/promises', 'node:tls'],
    why: 'a server of our own needs no transport of others',
  },
  {
    id: 'grpc',
    from: /^packages\/grpc\/src\//,
    ours: [],
    vendors: [],
    node: [],
    why: 'handlers, calls and statuses know no transport and nothing of ours',
  },
  {
    id: 'proto-utils',
    from: /^packages\/proto-utils\/src\//,
    ours: ['packages/grpc'],
    vendors: ['@bufbuild/protobuf'],
    why: 'clients install it without the services',
  },
  {
    id: 'amqp',
    from: /^packages\/amqp\/src\//,
    ours: [],
    vendors: ['amqplib'],
    node: ['node:timers/promises'],
    why: 'drivers and clients share it, so that it knows neither ports nor services',
  },
  {
    id: 'messaging-utils',
    from: /^packages\/messaging-utils\/src\//,
    ours: ['packages/amqp', 'packages/grpc', 'packages/proto-utils'],
    vendors: ['@opentelemetry/api'],
    why: 'clients install it without the services',
  },
  {
    id: 'host',
    from: /^packages\/runtime\/src\/host\//,
    ours: ['packages/runtime/src', 'packages/grpc', 'packages/grpc/src/grpc-js', 'packages/proto-utils'],
    vendors: [],
    why: 'it serves whatever services it is given',
  },
  {
    id: 'reflection',
    from: /^packages\/runtime\/src\/reflection\//,
    ours: ['packages/grpc', 'packages/proto-utils'],
    vendors: ['@bufbuild/protobuf'],
    why: 'it describes services from their protos alone',
  },
  {
    id: 'tracing',
    from: /^packages\/runtime\/src\/tracing\//,
    ours: ['packages/runtime/src', 'packages/grpc'],
    vendors: [
      '@opentelemetry/api',
      '@opentelemetry/core',
      '@opentelemetry/exporter-trace-otlp-proto',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace-node',
    ],
    why: 'it knows calls and messages by what is told of them',
  },
  {
    id: 'runtime',
    from: /^packages\/runtime\/src\//,
    ours: ['packages/grpc', 'packages/proto-utils'],
    vendors: ['pino', 'zod'],
    why: 'it knows no database and no broker',
  },
  {
    id: 'embedded-store',
    from: /^packages\/embedded-store\/src\//,
    ours: ['packages/runtime'],
    vendors: ['lmdb'],
    why: 'it stores bytes under keys and knows no port',
  },
  {
    id: 'testing',
    from: /^packages\/testing\/src\//,
    ours: ['packages/grpc', 'packages/proto-utils', 'packages/runtime', 'packages/runtime/src/host'],
    vendors: ['mongodb'],
    why: 'suites and harnesses know ports by type parameter only; a test server of MongoDB is asked by its client',
  },
  {
    id: 'port',
    from: /^apps\/connections\/\w+\/src\/port\//,
    ours: ['@/domain'],
    vendors: [],
    node: [],
    why: 'a port is an interface without vendor words',
  },
  {
    id: 'domain',
    from: /^apps\/connections\/\w+\/src\/domain\//,
    ours: ['@/port', 'packages/runtime'],
    vendors: ['re2js'],
    node: ['node:crypto'],
    why: 'pure rules that services and drivers share do no input or output',
  },
  {
    id: 'service',
    from: /^apps\/connections\/\w+\/src\/service\//,
    ours: ['@/port', '@/domain', 'packages/runtime', 'packages/grpc'],
    vendors: ['ajv', 're2js'],
    node: ['node:crypto', 'node:module'],
    why: 'validation, limits and defaults are the same for every transport and every driver',
  },
  {
    id: 'transport',
    from: /^apps\/connections\/\w+\/src\/transport\//,
    ours: ['@/service', '@/port', '@/domain', 'packages/proto-utils', 'packages/grpc', 'packages/runtime'],
    vendors: ['re2js'],
    node: [],
    why: 'a handler maps messages and calls a service, never a driver',
  },
  {
    id: 'driver-registry',
    from: /^apps\/connections\/\w+\/src\/driver\/(driver-registry|open-ports|store-answers)\.ts$/,
    ours: ['@/driver', '@/port', 'packages/runtime'],
    vendors: [],
    why: 'the one place that turns a URL scheme into a driver',
  },
  {
    id: 'joined-tasks',
    from: /^apps\/connections\/database\/src\/driver\/(joined-tasks|dual-metrics|dual-log)\.ts$/,
    ours: ['@/dual-store', '@/port', 'packages/runtime'],
    vendors: [],
    why: 'the one place where the protocol over two stores becomes a port',
  },
  {
    id: 'driver-over-grpc',
    from: /^apps\/connections\/messaging\/src\/driver\/grpc-tasks\//,
    ours: ['@/port', '@/domain', 'packages/proto-utils', 'packages/grpc', 'packages/runtime'],
    vendors: [],
    why: 'messaging reaches tasks through their service, never through their store',
  },
  {
    id: 'driver-embedded',
    from: /^apps\/connections\/\w+\/src\/driver\/embedded\//,
    ours: ['@/port', '@/domain', 'packages/embedded-store', 'packages/runtime'],
    vendors: [],
    why: 'a driver implements a port and knows neither service, transport nor another driver',
  },
  {
    id: 'driver-redis',
    from: /^apps\/connections\/database\/src\/driver\/redis\//,
    ours: ['@/port', '@/domain', 'packages/runtime'],
    vendors: ['redis'],
    why: 'a driver implements a port and knows neither service, transport nor another driver',
  },
  {
    id: 'driver-mongo',
    from: /^apps\/connections\/database\/src\/driver\/mongo\//,
    ours: ['@/port', '@/domain', 'packages/runtime'],
    vendors: ['mongodb'],
    why: 'a driver implements a port and knows neither service, transport nor another driver',
  },
  {
    id: 'driver-rabbitmq',
    from: /^apps\/connections\/messaging\/src\/driver\/rabbitmq\//,
    ours: ['@/port', '@/domain', 'packages/amqp', 'packages/runtime'],
    vendors: [],
    why: 'a driver implements a port and knows neither service, transport nor another driver',
  },
  {
    id: 'dual-store',
    from: /^apps\/connections\/database\/src\/dual-store\//,
    ours: ['@/port', '@/domain', 'packages/grpc', 'packages/runtime'],
    vendors: [],
    node: ['node:crypto', 'node:events'],
    why: 'a protocol over two ports knows neither of the stores behind them',
  },
  {
    id: 'driver',
    from: /^apps\/connections\/\w+\/src\/driver\/[\w-]+\//,
    ours: ['@/port', '@/domain', 'packages/runtime'],
    why: 'a driver implements a port and knows neither service, transport nor another driver',
  },
  {
    id: 'compose',
    from: /^apps\/connections\/(database|messaging)\/src\/compose\.ts$/,
    ours: ['@', 'packages/grpc', 'packages/grpc/src/grpc-js', 'packages/proto-utils', 'packages/runtime'],
    vendors: [],
    why: 'what services are made of comes from drivers, never from their vendors',
  },
  {
    id: 'entry',
    from: /^apps\/connections\/(database|messaging)\/src\/(main|index|[\w-]+-settings)\.ts$/,
    alone: true,
    ours: [
      '@/compose.ts',
      '@/database-settings.ts',
      '@/store-settings.ts',
      '@/messaging-settings.ts',
      '@/broker-settings.ts',
      '@/exposure-settings.ts',
      '@/domain',
      '@/driver/driver-registry.ts',
      '@/driver/grpc-tasks/polled-task-transitions.ts',
      '@/service/wire-service.ts',
      'packages/runtime',
      'packages/runtime/src/host',
    ],
    vendors: [],
    why: 'compose alone sees drivers, services and handlers',
  },
  {
    id: 'standalone',
    from: /^apps\/connections\/standalone\/src\//,
    ours: [
      'apps/connections/database',
      'apps/connections/messaging',
      'packages/runtime',
      'packages/runtime/src/host',
    ],
    vendors: [],
    why: 'the one process that holds both services',
  },
  {
    id: 'cli',
    from: /^apps\/cli\/src\//,
    ours: [
      'packages/grpc',
      'packages/grpc/src/grpc-js',
      'packages/proto-utils',
      'packages/messaging-utils',
      'packages/runtime',
      'packages/runtime/src/host',
      'apps/connections/standalone',
    ],
    vendors: ['commander', '@bufbuild/protobuf'],
    why: 'it is a client of the services; only `up` holds them, as standalone',
  },
  {
    id: 'conformance',
    from: /^apps\/connections\/\w+\/conformance\//,
    ours: [
      '@/port',
      '@/domain',
      '@/conformance',
      'packages/testing',
      'packages/proto-utils',
      'packages/grpc',
      'packages/runtime',
    ],
    vendors: [],
    why: 'clauses see a port; the wire adapter among them sees the client',
  },
  {
    id: 'examples',
    from: /^apps\/examples\//,
    ours: ['packages/grpc', 'packages/proto-utils', 'packages/messaging-utils'],
    vendors: ['ajv', 'ajv-formats', 're2js', 'udsv'],
    why: 'examples use what users can install',
  },
  {
    id: 'bench',
    from: /^bench\/src\//,
    ours: ['packages', 'packages/grpc/src/grpc-js', 'packages/runtime/src/host', 'apps/connections'],
    vendors: ['@grpc/grpc-js', 'amqplib', 'redis', 'mongodb', 'ioredis'],
    why: 'it measures the product against the transport and the drivers that it stands on, and a client that it might have had',
  },
];

/** Folders that no wider part covers: a row that may enter one names it. */
export const closed = ['packages/grpc/src/grpc-js', 'packages/runtime/src/host'];
/** Vendors that one package stands in front of, for tests too; the bench compares with one as it comes. */
export const vendorHomes = new Map([
  ['@grpc/grpc-js', ['packages/grpc', 'bench/src/served']],
  ['lmdb', ['packages/embedded-store']],
  ['amqplib', ['packages/amqp', 'packages/messaging-utils/test', 'apps/connections/messaging/test', 'bench']],
  ['redis', ['apps/connections/database/src/driver/redis', 'apps/connections/database/test', 'bench']],
  [
    'mongodb',
    [
      'apps/connections/database/src/driver/mongo',
      'apps/connections/database/test',
      'packages/testing',
      'bench',
    ],
  ],
]);
/** Files that no row binds; every other has one. */
export const unbound = /\/test\/|^tests\//;

/** Packages that only tests, conformance suites and benches may import. */
export const testOnly = ['packages/testing', 'fast-check'];
/**
 * Where the environment and the command line may be read; everything else is given them. The grpc-js adapter reads that
 * library's own variables. OpenTelemetry's SDK reads its own by itself, from the process: tracing puts there what it is given.
 */
export const environmentReaders =
  /(^|\/)main\.ts$|^packages\/runtime\/src\/settings\/load-environment\.ts$|^packages\/grpc\/src\/grpc-js\/quiet-log\.ts$|^packages\/runtime\/src\/tracing\/open-telemetry\.ts$|^apps\/examples\/|\/test\/|^tests\/|^packages\/testing\//;
