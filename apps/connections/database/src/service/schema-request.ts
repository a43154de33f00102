/** What a request on schemas may hold, documents apart. */
import { limits } from '@connections/runtime';
import type { RequestCheck } from '@connections/runtime/errors';
import type { SchemaRef, VersionSelector } from '../port/schemas.ts';

export interface SchemaSubmission {
  /** JSON text. */
  readonly document: string;
  readonly author: string;
  readonly note: string;
  /** The creation time as a client of the wire contract states it. */
  readonly statedAt?: string | undefined;
  /** Refuses an unknown name with NOT_FOUND instead of creating it. @default false */
  readonly mustExist?: boolean;
}

export function checkSchemaRef(check: RequestCheck, ref: SchemaRef): SchemaRef {
  const namespace = check.namespace(ref.namespace);
  check.name('name', ref.name, limits.keyBytes);
  return { namespace, name: ref.name };
}

export function checkSubmission(check: RequestCheck, submission: SchemaSubmission): void {
  checkMadeBy(check, submission);
  check.text('created_at', submission.statedAt ?? '', limits.noteBytes);
}

export function checkMadeBy(
  check: RequestCheck,
  { author, note }: Pick<SchemaSubmission, 'author' | 'note'>,
): void {
  check.label('author', author, limits.authorBytes);
  check.text('note', note, limits.noteBytes);
}

export function checkVersion(check: RequestCheck, version: number): void {
  check.integer('version', version, [1, Number.MAX_SAFE_INTEGER]);
}

export function checkSelector(check: RequestCheck, selector: VersionSelector): void {
  if (selector.by === 'version') checkVersion(check, selector.version);
  if (selector.by === 'fingerprint' && !/^[0-9a-f]{64}$/.test(selector.fingerprint)) {
    check.add('fingerprint', 'must be 64 lower-case hexadecimal digits');
  }
}
