/** Names of queues and exchanges on the broker: bare in the default namespace, under a prefix in every other. */
import { isShortText } from '@connections/amqp';

/** Nobody of the default namespace has names under it. */
const reserved = 'cs:';

/** The stream that tells every service what is declared. */
export const topologyStream = `${reserved}topology`;
/** The one that tells them which messages failed, and how often. */
export const failureStream = `${reserved}failures`;

/**
 * Undefined for what cannot be there: a reserved name, or one that is too long. A namespace is encoded, so that no two
 * namespaces and names make the same.
 */
export function physicalName(namespace: string, name: string): string | undefined {
  if (namespace === 'default') return name.startsWith(reserved) ? undefined : fitting(name);
  return fitting(prefixOf(namespace) + name);
}

/** Of a name that `physicalName` made in this namespace; any other stays as it is. */
export function logicalName(namespace: string, physical: string): string {
  if (namespace === 'default') return physical;
  const prefix = prefixOf(namespace);
  return physical.startsWith(prefix) ? physical.slice(prefix.length) : physical;
}

function prefixOf(namespace: string): string {
  return `${reserved}${encodeURIComponent(namespace)}:`;
}

function fitting(name: string): string | undefined {
  return isShortText(name) ? name : undefined;
}
