/** Settings as they stand, for people: values, where they come from, nothing secret. */
import { addressWithoutPassword, mask } from '../mask.ts';
import type { EnvironmentLayer } from './environment-layers.ts';
import { derivedValue, givenText } from './read-settings.ts';
import type { Setting } from './setting.ts';
import type { Environment, SettingsTable } from './settings-table.ts';

export interface SettingDescription {
  readonly env: string;
  /** Masked where secret; empty when unset. */
  readonly value: string;
  /** `file` is the file that `<env>_FILE` names, `derived` means from another setting. */
  readonly origin: 'default' | 'derived' | 'file' | EnvironmentLayer['origin'];
  /** The variable that a derived value follows from. */
  readonly from?: string;
  readonly expects: string;
  readonly doc: string;
}

/**
 * Describes the environment even where a value in it is not valid; such a value is shown as it was given. `origins` tells
 * where a variable was set, in the environment where it tells nothing.
 */
export function describeSettings(
  table: SettingsTable,
  env: Environment,
  origins: ReadonlyMap<string, EnvironmentLayer['origin']> = new Map(),
): SettingDescription[] {
  return Object.values(table).map((row) => {
    const { env: variable, expects, doc } = row;
    const given = givenText(row, env, () => {});
    if (given === undefined) return { env: variable, ...unsetValue(row, env), expects, doc };
    const origin = given.origin === 'file' ? 'file' : (origins.get(variable) ?? 'environment');
    return { env: variable, value: shownText(row, given.text), origin, expects, doc };
  });
}

function unsetValue(
  row: Setting<unknown>,
  env: Environment,
): Pick<SettingDescription, 'value' | 'origin' | 'from'> {
  const derived = derivedValue(row, env);
  if (!row.derived || derived === undefined) return { value: row.show(row.default), origin: 'default' };
  return { value: row.show(derived), origin: 'derived', from: row.derived.from };
}

function shownText(row: Setting<unknown>, text: string): string {
  if (row.secret) return mask;
  const read = row.schema.safeParse(text);
  return read.success ? row.show(read.data) : addressWithoutPassword(text);
}
