/** What `doctor` finds: one line for each thing that it looks at. */
import { styleText } from 'node:util';
import { labelledLines } from '../labelled-lines.ts';

export interface Check {
  /** What was looked at. */
  readonly check: string;
  /** `warn` keeps nothing from working. */
  readonly status: 'ok' | 'warn' | 'FAIL';
  /** What was found, and after a colon what to do. */
  readonly message: string;
}

const colours = { ok: 'green', warn: 'yellow', FAIL: 'red' } as const;
const statusWidth = 4;

export function ok(check: string, message: string): Check {
  return { check, status: 'ok', message };
}

export function warn(check: string, message: string): Check {
  return { check, status: 'warn', message };
}

export function fail(check: string, message: string): Check {
  return { check, status: 'FAIL', message };
}

/** Nothing is cut: what to do stands at the end. */
export function checkLines(checks: readonly Check[], colour: boolean): string {
  const rows = checks.map(
    ({ check, status, message }) => [`${status.padEnd(statusWidth)}  ${check}`, message] as const,
  );
  const lines = labelledLines(rows).split('\n');
  if (!colour) return lines.join('\n');
  return checks
    .map(({ status }, index) => {
      const line = lines[index] ?? '';
      const word = styleText(colours[status], status, { validateStream: false });
      return word + line.slice(status.length);
    })
    .join('\n');
}
