/** Every relative link of the documentation leads to a file, and its anchor to a heading there. */
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { documentFiles, prose, root } from './fenced-blocks.ts';

/** As the code hosts make them: letters, digits, hyphens and underscores of the text in lower case. */
function anchors(file: string): ReadonlySet<string> {
  const found = new Map<string, number>();
  const names = new Set<string>();
  for (const [, heading = ''] of prose(file).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const name = plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
    const times = found.get(name) ?? 0;
    found.set(name, times + 1);
    names.add(times === 0 ? name : `${name}-${times}`);
  }
  return names;
}

function brokenLinks(file: string): string[] {
  const text = prose(file).replace(/`[^`\n]*`/g, '');
  const targets = [
    ...text.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g),
    ...text.matchAll(/(?:src|srcset|href)="([^"]+)"/g),
  ].map(([, target = '']) => target);
  return targets.flatMap((target) => {
    if (/^(?:https?|mailto):/.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const linked = path === '' ? file : normalize(join(dirname(file), path));
    if (!existsSync(join(root, linked))) return [`${target}: there is no ${linked}`];
    if (anchor === undefined) return [];
    if (statSync(join(root, linked)).isDirectory() || !linked.endsWith('.md'))
      return [`${target}: only Markdown has anchors`];
    return anchors(linked).has(anchor) ? [] : [`${target}: ${linked} has no heading for it`];
  });
}

describe('the links of the documentation', () => {
  for (const file of documentFiles()) {
    it(`lead somewhere: ${file}`, () => assert.deepEqual(brokenLinks(file), []));
  }
});
