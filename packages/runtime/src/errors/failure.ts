/** Makes the errors of the catalogue. The only way code of ours makes a StatusError. */
import { type BadRequest, type ErrorDetail, StatusError } from '@connections/grpc/status';
import { type catalogue, type Reason, reasons } from './catalogue.ts';

export const errorDomain = 'connections';

type ParameterNames<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterNames<Rest>
  : never;

type Parameters<R extends Reason> = Readonly<
  Record<ParameterNames<(typeof catalogue)[R]['message']>, string | number>
>;

interface FailureOptions {
  readonly cause?: unknown;
  readonly violations?: BadRequest['violations'];
}

/** The error for a reason. The parameters fill its message and travel as ErrorInfo metadata: nothing secret in them. */
export function failure<R extends Reason>(
  reason: R,
  parameters: Parameters<R>,
  options: FailureOptions = {},
): StatusError {
  const entry = reasons[reason];
  const metadata = Object.fromEntries(
    Object.entries<string | number>(parameters).map(([name, value]) => [name, String(value)]),
  );
  const message = entry.message.replace(/\{(\w+)\}/g, (_, name: string) => metadata[name] ?? '');
  const details: ErrorDetail[] = [{ kind: 'ErrorInfo', reason, domain: errorDomain, metadata }];
  if (options.violations) details.push({ kind: 'BadRequest', violations: options.violations });
  if (entry.retryMs !== undefined) details.push({ kind: 'RetryInfo', delayMs: entry.retryMs });
  return new StatusError(entry.status, message, { details, cause: options.cause });
}

/** INVALID_ARGUMENT for one field, named by its path in the request message. */
export function invalidField(field: string, description: string): StatusError {
  return failure(
    'INVALID_REQUEST',
    { problem: `${field}: ${description}` },
    { violations: [{ field, description }] },
  );
}
