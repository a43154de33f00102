/** The status codes of gRPC, by name and by number. Loads no transport. */

export const statusNumbers = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type StatusName = keyof typeof statusNumbers;
/** A status that a call can fail with. */
export type FailureStatus = Exclude<StatusName, 'OK'>;

const names = Object.keys(statusNumbers) as StatusName[];

/** The name of a status number; UNKNOWN for a number outside 0..16, as the gRPC specification asks. */
export function statusName(number: number): StatusName {
  return names[number] ?? 'UNKNOWN';
}
