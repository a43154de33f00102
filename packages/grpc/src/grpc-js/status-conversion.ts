/** Failures to and from the statuses of grpc-js. */
import { Metadata as GrpcJsMetadata, type StatusObject } from '@grpc/grpc-js';
import type { Metadata } from '../metadata.ts';
import { fromWireStatus, toWireStatus } from '../protocol/wire-status.ts';
import { statusNumbers } from '../status.ts';
import { StatusError } from '../status-error.ts';
import { toGrpcJsMetadata } from './metadata-conversion.ts';

const detailsKey = 'grpc-status-details-bin';
/** What grpc-js says of a call that it never gave to a connection; a connection that is lost under a call says other things. */
const noConnection = /^No connection established/;

export function toStatus(error: unknown, trailers: Metadata | undefined): StatusObject {
  const { code, message, details } = toWireStatus(error);
  const metadata = trailers?.size ? toGrpcJsMetadata(trailers) : new GrpcJsMetadata();
  if (details) metadata.set(detailsKey, Buffer.from(details));
  return { code, details: message, metadata };
}

export function fromStatus({ code, details, metadata }: StatusObject): StatusError {
  const [bytes] = metadata.get(detailsKey);
  if (typeof bytes === 'object') return fromWireStatus({ code, message: details, details: bytes });
  if (code === statusNumbers.UNAVAILABLE && noConnection.test(details)) {
    return new StatusError('UNAVAILABLE', details, { unsent: true });
  }
  return fromWireStatus({ code, message: details, details: undefined });
}
