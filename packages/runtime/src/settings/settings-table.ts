/** A table of settings and the type of what is read through it. */
import type { Setting } from './setting.ts';

export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;

/** One value per row, under the row's key. */
export type Settings<Table extends SettingsTable> = {
  readonly [Key in keyof Table]: Table[Key] extends Setting<infer T> ? T : never;
};

/** Environment variables, handed in: only main.ts touches those of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

export function defineSettings<const Table extends SettingsTable>(table: Table): Table {
  return Object.freeze(table);
}
