/** Settings as they stand, for people: values, where they come from, nothing secret. */
import { mask, withoutPasswords } from '../mask.ts';
import type { EnvironmentLayer } from './environment-layers.ts';
import { givenText } from './read-settings.ts';
import type { Setting } from './setting.ts';
import type { Environment, SettingsTable } from './settings-table.ts';

export interface SettingDescription {
  readonly env: string;
  /** Masked where secret; empty when unset. */
  readonly value: string;
  /** `file` is the file that `<env>_FILE` names. */
  readonly origin: 'default' | 'file' | EnvironmentLayer['origin'];
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
    const given = givenText(row, env, () => {});
    return {
      env: row.env,
      value: given === undefined ? row.show(row.default) : shownText(row, given.text),
      origin:
        given?.origin === 'environment'
          ? (origins.get(row.env) ?? given.origin)
          : (given?.origin ?? 'default'),
      expects: row.expects,
      doc: row.doc,
    };
  });
}

function shownText(row: Setting<unknown>, text: string): string {
  if (row.secret) return mask;
  const read = row.schema.safeParse(text);
  return read.success ? row.show(read.data) : withoutPasswords(text);
}
