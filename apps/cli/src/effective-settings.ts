/** The settings as the services would read them, for people and for programs. */
import {
  describeSettings,
  readAllSettings,
  type SettingDescription,
  SettingsError,
} from '@connections/runtime';
import { type EnvironmentLayer, layerEnvironment } from '@connections/runtime/environment';
import { standaloneSettings } from '@connections/standalone';
import { usageError } from './cli-error.ts';
import { printJson } from './json-output.ts';
import { type Column, renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface SettingsView {
  /** Only what is not the default. */
  readonly changed?: true;
  readonly json?: true;
}

const columns: readonly Column[] = [
  { title: 'VARIABLE', whole: true },
  { title: 'VALUE' },
  { title: 'ORIGIN', style: (origin) => (origin === 'default' ? 'dim' : undefined) },
];

/** Prints the settings; throws after them, a line for each problem, when the services would not start on them. */
export function printSettings(
  layers: readonly EnvironmentLayer[],
  view: SettingsView,
  terminal: Terminal,
): void {
  const { env, origins } = layerEnvironment(layers);
  const described = new Map<string, SettingDescription>();
  for (const table of Object.values(standaloneSettings)) {
    for (const setting of describeSettings(table, env, origins)) {
      if (!view.changed || setting.origin !== 'default') described.set(setting.env, setting);
    }
  }
  const settings = [...described.values()];
  if (view.json) {
    printJson(terminal, { settings: settings.map(toJson) });
  } else if (settings.length === 0) {
    terminal.note('every setting is at its default');
  } else {
    const rows = settings.map((setting) => [setting.env, setting.value || '-', shown(setting)]);
    terminal.print(renderTable({ columns, rows }, terminal));
  }
  try {
    readAllSettings(standaloneSettings, env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw usageError(error.message);
  }
}

function toJson({ env, value, origin, from, expects }: SettingDescription) {
  return { variable: env, value, origin, from, expects };
}

function shown({ origin, from }: SettingDescription): string {
  if (origin === 'file') return 'secret file';
  if (origin === 'derived') return `by ${from}`;
  return origin === '.env' ? '.env file' : origin;
}
