/** The scope that a caller needs for each rpc; an rpc without a row does not compile. */
import { messagingService, wireMessagingService } from '@connections/proto-utils';

type Scope =
  | 'messaging.read'
  | 'messaging.declare'
  | 'messaging.publish'
  | 'messaging.consume'
  | 'messaging.connect';

const v1 = {
  declareTopology: 'messaging.declare',
  getTopology: 'messaging.read',
  publish: 'messaging.publish',
  subscribe: 'messaging.consume',
} as const satisfies Record<keyof typeof messagingService.methods, Scope>;

const wire = {
  // Hands out credentials of the broker.
  getMessagingParams: 'messaging.connect',
  getRoutingKeySchemas: 'messaging.read',
  getRoutingKeyValidations: 'messaging.read',
  streamSchemaMessages: 'messaging.consume',
  streamValidationMessages: 'messaging.consume',
} as const satisfies Record<keyof typeof wireMessagingService.methods, Scope>;

/** By the path of the rpc. */
export const rpcScopes: ReadonlyMap<string, string> = new Map([
  ...rows(messagingService.methods, v1),
  ...rows(wireMessagingService.methods, wire),
]);

function rows(
  methods: Readonly<Record<string, { readonly path: string }>>,
  scopes: Readonly<Record<string, Scope>>,
): [string, string][] {
  return Object.entries(scopes).map(([name, scope]) => [methods[name]?.path ?? name, scope]);
}
