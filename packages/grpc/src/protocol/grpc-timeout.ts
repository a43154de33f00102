/** The `grpc-timeout` header, both ways. */

const unitMs = new Map([
  ['H', 3_600_000],
  ['M', 60_000],
  ['S', 1_000],
  ['m', 1],
  ['u', 0.001],
  ['n', 0.000_001],
]);

/** Those that a timeout in milliseconds is written in, the finest first. */
const writtenUnits = [
  ['m', 1],
  ['S', 1_000],
  ['M', 60_000],
] as const;
/** The gRPC specification gives the number eight digits. */
const largestNumber = 99_999_999;

/** Milliseconds, rounded up; undefined when the text is not what the gRPC specification allows. */
export function parseGrpcTimeout(text: string): number | undefined {
  const unit = unitMs.get(text.slice(-1));
  return unit !== undefined && /^\d{1,8}.$/.test(text)
    ? Math.ceil(Number(text.slice(0, -1)) * unit)
    : undefined;
}

/** Rounded up to what the unit can say. Less than 0 is 0; more than 99 999 999 hours, Infinity too, is just that. */
export function formatGrpcTimeout(timeoutMs: number): string {
  for (const [unit, ms] of writtenUnits) {
    const number = Math.ceil(Math.max(timeoutMs, 0) / ms);
    if (number <= largestNumber) return `${number}${unit}`;
  }
  return `${Math.min(Math.ceil(timeoutMs / 3_600_000), largestNumber)}H`;
}
