/** The head of a call as an attacker sends it. */
import type { RawField } from '../raw-http2-peer.ts';

/** Of the method that answers with a stream. */
export const requestHead: readonly RawField[] = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/test.Notes/List'],
  [':authority', 'localhost'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
];
