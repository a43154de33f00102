/** The file of `connections export` and `connections import`: what is defined in a namespace, without what is kept in it. */

export const definitionsFormat = 1;

/** It is read as a whole, so that all of it is known to be sound before anything is changed. */
export const maxDefinitionsBytes = 268_435_456;

export interface Definitions {
  readonly namespace: string;
  /** Undefined where the file has the other part alone. */
  readonly schemas: readonly SchemaDefinition[] | undefined;
  readonly topology: TopologyDefinition | undefined;
}

export interface SchemaDefinition {
  readonly name: string;
  /** Oldest first, at least one, the last one active. */
  readonly versions: readonly VersionDefinition[];
}

export interface VersionDefinition {
  /** Of the registry that it came from: another one counts by itself. */
  readonly version: number;
  /** The JSON text as it was registered, to the byte. */
  readonly document: string;
  readonly author: string;
  readonly note: string;
  readonly active: boolean;
}

export interface TopologyDefinition {
  readonly exchanges: readonly { readonly name: string; readonly type: string }[];
  /** Without those that the service makes for dead letters. */
  readonly queues: readonly QueueDefinition[];
  readonly bindings: readonly BindingDefinition[];
}

export interface QueueDefinition {
  readonly name: string;
  readonly deliveryLimit: number;
  readonly deadLetterQueue: string;
}

export interface BindingDefinition {
  readonly exchange: string;
  readonly routingKey: string;
  readonly queue: string;
}

/** Which parts the options ask for: both where they name none. */
export function wantedParts({ schemas, topology }: PartOptions): {
  readonly schemas: boolean;
  readonly topology: boolean;
} {
  const all = !schemas && !topology;
  return { schemas: all || schemas === true, topology: all || topology === true };
}

export interface PartOptions {
  readonly schemas?: true;
  readonly topology?: true;
}
