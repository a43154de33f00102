/** Turns what the generator emits into the definitions that `@connections/grpc` serves and calls. */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import type { AnyMethod, MessageCodec, MethodDefinition, Partially } from '@connections/grpc';

interface GeneratedMessage<T> {
  encode(message: T, writer: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader): T;
  fromPartial(object: never): T;
}

interface GeneratedMethod {
  readonly name: string;
  readonly requestType: object;
  readonly requestStream: boolean;
  readonly responseType: object;
  readonly responseStream: boolean;
}

interface GeneratedService {
  readonly fullName: string;
  readonly methods: Readonly<Record<string, GeneratedMethod>>;
}

type MessageOf<Type> = Type extends { decode(...input: never): infer T } ? T : never;

type DefinitionOf<Method extends GeneratedMethod> = MethodDefinition<
  MessageOf<Method['requestType']>,
  MessageOf<Method['responseType']>,
  Method['requestStream'],
  Method['responseStream']
>;

export interface DefinedService<Service extends GeneratedService> {
  readonly fullName: string;
  readonly methods: { readonly [Name in keyof Service['methods']]: DefinitionOf<Service['methods'][Name]> };
}

export function defineService<const Service extends GeneratedService>(
  service: Service,
): DefinedService<Service> {
  const methods: Record<string, AnyMethod> = {};
  for (const [key, method] of Object.entries(service.methods)) {
    methods[key] = {
      path: `/${service.fullName}/${method.name}`,
      requestStream: method.requestStream,
      responseStream: method.responseStream,
      request: codec(method.requestType as GeneratedMessage<unknown>),
      response: codec(method.responseType as GeneratedMessage<unknown>),
    };
  }
  return { fullName: service.fullName, methods } as DefinedService<Service>;
}

// The generator's own reader replaces bytes that are not UTF-8 by U+FFFD; the protobuf specification asks to refuse.
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const decodeText = (bytes: Uint8Array): string => strictUtf8.decode(bytes);

function codec<T>(type: GeneratedMessage<T>): MessageCodec<T> {
  return {
    encode: (message) => encoded(type, message),
    decode: (bytes) => type.decode(new BinaryReader(bytes, decodeText)),
    create: (partial: Partially<T>) => type.fromPartial(partial as never),
  };
}

/** A writer that has written this much is not kept: its buffer never shrinks. */
const maxKeptBytes = 65_536;
/** For the next message, because a new writer allocates a new buffer. Absent while one is written, or when it threw. */
let spareWriter: BinaryWriter | undefined;

function encoded<T>(type: GeneratedMessage<T>, message: T): Uint8Array {
  const writer = spareWriter ?? new BinaryWriter();
  spareWriter = undefined;
  const bytes = type.encode(message, writer).finish();
  if (bytes.length <= maxKeptBytes) spareWriter = writer;
  return bytes;
}
