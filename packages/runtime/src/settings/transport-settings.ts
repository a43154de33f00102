/** The settings of what carries the calls of a process. */
import { setting } from './setting.ts';
import { defineSettings } from './settings-table.ts';

export const transportSettings = defineSettings({
  grpcTransport: setting.choice({
    env: 'GRPC_TRANSPORT',
    choices: ['built-in', 'grpc-js'],
    default: 'built-in',
    doc: 'What carries the calls: our own HTTP/2, or @grpc/grpc-js, which is loaded for nothing else.',
  }),
  tlsCert: setting.text({
    env: 'GRPC_TLS_CERT',
    default: undefined,
    doc: 'A PEM file with the certificate of this process, and those that lead to its authority. Set with `GRPC_TLS_KEY`: the gRPC ports take TLS alone.',
  }),
  tlsKey: setting.text({
    env: 'GRPC_TLS_KEY',
    default: undefined,
    doc: 'A PEM file with the key of `GRPC_TLS_CERT`.',
  }),
  tlsClientCa: setting.text({
    env: 'GRPC_TLS_CLIENT_CA',
    default: undefined,
    doc: 'A PEM file with the authorities of clients. Set: only clients with a certificate of one of them are taken (mTLS).',
  }),
  tlsCa: setting.text({
    env: 'GRPC_TLS_CA',
    default: undefined,
    doc: 'A PEM file with the authorities of servers. Set: other services are reached by TLS, with `GRPC_TLS_CERT` where they ask who is calling.',
  }),
  connectionAgeSeconds: setting.seconds({
    env: 'GRPC_MAX_CONNECTION_AGE_SECONDS',
    default: 1_800,
    max: 31_536_000,
    doc: 'After how long, a tenth more or less, a client is told to open another connection, so that it finds new replicas. Open calls go on. 0: never.',
  }),
  connectionAgeGraceSeconds: setting.seconds({
    env: 'GRPC_MAX_CONNECTION_AGE_GRACE_SECONDS',
    default: 0,
    max: 31_536_000,
    doc: 'What calls on such a connection have until they are ended; give it more than `DRAIN_SECONDS`. 0: as long as they take.',
  }),
});
