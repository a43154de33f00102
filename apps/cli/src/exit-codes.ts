/** What an exit code means: the table of `--help` and of the documentation. */
import { type StatusName, statusNumbers } from '@connections/grpc/status';

export const exitCodes = { ok: 0, failed: 1, usage: 2, failedCall: 64, interrupted: 130 } as const;

export const exitCodeMeanings: readonly { readonly code: string; readonly meaning: string }[] = [
  { code: '0', meaning: 'done' },
  { code: '1', meaning: 'failed; `health`: a service does not serve' },
  { code: '2', meaning: 'wrong use of the command, or settings that are not valid' },
  { code: '64 + n', meaning: 'a call failed with gRPC status n: 69 NOT_FOUND, 78 UNAVAILABLE' },
  { code: '130', meaning: 'interrupted with Ctrl-C' },
];

export function failedCallCode(status: StatusName): number {
  return exitCodes.failedCall + statusNumbers[status];
}
