/** What a transport must know of a method: its path, its shape, and how its messages become bytes. */

export interface MessageCodec<T> {
  /** Gives bytes that nobody changes after: they are sent, and may be sent again, without a copy. */
  encode(message: T): Uint8Array;
  /** Throws when the bytes are not such a message, text that is not UTF-8 included. */
  decode(bytes: Uint8Array): T;
  /** Completes a partial message with the defaults of its fields. */
  create(partial: Partially<T>): T;
}

/** A message with any of its fields left out, at every depth. */
export type Partially<T> = T extends Date | Uint8Array | bigint | ReadonlyMap<unknown, unknown>
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Partially<Item>[]
    : T extends { $case: string; value: unknown }
      ? { $case: T['$case']; value: Partially<T['value']> }
      : T extends object
        ? { [Key in keyof T]?: Partially<T[Key]> | undefined }
        : T;

export interface MethodDefinition<
  Request,
  Response,
  RequestStream extends boolean = boolean,
  ResponseStream extends boolean = boolean,
> {
  /** `/package.Service/Method`, as it stands in the HTTP/2 `:path`. */
  readonly path: string;
  readonly requestStream: RequestStream;
  readonly responseStream: ResponseStream;
  readonly request: MessageCodec<Request>;
  readonly response: MessageCodec<Response>;
}

// biome-ignore lint/suspicious/noExplicitAny: a definition of unknown messages must accept every codec, which is invariant.
export type AnyMethod = MethodDefinition<any, any>;

export interface ServiceDefinition<Methods extends Record<string, AnyMethod> = Record<string, AnyMethod>> {
  /** `package.Service`. */
  readonly fullName: string;
  readonly methods: Methods;
}
