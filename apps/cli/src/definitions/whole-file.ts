/** Writes a file that is there as a whole or not at all: until its end the text goes into another beside it. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, stat } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';

/** Each of `lines` is one line or several. Replaces what is there. Returns the bytes that were written. */
export async function writeWholeFile(
  path: string,
  lines: AsyncIterable<string>,
  interrupted: AbortSignal,
): Promise<number> {
  const { target, draft } = await destination(path);
  const file = await open(draft, 'w').catch((error) => {
    throw new CliError(`${path} cannot be written`, { hint: error.code ?? error.message, cause: error });
  });
  // After Ctrl-C nothing is waited for: the process ends when its listeners have run.
  const discard = () => draft !== target && rmSync(draft, { force: true });
  interrupted.addEventListener('abort', discard, { once: true });
  try {
    const bytes = await writeLines(file, lines);
    if (draft === target) return bytes;
    await file.sync();
    await rename(draft, target);
    return bytes;
  } catch (error) {
    discard();
    throw error;
  } finally {
    interrupted.removeEventListener('abort', discard);
    await file.close();
  }
}

/** What is no file, such as a device, cannot be replaced: it is written to. */
async function destination(path: string): Promise<{ readonly target: string; readonly draft: string }> {
  const target = await realpath(path).catch(() => path);
  const known = await stat(target).catch(() => undefined);
  return { target, draft: known && !known.isFile() ? target : `${target}.${randomUUID()}.partial` };
}

async function writeLines(file: FileHandle, lines: AsyncIterable<string>): Promise<number> {
  let bytes = 0;
  for await (const line of lines) {
    const chunk = Buffer.from(`${line}\n`);
    await file.writeFile(chunk);
    bytes += chunk.length;
  }
  return bytes;
}
