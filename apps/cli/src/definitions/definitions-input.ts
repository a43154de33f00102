/** Reads a definitions file, from a path or from standard input. */
import { createReadStream } from 'node:fs';
import { usageError } from '../cli-error.ts';
import { type CheckedDefinitions, checkDefinitions } from './check-definitions.ts';
import { maxDefinitionsBytes } from './definitions-format.ts';

/** `-` is standard input. Refuses a file with any fault as wrong use, and says where in it the fault is. */
export async function readDefinitions(
  path: string,
  stdin: NodeJS.ReadableStream,
): Promise<CheckedDefinitions> {
  const name = path === '-' ? 'standard input' : path;
  return checkDefinitions(parsed(await bytesOf(path, stdin, name), name), name);
}

async function bytesOf(path: string, stdin: NodeJS.ReadableStream, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of path === '-' ? stdin : createReadStream(path)) {
      const bytes = Buffer.from(chunk);
      length += bytes.length;
      if (length > maxDefinitionsBytes) break;
      chunks.push(bytes);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw usageError(`${name} cannot be read`, code === 'ENOENT' ? 'there is no such file' : message);
  }
  if (length > maxDefinitionsBytes) {
    throw usageError(`${name} is too long`, `definitions take at most ${maxDefinitionsBytes} bytes`);
  }
  return Buffer.concat(chunks);
}

function parsed(bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError) throw usageError(`${name} is not JSON`, error.message);
    if (error instanceof TypeError) throw usageError(`${name} is not UTF-8`);
    throw error;
  }
}
