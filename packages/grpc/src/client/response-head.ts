/** What the head of a response says before any message: that it is gRPC, and how its messages are compressed. */
import type { HeaderBlock, HeaderFields } from '../http2/header-fields.ts';
import { isGrpcContentType } from '../protocol/content-type.ts';
import { failureOfHttpStatus } from '../protocol/http-failures.ts';
import { isCompressed } from '../protocol/message-compression.ts';
import { fieldValue, statusOf } from '../protocol/status-fields.ts';
import { StatusError } from '../status-error.ts';
import { metadataTooLarge } from '../transport-failures.ts';

/** Kept with the blocks that it was found in, so that they are looked at once. */
const grpcHead = Symbol('head of a gRPC response');
const okTrailers = Symbol('trailers of a call that succeeded');

/** Undefined when messages follow. */
export function failureOfHead(block: HeaderBlock, maxMetadataBytes: number): StatusError | undefined {
  if (block.memo === grpcHead) return undefined;
  if (block.truncated) return metadataTooLarge(block.listBytes, maxMetadataBytes);
  const httpStatus = fieldValue(block.fields, ':status') ?? '';
  if (httpStatus !== '200') return failureOfHttpStatus(httpStatus);
  const contentType = fieldValue(block.fields, 'content-type');
  if (!isGrpcContentType(contentType)) {
    return new StatusError(
      'UNKNOWN',
      `the server answered with content-type ${contentType}, which is not gRPC`,
    );
  }
  const encoding = fieldValue(block.fields, 'grpc-encoding');
  if (isCompressed(encoding) === undefined) {
    return new StatusError(
      'INTERNAL',
      `the response is compressed with ${encoding}, which was not asked for`,
    );
  }
  block.memo = grpcHead;
  return undefined;
}

/** Undefined when the call succeeded. `alone`: there was no head before. */
export function failureOfTrailers(
  block: HeaderBlock,
  alone: boolean,
  maxMetadataBytes: number,
): StatusError | undefined {
  if (block.memo === okTrailers) return undefined;
  const status = statusOf(block.fields);
  if (status === 'ok') block.memo = okTrailers;
  else if (status) return status;
  else if (block.truncated) return metadataTooLarge(block.listBytes, maxMetadataBytes);
  else return alone ? failureWithoutStatus(block.fields) : missingStatus();
  return undefined;
}

/** The stream ended with a message, or a head that was its end, and nothing told how the call ended. */
export function missingStatus(): StatusError {
  return new StatusError('INTERNAL', 'the server ended the call without a status');
}

function failureWithoutStatus(fields: HeaderFields): StatusError {
  const httpStatus = fieldValue(fields, ':status') ?? '';
  return httpStatus === '200' ? missingStatus() : failureOfHttpStatus(httpStatus);
}
