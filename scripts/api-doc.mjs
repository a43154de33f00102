/** Writes the pages of the v1 API from the protos: services, methods, messages and enums with their comments. */
import { fromBinary } from '@bufbuild/protobuf';
import {
  FileDescriptorSetSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';

/** Places in a descriptor's source info: numbers of the fields of descriptor.proto. */
const at = { messages: 4, enums: 5, services: 6, syntax: 12, fields: 2, nested: 3, innerEnums: 4, oneofs: 8 };

/** By path of the page: its text. `image` is a descriptor set with source info. */
export function renderApiDocs(image) {
  const pages = new Map();
  for (const file of fromBinary(FileDescriptorSetSchema, image).file) {
    const [, area] = /^connections\.(\w+)\.v1$/.exec(file.package) ?? [];
    if (area) pages.set(`docs/api/${area}.md`, renderPage(file));
  }
  return pages;
}

function renderPage(file) {
  const source = new Source(file);
  const messages = file.messageType.flatMap((message, index) => described(message, [at.messages, index], ''));
  const enums = [
    ...file.enumType.map((type, index) => ({ type, path: [at.enums, index], name: type.name })),
    ...messages.flatMap(({ type, path, name }) =>
      type.enumType.map((inner, index) => ({
        type: inner,
        path: [...path, at.innerEnums, index],
        name: `${name}.${inner.name}`,
      })),
    ),
  ];
  const page = {
    source,
    names: new Set([...messages, ...enums].map(({ name }) => name)),
    package: file.package,
  };
  return `${[
    `# ${file.package}`,
    source.comment([at.syntax]),
    `Generated from [${file.name}](../../packages/proto/${file.name}) by \`npm run gen\`.`,
    ...file.service.flatMap((service, index) => renderService(page, service, [at.services, index])),
    '## Messages',
    ...messages.flatMap((message) => renderMessage(page, message)),
    ...(enums.length > 0 ? ['## Enums', ...enums.flatMap((type) => renderEnum(page, type))] : []),
  ]
    .filter(Boolean)
    .join('\n\n')}\n`;
}

/** A message and those inside it, save the entries that the compiler makes of maps. */
function described(type, path, outer) {
  const name = outer ? `${outer}.${type.name}` : type.name;
  const inner = type.nestedType.flatMap((nested, index) =>
    nested.options?.mapEntry ? [] : described(nested, [...path, at.nested, index], name),
  );
  return [{ type, path, name }, ...inner];
}

function renderService(page, service, path) {
  const rows = service.method.map((method, index) => {
    const side = (type, streams) => `${streams ? 'stream of ' : ''}${link(page, type)}`;
    return [
      `\`${method.name}\``,
      side(method.inputType, method.clientStreaming),
      side(method.outputType, method.serverStreaming),
      page.source.comment([...path, at.fields, index]),
    ];
  });
  const full = `\`${page.package}.${service.name}\``;
  const comment = page.source.comment(path);
  return [
    `## ${service.name}`,
    `Full name ${full}.${comment ? ` ${comment}` : ''}`,
    table(['rpc', 'request', 'response', 'what it does'], rows),
  ];
}

function renderMessage(page, { type, path, name }) {
  const rows = type.field.map((field, index) => [
    `\`${field.name}\``,
    String(field.number),
    typeOf(page, type, field),
    [
      page.source.comment([...path, at.fields, index]),
      Object.hasOwn(field, 'oneofIndex') && !field.proto3Optional
        ? `One of \`${type.oneofDecl[field.oneofIndex].name}\`.`
        : '',
    ]
      .filter(Boolean)
      .join(' '),
  ]);
  const oneofs = type.oneofDecl.map((oneof, index) => {
    const comment = page.source.comment([...path, at.oneofs, index]);
    return comment && `\`${oneof.name}\`: ${comment}`;
  });
  return [
    `### ${name}`,
    page.source.comment(path),
    ...oneofs,
    rows.length > 0 ? table(['field', 'number', 'type', 'meaning'], rows) : 'No fields.',
  ];
}

function renderEnum(page, { type, path, name }) {
  const rows = type.value.map((value, index) => [
    `\`${value.name}\``,
    String(value.number),
    page.source.comment([...path, at.fields, index]),
  ]);
  return [`### ${name}`, page.source.comment(path), table(['value', 'number', 'meaning'], rows)];
}

function typeOf(page, message, field) {
  const name = field.typeName ? link(page, field.typeName) : `\`${Type[field.type].toLowerCase()}\``;
  const entry = message.nestedType.find(
    ({ name: own, options }) => options?.mapEntry && field.typeName.endsWith(`.${message.name}.${own}`),
  );
  if (entry) return `map of ${entry.field.map((part) => typeOf(page, entry, part)).join(' to ')}`;
  if (field.label === Label.REPEATED) return `repeated ${name}`;
  return field.proto3Optional ? `optional ${name}` : name;
}

/** A type of this page by its heading, a type of Google's by its name. */
function link(page, typeName) {
  const name = typeName.replace(`.${page.package}.`, '');
  if (page.names.has(name)) return `[${name}](#${name.toLowerCase().replaceAll('.', '')})`;
  return `\`${typeName.slice(1)}\``;
}

/** The comments of a file, found by path. */
class Source {
  #comments;

  constructor(file) {
    this.#comments = new Map(
      file.sourceCodeInfo?.location.map(({ path, leadingComments, trailingComments }) => [
        path.join('.'),
        oneLine(`${leadingComments} ${trailingComments}`),
      ]),
    );
  }

  comment(path) {
    return this.#comments.get(path.join('.')) ?? '';
  }
}

/** As Markdown, which takes angle brackets for tags. */
function oneLine(comment) {
  return comment.replace(/\s+/g, ' ').replaceAll('<', '&lt;').trim();
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
