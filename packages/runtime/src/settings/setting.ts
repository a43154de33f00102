/** The rows of a settings table: one environment variable each, with its type, range, default and meaning. */
import { z } from 'zod';
import { addressWithoutPassword, mask } from '../mask.ts';
import { bytesText, parseBytes } from './byte-size.ts';
import type { Settings, SettingsTable } from './settings-table.ts';
import { schemeOf } from './store-url.ts';

/** What a setting comes to, where it is not set, by others of the environment. */
export interface Derivation<T> {
  /** The variable that brings it about. */
  readonly from: string;
  value(read: <Table extends SettingsTable>(table: Table) => Settings<Table>): T | undefined;
}

export interface Setting<T> {
  /** The environment variable. */
  readonly env: string;
  /** Undefined when the setting may stay unset. */
  readonly default: T;
  /** What a value must be, unit and range included, as in `expected a whole number from 0 to 65535`. */
  readonly expects: string;
  /** One sentence for the documentation. */
  readonly doc: string;
  /** Never shown; `<env>_FILE` may name a file that holds the value. */
  readonly secret: boolean;
  /** @default none: the default counts */
  readonly derived?: Derivation<T>;
  /** Reads the text of the variable. */
  readonly schema: z.ZodType<T>;
  /** The value as text, for people: credentials are masked. */
  show(value: T): string;
}

interface Row<D> {
  readonly env: string;
  readonly default: D;
  readonly doc: string;
}

interface Range {
  /** @default 0 */
  readonly min?: number;
  readonly max: number;
}

type Maybe<T> = T | undefined;

function text<D extends Maybe<string>>(row: Row<D>): Setting<string | D> {
  return made(row, 'text', z.string(), String);
}

function secret<D extends Maybe<string>>(row: Row<D>): Setting<string | D> {
  return { ...made(row, 'text', z.string(), () => mask), secret: true };
}

function integer<D extends Maybe<number>>(row: Row<D> & Range): Setting<number | D> {
  return wholeNumber(row, row, 'a whole number');
}

/** 0 lets the system pick a free port. */
function port<D extends Maybe<number>>(row: Row<D>): Setting<number | D> {
  return wholeNumber(row, { max: 65_535 }, 'a port');
}

function seconds<D extends Maybe<number>>(row: Row<D> & Range): Setting<number | D> {
  return wholeNumber(row, row, 'whole seconds');
}

function milliseconds<D extends Maybe<number>>(row: Row<D> & Range): Setting<number | D> {
  return wholeNumber(row, row, 'whole milliseconds');
}

/** Bytes, as a plain number or with a unit: `1048576`, `512 KiB`, `3MiB`. */
function bytes<D extends Maybe<number>>(row: Row<D> & Range): Setting<number | D> {
  const min = row.min ?? 0;
  const schema = z.string().transform(parseBytes).pipe(z.number().min(min).max(row.max));
  return made(row, `bytes from ${bytesText(min)} to ${bytesText(row.max)}`, schema, bytesText);
}

function choice<const C extends string, const D extends C | undefined>(
  row: Row<D> & { readonly choices: readonly C[] },
): Setting<C | D> {
  return made<C, D>(row, `one of ${row.choices.join(', ')}`, z.enum(row.choices), String);
}

function boolean<D extends Maybe<boolean>>(row: Row<D>): Setting<boolean | D> {
  return made(row, 'true or false', z.stringbool(), String);
}

/** A URL of one of the schemes, each with its colon: `embedded:`, `redis:`. It may name several hosts. */
function url<D extends Maybe<string>>(
  row: Row<D> & { readonly schemes: readonly string[]; readonly derived?: Derivation<string> },
): Setting<string | D> {
  const schema = z.string().refine((value) => row.schemes.includes(schemeOf(value) ?? ''));
  const expects = `a valid URL that starts with ${row.schemes.join(' or ')}`;
  const { derived } = row;
  return { ...made(row, expects, schema, addressWithoutPassword), ...(derived && { derived }) };
}

export const setting = {
  text,
  secret,
  integer,
  port,
  seconds,
  milliseconds,
  bytes,
  choice,
  boolean,
  url,
} as const;

function wholeNumber<D extends Maybe<number>>(row: Row<D>, range: Range, noun: string): Setting<number | D> {
  const min = range.min ?? 0;
  const schema = z
    .string()
    .regex(/^[+-]?\d+$/)
    .transform(Number)
    .pipe(z.number().min(min).max(range.max));
  return made(row, `${noun} from ${min} to ${range.max}`, schema, String);
}

function made<T, D extends Maybe<T>>(
  row: Row<D>,
  expects: string,
  schema: z.ZodType<T>,
  show: (value: T) => string,
): Setting<T | D> {
  return {
    env: row.env,
    default: row.default,
    doc: row.doc,
    expects,
    schema,
    secret: false,
    show: (value) => (value === undefined ? '' : show(value as T)),
  };
}
