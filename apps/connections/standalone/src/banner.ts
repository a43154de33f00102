/** What a person sees when the services are up. */
import { styleText } from 'node:util';
import type { DriverDescription } from '@connections/runtime';
import type { ServiceAddress } from '@connections/runtime/host';

export interface BannerFacts {
  readonly version: string;
  readonly addresses: readonly ServiceAddress[];
  readonly drivers: readonly DriverDescription[];
  readonly readyMs: number;
  readonly colour: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** Programs may wait for its last line, `Connection Services is ready in <n> ms`. */
export function renderBanner({ version, addresses, drivers, readyMs, colour }: BannerFacts): string {
  const style = (format: Style, text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  const label = (text: string) => style('cyan', text.padEnd(11));
  const addressWidth = Math.max(...addresses.map(({ host, port }) => addressText(host, port).length));
  const driverWidth = Math.max(...drivers.map(({ driver }) => driver.length));
  return [
    style('bold', `Connection Services ${version}`),
    '',
    ...addresses.map(({ name, host, port, http }) => {
      const address = `  ${label(name)}${addressText(host, port).padEnd(addressWidth)}`;
      return http ? `${address}  http://${addressText(http.host, http.port)}` : address.trimEnd();
    }),
    '',
    ...drivers.map(
      ({ port, driver, persists, where }) =>
        `  ${label(port)}${driver.padEnd(driverWidth)}  ${persists ? `kept in ${where}` : 'lost when this process ends'}`,
    ),
    '',
    `  ${label('next')}npm run demo`,
    '',
    style('green', `Connection Services is ready in ${readyMs} ms`),
    '',
  ].join('\n');
}

function addressText(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
