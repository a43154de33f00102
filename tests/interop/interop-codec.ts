/** Codecs of the messages of gRPC's interoperability test, from tables of their fields. */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import type { MessageCodec } from '@connections/grpc';

/** A field of a message, as protobuf's wire has it: with its default, how it is written, and how one value is read. */
interface Field<T> {
  readonly number: number;
  readonly initial: T;
  write(writer: BinaryWriter, number: number, value: T): void;
  read(reader: BinaryReader, before: T): T;
}

type Fields<M> = { readonly [Name in keyof M]: Field<M[Name]> };

export function int32(number: number): Field<number> {
  return {
    number,
    initial: 0,
    write: (writer, tag, value) => value !== 0 && writer.uint32(tag << 3).int32(value),
    read: (reader) => reader.int32(),
  };
}

export function text(number: number): Field<string> {
  return {
    number,
    initial: '',
    write: (writer, tag, value) => value !== '' && writer.uint32((tag << 3) | 2).string(value),
    read: (reader) => reader.string(),
  };
}

export function bytes(number: number): Field<Uint8Array> {
  return {
    number,
    initial: new Uint8Array(),
    write: (writer, tag, value) => value.length > 0 && writer.uint32((tag << 3) | 2).bytes(value),
    read: (reader) => reader.bytes(),
  };
}

export function message<M extends object>(number: number, codec: MessageCodec<M>): Field<M | undefined> {
  return {
    number,
    initial: undefined,
    write: (writer, tag, value) => value && writer.uint32((tag << 3) | 2).bytes(codec.encode(value)),
    read: (reader) => codec.decode(reader.bytes()),
  };
}

export function repeated<M extends object>(number: number, codec: MessageCodec<M>): Field<readonly M[]> {
  return {
    number,
    initial: [],
    write: (writer, tag, values) => {
      for (const value of values) writer.uint32((tag << 3) | 2).bytes(codec.encode(value));
    },
    read: (reader, before) => [...before, codec.decode(reader.bytes())],
  };
}

export function codecOf<M extends object>(fields: Fields<M>): MessageCodec<M> {
  const table = Object.entries(fields) as [keyof M & string, Field<unknown>][];
  const initial = () => Object.fromEntries(table.map(([name, field]) => [name, field.initial])) as M;
  return {
    encode(value) {
      const writer = new BinaryWriter();
      // A message within a partial one has none of the defaults.
      for (const [name, field] of table) field.write(writer, field.number, value[name] ?? field.initial);
      return writer.finish();
    },
    decode(input) {
      const reader = new BinaryReader(input);
      const value = initial();
      while (reader.pos < reader.len) {
        const [number, wireType] = reader.tag();
        const entry = table.find(([, field]) => field.number === number);
        if (entry) Object.assign(value, { [entry[0]]: entry[1].read(reader, value[entry[0]]) });
        else reader.skip(wireType);
      }
      return value;
    },
    create: (partial) => ({ ...initial(), ...partial }),
  };
}
