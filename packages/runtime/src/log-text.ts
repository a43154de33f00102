/** A log line for people at a terminal. */

interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly err?: { readonly message: string; readonly stack?: string };
  readonly [field: string]: unknown;
}

/** From the JSON of a line: time, level, message, then the fields; the stack of an error on lines of its own. */
export function textLine(json: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(json) as LogLine;
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
  const head = [time.slice(11, 23), level.toUpperCase().padEnd(5), msg, ...rest].join(' ');
  return err === undefined ? `${head}\n` : `${head}\n${stackOf(err)}`;
}

function stackOf(error: {
  readonly message: string;
  readonly stack?: string;
  readonly cause?: unknown;
}): string {
  const own = `  ${(error.stack ?? error.message).replaceAll('\n', '\n  ')}\n`;
  const cause = error.cause as { readonly message: string } | undefined;
  return cause === undefined ? own : `${own}  caused by\n${stackOf(cause)}`;
}
