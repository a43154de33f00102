/** The log of a process: one line per event on standard error, made of known fields only. */
import { type DestinationStream, pino } from 'pino';
import { textLine } from './log-text.ts';
import { withoutPasswords } from './mask.ts';

/** All that a log line may hold besides its message. Never a key, a value or a message of a caller. */
export interface LogFields {
  readonly service?: string;
  readonly address?: string;
  /** Address of the side port. */
  readonly http?: string;
  /** `cache`, `broker`, ... */
  readonly port?: string;
  /** Path of the rpc. */
  readonly method?: string;
  /** Name of the status that the call ended with. */
  readonly status?: string;
  readonly reason?: string;
  /** The failure stands in the reply, whose status is OK. */
  readonly inBand?: boolean;
  readonly ms?: number;
  readonly peer?: string;
  readonly principal?: string;
  readonly call?: string;
  /** Of the span that the line is written in, named as OpenTelemetry names them in logs. */
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly signal?: string;
  readonly folder?: string;
  readonly count?: number;
  readonly err?: unknown;
}

type Write = (fields: LogFields, message: string) => void;

export interface Log {
  /** Lines at debug are written. To be asked where making one costs time on every call. */
  readonly debugs: boolean;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

export interface LogOptions {
  /** @default info */
  readonly level?: 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined;
  /** @default text on a terminal, json elsewhere */
  readonly format?: 'json' | 'text' | undefined;
  /** @default standard error, so that standard output stays free for what a person or a script asked for */
  readonly write?: (line: string) => void;
}

// What the type lets through is what is written, also when a caller got around the type.
const allowed = new Set<string>([
  'service',
  'address',
  'http',
  'port',
  'method',
  'inBand',
  'status',
  'reason',
  'ms',
  'peer',
  'principal',
  'call',
  'trace_id',
  'span_id',
  'signal',
  'folder',
  'count',
  'err',
] satisfies (keyof LogFields)[]);

export function createLog(options: LogOptions = {}): Log {
  const write = options.write ?? ((line) => process.stderr.write(line));
  const format = options.format ?? (process.stderr.isTTY ? 'text' : 'json');
  const destination: DestinationStream = {
    // A second wall: drivers put the addresses that they were given into the messages of their errors.
    write: (line) => write(withoutPasswords(format === 'text' ? textLine(line) : line)),
  };
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: errorFields },
      formatters: {
        level: (level) => ({ level }),
        log: (fields) => Object.fromEntries(Object.entries(fields).filter(([name]) => allowed.has(name))),
      },
    },
    destination,
  );
  return {
    debugs: logger.isLevelEnabled('debug'),
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}

/** Of an error, nothing but these: vendors hang whole requests and connection options on theirs. */
function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = (error as NodeJS.ErrnoException).code;
  return {
    type: name,
    message,
    ...(code === undefined ? {} : { code }),
    stack,
    ...(cause === undefined ? {} : { cause: errorFields(cause) }),
  };
}
