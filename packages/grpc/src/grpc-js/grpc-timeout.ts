/** The `grpc-timeout` header. */

const unitMs = new Map([
  ['H', 3_600_000],
  ['M', 60_000],
  ['S', 1_000],
  ['m', 1],
  ['u', 0.001],
  ['n', 0.000_001],
]);

/** Milliseconds, rounded up; undefined when the text is not what the gRPC specification allows. */
export function parseGrpcTimeout(text: string): number | undefined {
  const unit = unitMs.get(text.slice(-1));
  return unit !== undefined && /^\d{1,8}.$/.test(text)
    ? Math.ceil(Number(text.slice(0, -1)) * unit)
    : undefined;
}
