/** The files of a process's TLS: read, and held against each other, so that what is wrong is said of the file. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ClientTls, ServerTls } from '@connections/grpc';
import { type SettingProblem, SettingsError } from '../settings/settings-error.ts';
import type { Settings } from '../settings/settings-table.ts';
import { transportSettings } from '../settings/transport-settings.ts';

export type TlsSettings = Pick<
  Settings<typeof transportSettings>,
  'tlsCert' | 'tlsKey' | 'tlsClientCa' | 'tlsCa'
>;
type Row = keyof TlsSettings;

/** Undefined where the ports take plain text. Throws a SettingsError that names the file. */
export function readServerTls(settings: TlsSettings): ServerTls | undefined {
  const { tlsCert, tlsKey, tlsClientCa } = settings;
  if (tlsCert === undefined && tlsKey === undefined) {
    if (tlsClientCa === undefined) return undefined;
    throw missing('tlsCert', 'a file, as GRPC_TLS_CLIENT_CA is set');
  }
  const identity = readIdentity(settings);
  if (tlsClientCa === undefined) return identity;
  return { ...identity, ca: readCertificates(settings, 'tlsClientCa'), requireClientCertificate: true };
}

/** What this process reaches others with; undefined where that is plain text. Throws a SettingsError that names the file. */
export function readClientTls(settings: TlsSettings): ClientTls | undefined {
  const { tlsCert, tlsKey, tlsCa } = settings;
  if (tlsCa === undefined) return undefined;
  const ca = readCertificates(settings, 'tlsCa');
  return tlsCert === undefined && tlsKey === undefined ? { ca } : { ca, ...readIdentity(settings) };
}

function readIdentity(settings: TlsSettings): { readonly cert: string; readonly key: string } {
  const cert = readCertificates(settings, 'tlsCert');
  const key = readFile(settings, 'tlsKey');
  const parsed = attempt(() => createPrivateKey(key));
  if (!parsed) throw problem(settings, 'tlsKey', 'a PEM file with a private key that has no password');
  if (!new X509Certificate(cert).checkPrivateKey(parsed)) {
    throw problem(settings, 'tlsKey', `the key of the first certificate in ${transportSettings.tlsCert.env}`);
  }
  return { cert, key };
}

function readCertificates(settings: TlsSettings, row: Row): string {
  const text = readFile(settings, row);
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length > 0 && blocks.every((block) => attempt(() => new X509Certificate(block)))) return text;
  throw problem(settings, row, 'a PEM file with certificates');
}

function readFile(settings: TlsSettings, row: Row): string {
  const path = settings[row];
  if (path === undefined) {
    const other = row === 'tlsKey' ? transportSettings.tlsCert : transportSettings.tlsKey;
    throw missing(row, `a file, as ${other.env} is set`);
  }
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw problem(settings, row, `a file that can be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function problem(settings: TlsSettings, row: Row, expected: string): SettingsError {
  return failed({ variable: transportSettings[row].env, given: settings[row], expected });
}

function missing(row: Row, expected: string): SettingsError {
  return failed({ variable: transportSettings[row].env, given: undefined, expected: `expected ${expected}` });
}

function failed(found: SettingProblem): SettingsError {
  return new SettingsError([found]);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
