/** The transport that the suites of the services run on: that of the services, by the same variable. */
import { processSettings, readSettings } from '@connections/runtime';
import { loadTransport } from '@connections/runtime/host';

const { GRPC_TRANSPORT } = process.env;

/** For the environment of a process, or of settings, that a test makes up. */
export const transportVariables: Readonly<Record<string, string>> = GRPC_TRANSPORT ? { GRPC_TRANSPORT } : {};

export const { createServer: createTestServer, openChannel: openTestChannel } = await loadTransport(
  readSettings(processSettings, transportVariables).grpcTransport,
);
