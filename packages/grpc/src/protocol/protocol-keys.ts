/** Header names of the protocols below: no caller's to set, and of no use to one. */

const names = new Set([
  'connection',
  'content-length',
  'content-type',
  'date',
  'grpc-accept-encoding',
  'grpc-encoding',
  'grpc-message',
  'grpc-status',
  'grpc-status-details-bin',
  'grpc-timeout',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Of a header that was received: it is none of the call's metadata. */
export function isProtocolKey(name: string): boolean {
  return names.has(name);
}

/** Of metadata that is to be sent: all that begins with `grpc-` belongs to gRPC, and may stand beside the status of the call. */
export function isReservedKey(name: string): boolean {
  return names.has(name) || name.startsWith('grpc-');
}
