/** What a token of the dual store says: opaque to callers, and what this test compares. */

export type ReadToken =
  | { readonly kind: 'STAMP'; readonly incarnation: string; readonly revision: number }
  | { readonly kind: 'GONE' }
  | { readonly kind: 'BUFFERED'; readonly request: string };

/** Throws for any other text. */
export function readTokenOf(text: string): ReadToken {
  const [, body = ''] = /^dual:1:(.*)$/s.exec(text) ?? [];
  const [incarnation, second, request] = JSON.parse(Buffer.from(body, 'base64url').toString()) as unknown[];
  if (incarnation === undefined) return { kind: 'GONE' };
  if (incarnation === '') return { kind: 'BUFFERED', request: String(request) };
  return { kind: 'STAMP', incarnation: String(incarnation), revision: Number(second) };
}
