/** What is wrong with the JSON of a request, and where in it. */
import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Registry,
} from '@bufbuild/protobuf';
import { didYouMean } from './nearest-names.ts';

export interface RequestFault {
  /** A line and column, or a path of fields; empty for the document as a whole. */
  readonly where: string;
  readonly problem: string;
  readonly hint: string | undefined;
}

interface RequestText {
  readonly type: DescMessage;
  readonly registry: Registry;
  readonly text: string;
}

// The library writes `cannot decode field a.B.c from JSON: ...`, `cannot decode message a.B from JSON: ...`.
const libraryText = /^cannot decode (?:(field|message|enum) )?(\S+) from JSON:? (.*)$/s;
const positionText = / in JSON at position (\d+)(?: \(line \d+ column \d+\))?$/;

/** @param error what the library threw for the text */
export function requestFault({ type, registry, text }: RequestText, error: Error): RequestFault {
  const [, kind, name = '', problem = error.message] = libraryText.exec(error.message) ?? [];
  const json = parsed(text);
  if (json === undefined) {
    const [, position] = positionText.exec(problem) ?? [];
    const where = position === undefined ? '' : lineAndColumn(text, Number(position));
    return { where, problem: problem.replace(positionText, ''), hint: undefined };
  }
  const { path, message } = innermost({ path: [], message: type, json }, registry);
  const at = (step: string) => [...path, step].join('.');
  const lastName = name.slice(name.lastIndexOf('.') + 1);
  if (kind === 'field') return { where: at(lastName), problem, hint: undefined };
  const values = registry.getEnum(name)?.values.map((value) => value.name);
  if (values) {
    const field = message.fields.find((each) => each.enum?.typeName === name);
    const hint = didYouMean(problem.replaceAll('"', ''), values) ?? `one of ${values.join(', ')}`;
    return { where: at(field?.jsonName ?? name), problem: `${problem} is no value of ${name}`, hint };
  }
  const where = path.join('.');
  const [, key] = /^key "(.*)" is unknown$/s.exec(problem) ?? [];
  if (key !== undefined) {
    const names = message.fields.map(({ jsonName }) => jsonName);
    return { where, problem, hint: didYouMean(key, names) };
  }
  return { where, problem: name === '' ? problem : `no ${name}: ${problem}`, hint: undefined };
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lineAndColumn(text: string, position: number): string {
  const lines = text.slice(0, position).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

interface Place {
  /** The fields that lead there. */
  readonly path: readonly string[];
  readonly message: DescMessage;
  readonly json: JsonValue;
}

/** The innermost message that is wrong: the library names the last step only. */
function innermost(place: Place, registry: Registry): Place {
  const { path, message, json } = place;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return place;
  for (const [key, value] of Object.entries(json)) {
    const field = message.fields.find(({ name, jsonName }) => name === key || jsonName === key);
    if (!field?.message) continue;
    for (const [step, item] of items(field, value)) {
      if (isSound(field.message, item, registry)) continue;
      return innermost({ path: [...path, `${key}${step}`], message: field.message, json: item }, registry);
    }
  }
  return place;
}

/** The messages in a field, each with the step that leads to it. */
function items(field: DescField, value: JsonValue): [string, JsonValue][] {
  if (typeof value !== 'object' || value === null) return [['', value]];
  if (field.fieldKind === 'list') {
    return Array.isArray(value) ? value.map((item, index) => [`[${index}]`, item]) : [];
  }
  if (field.fieldKind !== 'map' || Array.isArray(value)) return [['', value]];
  return Object.entries(value).map(([key, item]) => [`[${JSON.stringify(key)}]`, item]);
}

function isSound(type: DescMessage, json: JsonValue, registry: Registry): boolean {
  try {
    fromJson(type, json, { registry });
    return true;
  } catch {
    return false;
  }
}
