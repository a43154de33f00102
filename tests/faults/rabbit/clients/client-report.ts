/** How a client process tells its parent what happened, so that nothing that it told is lost when it is killed. */
import { writeSync } from 'node:fs';

/** One line, written before anything else happens. Words are separated by blanks. */
export function report(...words: readonly (string | number)[]): void {
  writeSync(1, `${words.join(' ')}\n`);
}

/** What the parent gave this process to do. */
export function taskOf<Task>(): Task {
  return JSON.parse(process.argv[2] ?? '') as Task;
}

/** Aborts when the parent has closed the input of this process: it is to end in order. */
export function untilInputEnds(onLine: (line: string) => void = () => {}): AbortSignal {
  const over = new AbortController();
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (text: string) => {
    for (const line of text.split('\n')) if (line !== '') onLine(line);
  });
  process.stdin.once('end', () => over.abort());
  return over.signal;
}
