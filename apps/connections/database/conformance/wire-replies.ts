/** How replies of v1 become answers of a port. */
import assert from 'node:assert/strict';
import { isStatusError } from '@connections/grpc/status';

/** Undefined where v1 answers NOT_FOUND. */
export async function ifFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isStatusError(error) && error.status === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** A field that every such reply has. */
export function given<T>(field: T | undefined, name: string): T {
  assert.ok(field !== undefined, `the reply lacks ${name}`);
  return field;
}

/** Ports go on after a key, v1 goes on from a token: which token stands for which key of which listing. */
export class PageTokens {
  readonly #tokens = new Map<string, string>();

  remember(listing: readonly unknown[], after: unknown, token: string): void {
    this.#tokens.set(JSON.stringify([listing, after]), token);
  }

  of(listing: readonly unknown[], after: unknown): string {
    return given(
      this.#tokens.get(JSON.stringify([listing, after])),
      `a page that ended with ${String(after)}`,
    );
  }
}
