/** The compression of single messages: gzip, or none. */
import { gunzip, gunzipSync, gzipSync } from 'node:zlib';
import { StatusError } from '../status-error.ts';
import { messageTooLarge } from '../transport-failures.ts';

/** What a message may be compressed with, as `grpc-accept-encoding` has it. */
export const acceptedEncodings = 'identity,gzip';

/** What becomes no larger than this is inflated at once, which takes a fraction of a millisecond; the rest off this thread. */
const inlineBytes = 65_536;
/** Less is not worth the time. */
const worthwhileBytes = 256;

/** In `grpc-encoding`. Undefined when it is one that we do not know. */
export function isCompressed(encoding: string | undefined): boolean | undefined {
  if (encoding === undefined || encoding === 'identity') return false;
  return encoding === 'gzip' ? true : undefined;
}

/** Of `grpc-accept-encoding`: a list with commas. */
export function acceptsGzip(encodings: string | undefined): boolean {
  return encodings?.split(',').some((encoding) => encoding.trim() === 'gzip') ?? false;
}

/** Smaller bytes, or undefined when there is nothing to be gained. */
export function compressMessage(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < worthwhileBytes) return undefined;
  const compressed = gzipSync(bytes);
  return compressed.length < bytes.length ? compressed : undefined;
}

/**
 * Throws or rejects with a StatusError when the message would become larger than `maxBytes`, as soon as it does, and when the
 * bytes are not gzip.
 */
export function inflateMessage(bytes: Uint8Array, maxBytes: number): Uint8Array | Promise<Uint8Array> {
  try {
    return plain(gunzipSync(bytes, { maxOutputLength: Math.min(maxBytes, inlineBytes) }));
  } catch (error) {
    if (isTooLarge(error) && maxBytes > inlineBytes) return inflateLarge(bytes, maxBytes);
    throw inflateFailure(error, maxBytes);
  }
}

function inflateLarge(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: maxBytes }, (error, inflated) => {
      if (error) reject(inflateFailure(error, maxBytes));
      else resolve(plain(inflated));
    });
  });
}

function inflateFailure(error: unknown, maxBytes: number): StatusError {
  if (isTooLarge(error)) return messageTooLarge('more than the allowed', maxBytes);
  return new StatusError('INTERNAL', 'a compressed message is not gzip', { cause: error });
}

function isTooLarge(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
