/** Services, methods and messages as a .proto file would have them. */
import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescOneof,
  type DescService,
  ScalarType,
} from '@bufbuild/protobuf';
import { isRequestStream, isResponseStream } from './dynamic-method.ts';

export type Described = DescService | DescMethod | DescMessage | DescEnum;

/** The thing itself, then every message and enum that it needs, but those of the library of types. */
export function protoText(described: Described): string {
  const home = packageOf(described);
  const parts = [`package ${home};`, text(described, home)];
  for (const type of neededBy(described)) {
    if (type !== described) parts.push(text(type, home));
  }
  return parts.join('\n\n');
}

function packageOf(described: Described): string {
  const { file } = described.kind === 'rpc' ? described.parent : described;
  return file.proto.package;
}

function text(described: Described, home: string): string {
  const name = (typeName: string) => shortName(typeName, home);
  switch (described.kind) {
    case 'service':
      return block(
        `service ${name(described.typeName)}`,
        described.methods.map((method) => rpc(method, home)),
      );
    case 'rpc':
      return `// ${described.parent.typeName}/${described.name}\n${rpc(described, home)}`;
    case 'enum':
      return block(
        `enum ${name(described.typeName)}`,
        described.values.map((value) => `${value.name} = ${value.number};`),
      );
    case 'message':
      return block(
        `message ${name(described.typeName)}`,
        described.members.flatMap((member) => memberLines(member, home)),
      );
  }
}

function rpc(method: DescMethod, home: string): string {
  const takes = `${isRequestStream(method) ? 'stream ' : ''}${shortName(method.input.typeName, home)}`;
  const answers = `${isResponseStream(method) ? 'stream ' : ''}${shortName(method.output.typeName, home)}`;
  return `rpc ${method.name}(${takes}) returns (${answers});`;
}

function memberLines(member: DescField | DescOneof, home: string): string[] {
  if (member.kind === 'field') return [fieldLine(member, home)];
  return block(
    `oneof ${member.name}`,
    member.fields.map((field) => fieldLine(field, home)),
  ).split('\n');
}

function fieldLine(field: DescField, home: string): string {
  const deprecated = field.deprecated ? ' [deprecated = true]' : '';
  return `${label(field)}${fieldType(field, home)} ${field.name} = ${field.number}${deprecated};`;
}

function label(field: DescField): string {
  if (field.fieldKind === 'list') return 'repeated ';
  return field.proto.proto3Optional ? 'optional ' : '';
}

function fieldType(field: DescField, home: string): string {
  const item = field.message ?? field.enum;
  const type = item ? shortName(item.typeName, home) : scalarName(field.scalar);
  return field.fieldKind === 'map' ? `map<${scalarName(field.mapKey)}, ${type}>` : type;
}

function scalarName(scalar: ScalarType | undefined): string {
  return scalar === undefined ? '' : ScalarType[scalar].toLowerCase();
}

/** Names of the same package are written without it. */
export function shortName(typeName: string, home: string): string {
  return home !== '' && typeName.startsWith(`${home}.`) ? typeName.slice(home.length + 1) : typeName;
}

function block(head: string, lines: readonly string[]): string {
  if (lines.length === 0) return `${head} {}`;
  return [`${head} {`, ...lines.map((line) => `  ${line}`), '}'].join('\n');
}

/** Breadth first: what is nearest to the thing comes first. */
function neededBy(described: Described): Iterable<DescMessage | DescEnum> {
  const needed = new Set<DescMessage | DescEnum>();
  const add = (type: DescMessage | DescEnum | undefined) => {
    if (type && type.file.proto.package !== 'google.protobuf') needed.add(type);
  };
  if (described.kind === 'message' || described.kind === 'enum') needed.add(described);
  const methods =
    described.kind === 'service' ? described.methods : described.kind === 'rpc' ? [described] : [];
  for (const { input, output } of methods) {
    add(input);
    add(output);
  }
  // A set goes on to what is added while it is walked.
  for (const type of needed) {
    if (type.kind === 'message') for (const field of type.fields) add(field.message ?? field.enum);
  }
  return needed;
}
