/** Which file of the protos declares what, of the files that some services need. */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { descriptorSet } from '@connections/proto-utils/descriptors';

export interface DescribedFile {
  readonly name: string;
  /** A google.protobuf.FileDescriptorProto. */
  readonly bytes: Uint8Array;
  readonly imports: readonly DescribedFile[];
}

/** What a file and a message can both declare. */
interface Scope {
  readonly messages: readonly DescriptorProto[];
  readonly enums: readonly EnumDescriptorProto[];
  readonly extensions: readonly FieldDescriptorProto[];
}

export class DescriptorIndex {
  readonly services: readonly string[];
  readonly #files = new Map<string, DescribedFile>();
  readonly #symbols = new Map<string, DescribedFile>();
  /** By the message that is extended, then by number. */
  readonly #extensions = new Map<string, Map<number, DescribedFile>>();

  /** @param services full names; throws for one that no file declares. */
  constructor(services: readonly string[]) {
    this.services = services;
    const { file } = fromBinary(FileDescriptorSetSchema, Buffer.from(descriptorSet, 'base64'));
    const protos = new Map(file.map((proto) => [proto.name, proto]));
    const declaring = new Map(
      file.flatMap((proto) => proto.service.map(({ name }) => [within(proto.package, name), proto.name])),
    );
    for (const service of services) this.#add(declaring.get(service) ?? service, protos);
  }

  file(name: string): DescribedFile | undefined {
    return this.#files.get(name);
  }

  /** @param symbol full name of a service, method, message, field, oneof, enum, enum value or extension. */
  declaring(symbol: string): DescribedFile | undefined {
    return this.#symbols.get(symbol);
  }

  extension(message: string, number: number): DescribedFile | undefined {
    return this.#extensions.get(message)?.get(number);
  }

  /** Undefined for a message that is not declared here. */
  extensionNumbers(message: string): number[] | undefined {
    const extensions = this.#extensions.get(message);
    return extensions && [...extensions.keys()];
  }

  #add(name: string, protos: ReadonlyMap<string, FileDescriptorProto>): DescribedFile {
    const known = this.#files.get(name);
    if (known) return known;
    const proto = protos.get(name);
    if (!proto) throw new Error(`the descriptors have nothing of ${name}`);
    const file = {
      name,
      bytes: toBinary(FileDescriptorProtoSchema, proto),
      imports: proto.dependency.map((imported) => this.#add(imported, protos)),
    };
    this.#files.set(name, file);
    const { package: scope, messageType: messages, enumType: enums, extension: extensions } = proto;
    this.#addScope(scope, { messages, enums, extensions }, file);
    for (const service of proto.service) {
      const serviceName = within(scope, service.name);
      this.#symbols.set(serviceName, file);
      for (const method of service.method) this.#symbols.set(within(serviceName, method.name), file);
    }
    return file;
  }

  #addScope(scope: string, { messages, enums, extensions }: Scope, file: DescribedFile): void {
    for (const message of messages) this.#addMessage(within(scope, message.name), message, file);
    for (const { name, value } of enums) {
      // The values of an enum are its siblings.
      for (const each of [name, ...value.map((one) => one.name)])
        this.#symbols.set(within(scope, each), file);
    }
    for (const { name, extendee, number } of extensions) {
      this.#symbols.set(within(scope, name), file);
      // Written from the root: `.package.Message`.
      this.#extensionsOf(extendee.slice(1)).set(number, file);
    }
  }

  #addMessage(name: string, message: DescriptorProto, file: DescribedFile): void {
    this.#symbols.set(name, file);
    this.#extensionsOf(name);
    const { nestedType: messages, enumType: enums, extension: extensions } = message;
    this.#addScope(name, { messages, enums, extensions }, file);
    for (const member of [...message.field, ...message.oneofDecl]) {
      this.#symbols.set(within(name, member.name), file);
    }
  }

  #extensionsOf(message: string): Map<number, DescribedFile> {
    let extensions = this.#extensions.get(message);
    if (!extensions) {
      extensions = new Map();
      this.#extensions.set(message, extensions);
    }
    return extensions;
  }
}

function within(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`;
}
