/** Checks the messages of a publish request. */
import { limits } from '@connections/runtime';
import type { RequestCheck } from '@connections/runtime/errors';

/** A message as its publisher gives it. */
export interface NewMessage {
  /** Made by the service when empty. */
  readonly id: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly subject: string;
}

const contentTypeBytes = 256;

export function checkMessage(
  check: RequestCheck,
  field: string,
  message: NewMessage,
  maxBodyBytes: number,
): void {
  check.label(`${field}.id`, message.id, limits.keyBytes);
  check.size(`${field}.body`, message.body.length, maxBodyBytes);
  check.label(`${field}.content_type`, message.contentType, contentTypeBytes);
  checkHeaders(check, `${field}.headers`, message.headers);
  checkSubject(check, `${field}.subject`, message.subject);
}

function checkHeaders(check: RequestCheck, field: string, headers: ReadonlyMap<string, string>): void {
  if (headers.size > limits.headerKeys) {
    check.add(field, `has ${headers.size} headers; the limit is ${limits.headerKeys}`);
    return;
  }
  let bytes = 0;
  for (const [name, value] of headers) {
    check.name(`${field} key`, name, limits.headerBytes);
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  check.size(field, bytes, limits.headerBytes);
}

/** `category/id`; the id may hold further slashes. */
function checkSubject(check: RequestCheck, field: string, subject: string): void {
  if (subject === '') return;
  const slash = subject.indexOf('/');
  if (slash < 1 || slash === subject.length - 1) {
    check.add(field, 'must be the category and the id of a task with a slash between them');
    return;
  }
  check.name(field, subject.slice(0, slash), limits.categoryBytes);
  check.name(field, subject.slice(slash + 1), limits.keyBytes);
}
