/** What the header block of a request says, read once for all requests that have the same. */
import type { HeaderBlock, HeaderFields } from '../http2/header-fields.ts';
import { Metadata } from '../metadata.ts';
import { isGrpcContentType } from '../protocol/content-type.ts';
import { parseGrpcTimeout } from '../protocol/grpc-timeout.ts';
import { acceptsGzip, isCompressed } from '../protocol/message-compression.ts';
import { metadataOf } from '../protocol/metadata-fields.ts';
import { fieldValue } from '../protocol/status-fields.ts';
import { StatusError } from '../status-error.ts';
import { metadataTooLarge } from '../transport-failures.ts';
import type { MethodTable } from './method-table.ts';
import type { Refusal } from './refused-call.ts';
import { endFields, httpFields } from './response-fields.ts';
import type { ServeMethod } from './serve-method.ts';

const httpText = new TextEncoder().encode(
  'gRPC is spoken here: POST, with application/grpc as content-type\n',
);

/** Answered without a handler. */
export interface RefusedHead {
  readonly refusal: Refusal;
}

export interface RequestHead {
  readonly refusal: undefined;
  readonly path: string;
  readonly serve: ServeMethod;
  readonly timeoutMs: number | undefined;
  /** Messages may be compressed with gzip. */
  readonly compressed: boolean;
  /** So may those of the response. */
  readonly acceptsGzip: boolean;
  /** Of one call: it may be set without the others seeing it. */
  metadata(): Metadata;
}

/** The block belongs to this server alone: what was made of it stays with it. */
export function requestHead(
  block: HeaderBlock,
  methods: MethodTable,
  maxBytes: number,
): RequestHead | RefusedHead {
  block.memo ??= readHead(block, methods, maxBytes);
  return block.memo as RequestHead | RefusedHead;
}

function readHead(block: HeaderBlock, methods: MethodTable, maxBytes: number): RequestHead | RefusedHead {
  const { fields } = block;
  if (block.truncated || block.listBytes > maxBytes)
    return refused(metadataTooLarge(block.listBytes, maxBytes));
  if (fieldValue(fields, ':method') !== 'POST') return http('405');
  if (!isGrpcContentType(fieldValue(fields, 'content-type'))) return http('415');
  const path = fieldValue(fields, ':path') ?? '';
  const method = methods.get(path);
  if (!method) return refused(new StatusError('UNIMPLEMENTED', `the method ${path} is not known`));
  const encoding = fieldValue(fields, 'grpc-encoding');
  const compressed = isCompressed(encoding);
  if (compressed === undefined) {
    return refused(new StatusError('UNIMPLEMENTED', `messages compressed with ${encoding} are not taken`));
  }
  const timeout = fieldValue(fields, 'grpc-timeout');
  const timeoutMs = timeout === undefined ? undefined : parseGrpcTimeout(timeout);
  if (timeout !== undefined && timeoutMs === undefined) {
    return refused(new StatusError('INTERNAL', `the grpc-timeout ${timeout} is not one`));
  }
  return {
    refusal: undefined,
    path: method.path,
    serve: method.serve,
    timeoutMs,
    compressed,
    acceptsGzip: acceptsGzip(fieldValue(fields, 'grpc-accept-encoding')),
    metadata: templated(fields),
  };
}

function templated(fields: HeaderFields): () => Metadata {
  let template: Metadata | undefined;
  return () => {
    template ??= metadataOf(fields);
    return new Metadata(template);
  };
}

function refused(error: StatusError): RefusedHead {
  return { refusal: { ...endFields(error, undefined, true), body: new Uint8Array() } };
}

function http(status: '405' | '415'): RefusedHead {
  return { refusal: { shared: httpFields(status), own: undefined, body: httpText } };
}
