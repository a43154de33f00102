/** `docs/errors.md`, made from the catalogue of errors. */
import type { reasons } from '../errors/catalogue.ts';
import { markdownTable } from './markdown-table.ts';

export function renderErrorsDoc(catalogue: typeof reasons): string {
  const rows = Object.entries(catalogue).map(([reason, { status, message, advice, retryMs }]) => [
    `\`${reason}\``,
    status,
    message,
    retryMs === undefined ? '' : `after ${retryMs} ms`,
    advice,
  ]);
  return `# Errors

A failed call carries a gRPC status and a \`google.rpc.ErrorInfo\` detail with the domain \`connections\` and one of these
reasons. Programs decide by status and reason; the message is for people. Where a retry helps, a \`RetryInfo\` detail has
the delay.

${markdownTable(['reason', 'status', 'message', 'retry', 'what to do'], rows)}
`;
}
