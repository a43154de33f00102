/** The `content-type` of gRPC. */

/** `application/grpc`, alone or as `application/grpc+proto`, with parameters or without. */
export function isGrpcContentType(value: string | undefined): boolean {
  return (
    value === 'application/grpc' ||
    (value !== undefined && /^application\/grpc(\+proto)?\s*(;|$)/i.test(value))
  );
}
