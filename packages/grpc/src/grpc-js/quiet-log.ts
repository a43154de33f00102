/** Keeps grpc-js from writing to stderr by itself. */
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';

/** It logs, among other things, header values that clients sent. GRPC_VERBOSITY still turns its log on. */
export function quietLog(): void {
  const { GRPC_NODE_VERBOSITY, GRPC_VERBOSITY } = process.env;
  if ((GRPC_NODE_VERBOSITY ?? GRPC_VERBOSITY) === undefined) setLogVerbosity(logVerbosity.NONE);
}
