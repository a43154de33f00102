/** The tokens of the task feed: which kind of feed gave one, and where that was. */
import { BSON, type Document } from 'mongodb';

export type FeedKind = 'stream' | 'poll';

export function feedToken(kind: FeedKind, place: Document): string {
  return `${kind}:1:${Buffer.from(BSON.EJSON.stringify(place)).toString('base64url')}`;
}

/** Undefined for what no feed of this kind gave. */
export function placeOf(kind: FeedKind, token: string): Document | undefined {
  const [given, version, text = ''] = token.split(':');
  if (given !== kind || version !== '1') return undefined;
  try {
    const place: unknown = BSON.EJSON.parse(Buffer.from(text, 'base64url').toString());
    return typeof place === 'object' && place !== null ? place : undefined;
  } catch {
    return undefined;
  }
}
