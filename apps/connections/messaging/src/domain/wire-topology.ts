/** The exchange and the four queues that the clients of the wire contract meet on. */

export interface BoundQueue {
  readonly queue: string;
  readonly routingKey: string;
}

export interface WireTopology {
  readonly exchange: string;
  readonly type: 'topic';
  /** Requests to store or remove a schema. */
  readonly schemas: BoundQueue;
  /** Requests to validate a file. */
  readonly validations: BoundQueue;
  readonly schemaResults: BoundQueue;
  readonly validationResults: BoundQueue;
}

/** In the order in which GetMessagingParams lists them. */
export function boundQueues(topology: WireTopology): readonly BoundQueue[] {
  const { schemas, validations, schemaResults, validationResults } = topology;
  return [schemas, validations, schemaResults, validationResults];
}
