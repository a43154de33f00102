/** The variables that the services know, as .env.example lists them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './image-root.ts';

export const settingNames: ReadonlySet<string> = new Set(
  Array.from(
    readFileSync(join(repository, '.env.example'), 'utf8').matchAll(/^#([A-Z][A-Z0-9_]*)=/gm),
    ([, name = '']) => name,
  ),
);
