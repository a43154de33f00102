/** Reads tables of settings from the environment: everything at once, or one error with every problem. */
import { readFileSync } from 'node:fs';
import { addressWithoutPassword, mask } from '../mask.ts';
import type { Setting } from './setting.ts';
import { type SettingProblem, SettingsError } from './settings-error.ts';
import type { Environment, Settings, SettingsTable } from './settings-table.ts';
import { unknownVariables } from './unknown-variables.ts';

/** What stands in the environment for a setting, before it is understood. */
export interface Given {
  readonly text: string;
  readonly origin: 'environment' | 'file';
}

/**
 * Reads one table. `alsoKnown` names the variables of tables that are read elsewhere, so that services can share an
 * environment. Throws a SettingsError.
 */
export function readSettings<Table extends SettingsTable>(
  table: Table,
  env: Environment,
  alsoKnown: readonly string[] = [],
): Settings<Table> {
  return readAllSettings({ table }, env, alsoKnown).table;
}

/** Reads several tables, which may share rows, and reports the problems of all of them together. */
export function readAllSettings<Tables extends Readonly<Record<string, SettingsTable>>>(
  tables: Tables,
  env: Environment,
  alsoKnown: readonly string[] = [],
): { readonly [Name in keyof Tables]: Settings<Tables[Name]> } {
  const known = Object.values(tables).flatMap(variablesOf);
  const problems = new Map<string, SettingProblem>();
  const report = (problem: SettingProblem) => problems.set(problem.variable, problem);
  const settings = Object.entries(tables).map(([name, table]) => {
    return [name, Object.freeze(valuesOf(table, env, report))];
  });
  for (const problem of unknownVariables(env, [...known, ...alsoKnown])) report(problem);
  if (problems.size > 0) throw new SettingsError([...problems.values()]);
  return Object.fromEntries(settings);
}

/** Every variable that a table reads. */
export function variablesOf(table: SettingsTable): string[] {
  return Object.values(table).flatMap((row) => (row.secret ? [row.env, fileVariable(row)] : [row.env]));
}

function fileVariable(row: Setting<unknown>): string {
  return `${row.env}_FILE`;
}

function valuesOf<Table extends SettingsTable>(
  table: Table,
  env: Environment,
  report: (problem: SettingProblem) => void,
): Settings<Table> {
  const values = Object.entries(table).map(([key, row]) => [key, readValue(row, env, report)]);
  return Object.fromEntries(values);
}

function readValue(
  row: Setting<unknown>,
  env: Environment,
  report: (problem: SettingProblem) => void,
): unknown {
  const given = givenText(row, env, report);
  if (given === undefined) return derivedValue(row, env) ?? row.default;
  const read = row.schema.safeParse(given.text);
  if (read.success) return read.data;
  report({
    variable: row.env,
    given: row.secret ? mask : addressWithoutPassword(given.text),
    expected: row.expects,
  });
  return row.default;
}

/** What is wrong with the settings that it follows from is reported where these are read. */
export function derivedValue<T>(row: Setting<T>, env: Environment): T | undefined {
  return row.derived?.value((table) => valuesOf(table, env, () => {}));
}

/** Empty text counts as unset, as compose files write it. */
export function givenText(
  row: Setting<unknown>,
  env: Environment,
  report: (problem: SettingProblem) => void,
): Given | undefined {
  const text = env[row.env] || undefined;
  const file = row.secret ? env[fileVariable(row)] || undefined : undefined;
  if (file === undefined) return text === undefined ? undefined : { text, origin: 'environment' };
  if (text !== undefined) {
    report({ variable: row.env, given: undefined, expected: `set it or ${fileVariable(row)}, not both` });
    return undefined;
  }
  try {
    return { text: readFileSync(file, 'utf8').replace(/\r?\n$/, ''), origin: 'file' };
  } catch {
    report({ variable: fileVariable(row), given: file, expected: 'a file that can be read' });
    return undefined;
  }
}
