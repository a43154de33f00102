/** The fenced blocks of the documentation, and the words that say how each is checked. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface FencedBlock {
  readonly file: string;
  /** Of its first line of text. */
  readonly line: number;
  /** `sh`, `text`, ...: empty where there is none. */
  readonly language: string;
  /** The words behind it. */
  readonly words: readonly string[];
  readonly text: string;
}

/** Every Markdown file of the repository that people read as documentation. */
export function documentFiles(): readonly string[] {
  const list = ['ls-files', '-co', '--exclude-standard', '-z', '*.md'];
  return execFileSync('git', list, { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file && existsSync(join(root, file)))
    .sort();
}

export function readDocument(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

export function fencedBlocks(file: string): readonly FencedBlock[] {
  const blocks: FencedBlock[] = [];
  const lines = readDocument(file).split('\n');
  for (let index = 0; index < lines.length; index++) {
    const [, indent = '', fence, info = ''] = /^( *)(`{3,}|~{3,})(.*)$/.exec(lines[index] ?? '') ?? [];
    if (!fence) continue;
    const first = index + 1;
    while (++index < lines.length && (lines[index] ?? '').trim() !== fence);
    if (index >= lines.length) throw new Error(`${file}:${first}: the block is never closed`);
    const [language = '', ...words] = info.trim().split(/\s+/);
    const text = lines.slice(first, index).map((line) => line.slice(indent.length));
    blocks.push({ file, line: first + 1, language, words, text: text.join('\n') });
  }
  return blocks;
}

/** The text without its blocks, whose brackets are no links and whose hashes no headings. */
export function prose(file: string): string {
  return readDocument(file).replace(/^( *)(`{3,}|~{3,}).*\n[\s\S]*?\n *\2 *$/gm, '');
}
