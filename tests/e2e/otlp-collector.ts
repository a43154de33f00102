/** An OTLP/HTTP collector on a socket of its own, which keeps the spans that it is sent. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { eventually } from '@connections/testing';

export interface Span {
  readonly service: string;
  readonly name: string;
  readonly kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the root of a trace. */
  readonly parentId: string;
  readonly attributes: ReadonlyMap<string, unknown>;
  /** Span ids. */
  readonly links: readonly string[];
  readonly failed: boolean;
}

/** How a collector can be of no use. */
type Manner = 'takes' | 'hangs' | 'refuses';

export class OtlpCollector implements AsyncDisposable {
  readonly spans: Span[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  readonly #server: Server;

  private constructor(manner: Manner) {
    this.#server = createServer((request, response) => {
      this.headers.push(request.headers);
      if (manner === 'hangs') return;
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        if (manner === 'takes') this.spans.push(...exportedSpans(Buffer.concat(chunks)));
        response.writeHead(manner === 'takes' ? 200 : 403).end();
      });
    });
  }

  static async open(manner: Manner = 'takes'): Promise<OtlpCollector> {
    const collector = new OtlpCollector(manner);
    await once(collector.#server.listen(0, '127.0.0.1'), 'listening');
    return collector;
  }

  get endpoint(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  /** The first span that has come, or comes, under this name. */
  span(name: string, matches: (span: Span) => boolean = () => true): Promise<Span> {
    return eventually(() => {
      const found = this.spans.find((span) => span.name === name && matches(span));
      if (found) return found;
      throw new Error(`no such span ${name} among ${this.spans.map((span) => span.name).join(', ')}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const kinds = ['INTERNAL', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;
type Field = Uint8Array | number;

/** Of an ExportTraceServiceRequest of opentelemetry-proto. */
function exportedSpans(request: Uint8Array): Span[] {
  return messages(request, 1).flatMap((resourceSpans) => {
    const [resource = new Uint8Array()] = messages(resourceSpans, 1);
    const service = String(attributesOf(messages(resource, 1)).get('service.name'));
    return messages(resourceSpans, 2)
      .flatMap((scopeSpans) => messages(scopeSpans, 2))
      .map((span) => spanOf(span, service));
  });
}

function spanOf(bytes: Uint8Array, service: string): Span {
  const fields = fieldsOf(bytes);
  const hex = (number: number) => Buffer.from((fields.get(number)?.[0] as Uint8Array) ?? []).toString('hex');
  const [status = new Uint8Array()] = messages(bytes, 15);
  return {
    service,
    name: text(fields.get(5)?.[0]),
    kind: kinds[Number(fields.get(6)?.[0] ?? 0)] ?? 'INTERNAL',
    traceId: hex(1),
    spanId: hex(2),
    parentId: hex(4),
    attributes: attributesOf(messages(bytes, 9)),
    links: messages(bytes, 13).map((link) => Buffer.from(messages(link, 2)[0] ?? []).toString('hex')),
    failed: fieldsOf(status).get(3)?.[0] === 2,
  };
}

function attributesOf(pairs: readonly Uint8Array[]): Map<string, unknown> {
  return new Map(
    pairs.map((pair) => {
      const [value = new Uint8Array()] = messages(pair, 2);
      const [[kind, [first] = []] = []] = fieldsOf(value);
      return [text(fieldsOf(pair).get(1)?.[0]), kind === 1 ? text(first) : first];
    }),
  );
}

function messages(bytes: Uint8Array, number: number): Uint8Array[] {
  return (fieldsOf(bytes).get(number) ?? []).filter((field) => typeof field !== 'number');
}

function fieldsOf(bytes: Uint8Array): Map<number, Field[]> {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, Field[]>();
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (wire === WireType.LengthDelimited)
      fields.set(number, [...(fields.get(number) ?? []), reader.bytes()]);
    else if (wire === WireType.Varint) fields.set(number, [Number(reader.uint64())]);
    else reader.skip(wire);
  }
  return fields;
}

function text(field: Field | undefined): string {
  return Buffer.from((field as Uint8Array | undefined) ?? []).toString();
}
