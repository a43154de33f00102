/** How a process reaches other services of ours, by its settings. */
import type { Channel } from '@connections/grpc';
import type { processSettings } from '../settings/process-settings.ts';
import type { Settings } from '../settings/settings-table.ts';
import { readClientTls } from './tls-files.ts';
import { loadTransport } from './transport.ts';

/** Rejects with a SettingsError when the files of its TLS cannot be used. */
export async function serviceChannels(
  settings: Settings<typeof processSettings>,
): Promise<(address: string) => Channel> {
  const { openChannel } = await loadTransport(settings.grpcTransport);
  if (!readClientTls(settings)) return (address) => openChannel(address);
  return (address) => openChannel(address, () => readClientTls(settings) ?? {});
}
