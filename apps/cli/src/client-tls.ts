/** How commands reach services whose ports take TLS: by the variables that the services have for it. */
import { readFileSync } from 'node:fs';
import type { ClientTls } from '@connections/grpc';
import type { Environment } from '@connections/runtime';
import { usageError } from './cli-error.ts';

/** Undefined where the connection is plain: no `GRPC_TLS_CA` is set. */
export function clientTls({ GRPC_TLS_CA, GRPC_TLS_CERT, GRPC_TLS_KEY }: Environment): ClientTls | undefined {
  if (!GRPC_TLS_CA) return undefined;
  const ca = read('GRPC_TLS_CA', GRPC_TLS_CA);
  if (!GRPC_TLS_CERT || !GRPC_TLS_KEY) return { ca };
  return { ca, cert: read('GRPC_TLS_CERT', GRPC_TLS_CERT), key: read('GRPC_TLS_KEY', GRPC_TLS_KEY) };
}

function read(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw usageError(
      `${variable} is ${JSON.stringify(path)}, which cannot be read (${code})`,
      'set it to a PEM file, or unset it for a connection in plain text',
    );
  }
}
