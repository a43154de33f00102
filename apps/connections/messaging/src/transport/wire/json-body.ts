/** Reads fields out of the JSON body of a message: defaults for what is missing, a TypeError for what is misshapen. */

export type Json = Readonly<Record<string, unknown>>;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws when it is not an object in JSON. */
export function readJson(body: Uint8Array): Json {
  return asObject(JSON.parse(utf8.decode(body)), 'body') ?? misshapen('body is null');
}

/** Undefined when the field is missing or null. */
export function objectField(json: Json, name: string): Json | undefined {
  return asObject(ownField(json, name), name);
}

/** Empty when the field is missing or null. */
export function textField(json: Json, name: string): string {
  return asText(ownField(json, name) ?? '');
}

export function booleanField(json: Json, name: string): boolean {
  const value = ownField(json, name) ?? false;
  return typeof value === 'boolean' ? value : misshapen(`${name} is neither true nor false`);
}

const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** Zero when the field is missing or null. A whole number, or one written as text. */
export function int64Field(json: Json, name: string): bigint {
  const value = ownField(json, name) ?? 0;
  const whole = typeof value === 'number' ? Number.isInteger(value) : /^-?\d{1,19}$/.test(String(value));
  const number = whole ? BigInt(value as number | string) : undefined;
  if (number === undefined || number < int64.min || number > int64.max) misshapen(`${name} is not an int64`);
  return number as bigint;
}

/** Values as text, whatever they are. Empty when the field is missing or null. */
export function textMapField(json: Json, name: string): Map<string, string> {
  return new Map(Object.entries(objectField(json, name) ?? {}).map(([key, value]) => [key, asText(value)]));
}

export function textListField(json: Json, name: string): string[] {
  const value = ownField(json, name) ?? [];
  return Array.isArray(value) ? value.map(asText) : misshapen(`${name} is not a list`);
}

/** Text as it stands, anything else as its JSON. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

// A field named as a member of Object.prototype is missing unless the body has it.
function ownField(json: Json, name: string): unknown {
  return Object.hasOwn(json, name) ? json[name] : undefined;
}

function asObject(value: unknown, name: string): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) misshapen(`${name} is not an object`);
  return value as Json;
}

function misshapen(problem: string): never {
  throw new TypeError(problem);
}
