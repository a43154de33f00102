/** The header lists of responses. Those that come again are the same objects, so that HPACK remembers what they become. */
import type { HeaderField, HeaderFields } from '../http2/header-fields.ts';
import type { Metadata } from '../metadata.ts';
import { acceptedEncodings } from '../protocol/message-compression.ts';
import { metadataFields } from '../protocol/metadata-fields.ts';
import { statusTexts } from '../protocol/status-fields.ts';
import { toWireStatus } from '../protocol/wire-status.ts';
import { statusNumbers } from '../status.ts';

export interface ResponseFields {
  readonly shared: HeaderFields;
  readonly own: HeaderFields | undefined;
}

const plainHead: HeaderFields = [
  { name: ':status', value: '200' },
  { name: 'content-type', value: 'application/grpc' },
  { name: 'grpc-accept-encoding', value: acceptedEncodings },
];
const gzipHead: HeaderFields = [...plainHead, { name: 'grpc-encoding', value: 'gzip' }];

/** By the number of the status. */
const trailers: readonly HeaderFields[] = Object.values(statusNumbers).map((code) => [
  { name: 'grpc-status', value: `${code}` },
]);
const trailersOnly = trailers.map((status) => [...plainHead, ...status]);

/** Before the first message. */
export function headFields(gzip: boolean, metadata: Metadata | undefined): ResponseFields {
  return { shared: gzip ? gzipHead : plainHead, own: ownFields([], metadata) };
}

/** Ends the response: OK when there is no error. `alone` when nothing was sent before. */
export function endFields(error: unknown, metadata: Metadata | undefined, alone: boolean): ResponseFields {
  const lists = alone ? trailersOnly : trailers;
  if (error === undefined) return { shared: lists[0] as HeaderFields, own: ownFields([], metadata) };
  const status = toWireStatus(error);
  return { shared: lists[status.code] as HeaderFields, own: ownFields(statusTexts(status), metadata) };
}

/** A response of HTTP alone, to what is no call. */
export function httpFields(status: '405' | '415'): HeaderFields {
  const fields = [
    { name: ':status', value: status },
    { name: 'content-type', value: 'text/plain' },
  ];
  return status === '405' ? [...fields, { name: 'allow', value: 'POST' }] : fields;
}

function ownFields(first: HeaderField[], metadata: Metadata | undefined): HeaderFields | undefined {
  const fields = metadata?.size ? [...first, ...metadataFields(metadata)] : first;
  return fields.length > 0 ? fields : undefined;
}
