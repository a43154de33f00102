/** The settings of the side port, the same rows for each service, and the address that they mean. */
import type { ListenAddress } from '../composed-service.ts';
import { setting } from './setting.ts';
import { defineSettings } from './settings-table.ts';

export function sidePortSettings<Prefix extends string>(prefix: Prefix, usualPort: number) {
  return defineSettings({
    httpHost: setting.text({
      env: `${prefix}_HTTP_HOST`,
      default: undefined,
      doc: `The address of the side port, for /healthz, /readyz and /metrics. Unset: that of ${prefix}_CONNECTION_HOST.`,
    }),
    httpPort: setting.port({
      env: `${prefix}_HTTP_PORT`,
      default: undefined,
      doc: `The side port. Unset: the port after ${prefix}_CONNECTION_PORT, which is ${usualPort}; a free one when that is 0.`,
    }),
  });
}

export interface SidePortSettings {
  /** Of the service's own port. */
  readonly host: string;
  readonly port: number;
  readonly httpHost: string | undefined;
  readonly httpPort: number | undefined;
}

const lastPort = 65_535;

export function sidePortAddress(settings: SidePortSettings, portVariable: string): ListenAddress {
  const { host, port, httpHost = host, httpPort } = settings;
  const following = port === 0 || port === lastPort ? 0 : port + 1;
  return { host: httpHost, port: httpPort ?? following, portVariable };
}
