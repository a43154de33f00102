/** A message as JSON with every field there, to be filled in. */
import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type JsonValue,
  ScalarType,
} from '@bufbuild/protobuf';

/** Messages of the library of types that have a form of their own in JSON; wrappers are as their `value`. */
const ownForms = new Map<string, JsonValue>([
  ['google.protobuf.Timestamp', '1970-01-01T00:00:00Z'],
  ['google.protobuf.Duration', '0s'],
  ['google.protobuf.FieldMask', ''],
  ['google.protobuf.Struct', {}],
  ['google.protobuf.Value', null],
  ['google.protobuf.ListValue', []],
  ['google.protobuf.Any', {}],
]);
const wrapper = /^google\.protobuf\.(Double|Float|U?Int64|U?Int32|Bool|String|Bytes)Value$/;

const longs: readonly ScalarType[] = [
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
  ScalarType.SINT64,
];

/** Of each oneof its first member only: a message with two is refused. A message inside itself is left out. */
export function requestTemplate(type: DescMessage): JsonValue {
  return messageTemplate(type, []);
}

function messageTemplate(type: DescMessage, inside: readonly DescMessage[]): JsonValue {
  const ownForm = ownForms.get(type.typeName);
  if (ownForm !== undefined) return ownForm;
  const [first] = type.fields;
  if (first && wrapper.test(type.typeName)) return itemTemplate(first, inside);
  const around = [...inside, type];
  const fields = type.fields.filter(
    (field) =>
      (field.oneof === undefined || field.oneof.fields[0] === field) &&
      !(field.message && around.includes(field.message)),
  );
  return Object.fromEntries(fields.map((field) => [field.jsonName, fieldTemplate(field, around)]));
}

function fieldTemplate(field: DescField, inside: readonly DescMessage[]): JsonValue {
  if (field.fieldKind === 'list') return [itemTemplate(field, inside)];
  if (field.fieldKind === 'map') return { [keyTemplate(field.mapKey)]: itemTemplate(field, inside) };
  return itemTemplate(field, inside);
}

/** What one item of a list or a map, or the field itself, holds. */
function itemTemplate(field: DescField, inside: readonly DescMessage[]): JsonValue {
  if (field.message) return messageTemplate(field.message, inside);
  if (field.enum) return enumTemplate(field.enum);
  return field.scalar === undefined ? null : scalarTemplate(field.scalar);
}

function enumTemplate({ values }: DescEnum): JsonValue {
  return values[0]?.name ?? 0;
}

function scalarTemplate(scalar: ScalarType): JsonValue {
  if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES) return '';
  if (scalar === ScalarType.BOOL) return false;
  return longs.includes(scalar) ? '0' : 0;
}

function keyTemplate(scalar: ScalarType): string {
  return scalar === ScalarType.STRING ? 'key' : String(scalarTemplate(scalar));
}
