/** Shows a task moving from status to status: with a progress bar on a terminal, with plain lines elsewhere. */
import type { DatabaseClient } from '@connections/proto-utils';
import type { Task } from '@connections/proto-utils/v1/tasks';

const ended = new Set(['completed', 'error']);
const width = 30;

/** Resolves with the task once it has ended; prints each change of status and the progress in `data.checked`. */
export async function followTask(
  database: DatabaseClient,
  ref: { category: string; id: string },
): Promise<Task> {
  let shown = 0n;
  for (;;) {
    const { task } = await database.tasks.get(ref);
    const { transitions } = await database.tasks.listTransitions(ref);
    for (const { revision, status, message } of transitions) {
      if (revision <= shown) continue;
      print(`status     ${status}: ${message}\n`);
      shown = revision;
    }
    if (task && ended.has(task.status)) return task;
    if (task) showProgress(Number(task.data.get('checked') ?? 0), Number(task.data.get('rows') ?? 0));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function showProgress(checked: number, rows: number): void {
  if (!process.stdout.isTTY || rows === 0) return;
  const filled = Math.round((checked / rows) * width);
  process.stdout.write(
    `\r           [${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${checked} of ${rows} rows`,
  );
}

function print(line: string): void {
  process.stdout.write(process.stdout.isTTY ? `\r\x1b[K${line}` : line);
}
