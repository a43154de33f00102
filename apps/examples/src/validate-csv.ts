/** Checks the rows of a CSV file against a JSON Schema and says where they break it. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { RE2JS } from 're2js';
import { inferSchema, initParser } from 'udsv';

export interface RowError {
  readonly line: number;
  readonly column: string;
  readonly problem: string;
}

export interface Summary {
  readonly rows: number;
  readonly badRows: number;
  /** The first ten. */
  readonly errors: readonly RowError[];
}

/** `onRow` is awaited before each row with the number of rows checked and of all. */
export async function validateCsv(
  csv: string,
  schemaText: string,
  onRow: (checked: number, total: number) => Promise<void>,
): Promise<Summary> {
  const schema = JSON.parse(schemaText);
  const valid = compile(schema);
  const parser = initParser(inferSchema(csv));
  const rows = parser.stringArrs<string[]>(csv);
  const columns = parser.schema.cols.map(({ name }) => ({ name, type: schema.properties?.[name]?.type }));
  const errors: RowError[] = [];
  let badRows = 0;
  let line = 2; // the header is line 1
  for (const [index, row] of rows.entries()) {
    await onRow(index, rows.length);
    const record = Object.fromEntries(
      columns.map(({ name, type }, at) => [name, typed(row[at] ?? '', type)]),
    );
    if (!valid(record)) {
      badRows += 1;
      if (errors.length < 10) errors.push({ line, ...described(valid.errors?.[0]) });
    }
    line += row.join('').split('\n').length; // a quoted field may hold line breaks
  }
  return { rows: rows.length, badRows, errors };
}

// Whoever registers a schema chooses its patterns: a linear-time engine runs them.
const linearTime = Object.assign((pattern: string) => RE2JS.compile(pattern), { code: 're2' });

function compile(schema: object): ValidateFunction {
  const ajv = new Ajv2020({ code: { regExp: linearTime } });
  formats.default(ajv);
  return ajv.compile(schema);
}

/** CSV knows only text: a cell becomes what its column should hold, where it can. */
function typed(cell: string, type: string | undefined): unknown {
  if ((type === 'integer' || type === 'number') && cell.trim() !== '' && !Number.isNaN(Number(cell)))
    return Number(cell);
  if (type === 'boolean' && (cell === 'true' || cell === 'false')) return cell === 'true';
  return cell;
}

function described(error: ErrorObject | undefined): { column: string; problem: string } {
  const column = error?.instancePath.slice(1) || String(error?.params.missingProperty ?? '');
  return { column, problem: error?.message ?? 'does not match the schema' };
}
