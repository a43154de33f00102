/** The messages of the wire contract that start work, as its existing publishers write them. */
import type { OutgoingMessage } from './outgoing-message.ts';

interface Request {
  /** Of the task, which names the message, too. */
  readonly id: string;
  readonly importName: string;
  /** @default now */
  readonly date?: Date;
  /** @default none */
  readonly extra?: ReadonlyMap<string, unknown>;
}

/** Goes to the exchange of the contract with the routing key `schemas.update`. */
export interface SchemaRequest extends Request {
  readonly task: 'upload_schema' | 'remove_schema';
  /** `schema`, `type`, `required` and `properties`. @default null, as for a removal */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** @default false */
  readonly raw?: boolean;
}

/** Goes to the exchange of the contract with the routing key `validation.request`. */
export interface ValidationRequest extends Request {
  readonly file: Uint8Array;
  readonly filename: string;
  readonly contentType: string;
}

export function schemaRequest({
  id,
  importName,
  task,
  schema,
  raw,
  date,
  extra,
}: SchemaRequest): OutgoingMessage {
  return json('schemas', id, {
    id,
    schema: schema ?? null,
    import_name: importName,
    raw: raw ?? false,
    tasks: task,
    ...dated(date, extra),
  });
}

export function validationRequest(request: ValidationRequest): OutgoingMessage {
  const { id, importName, file, filename, contentType, date, extra } = request;
  return json('validation', id, {
    id,
    task: 'sample_validation',
    file_data: Buffer.from(file.buffer, file.byteOffset, file.length).toString('hex'),
    import_name: importName,
    metadata: { filename, content_type: contentType, size: file.length },
    ...dated(date, extra),
  });
}

function dated(date = new Date(), extra: Request['extra'] = new Map()) {
  return { date: date.toISOString(), extra: Object.fromEntries(extra) };
}

function json(category: string, id: string, body: object): OutgoingMessage {
  return { id, body: JSON.stringify(body), contentType: 'application/json', subject: `${category}/${id}` };
}
