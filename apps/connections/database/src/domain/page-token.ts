/** Page tokens: opaque text that leads on from one page, and only for the request that the page answered. */
import { createHash } from 'node:crypto';
import { failure } from '@connections/runtime/errors';

const format = 1;
const sealBytes = 12;

/** Seals a position together with the filter it belongs to: the name of the listing and every field that selects. */
export function pageToken(filter: readonly string[], position: string): string {
  return Buffer.concat([Buffer.of(format), seal(filter, position), Buffer.from(position)]).toString(
    'base64url',
  );
}

/** The position in a token; undefined for no token. Throws PAGE_TOKEN_INVALID for one of another filter or format. */
export function pagePosition(filter: readonly string[], token: string): string | undefined {
  if (token === '') return undefined;
  const bytes = Buffer.from(token, 'base64url');
  const position = bytes.toString('utf8', 1 + sealBytes);
  if (pageToken(filter, position) !== token) throw failure('PAGE_TOKEN_INVALID', {});
  return position;
}

function seal(filter: readonly string[], position: string): Buffer {
  const text = JSON.stringify([...filter, position]);
  return createHash('sha256').update(text).digest().subarray(0, sealBytes);
}
