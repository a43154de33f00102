/** Runs parts one after the other and keeps what they measured. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchOptions } from './bench-options.ts';
import { benchParts } from './bench-parts.ts';
import { pinningText } from './child/pinning.ts';
import { chooseLoad } from './load/choose-load.ts';
import type { Effort } from './measure/interleave.ts';
import { describeMachine, describeOccasion, loadAverage } from './measure/machine.ts';
import { type BenchPart, type BenchTools, PartMissingError } from './parts/bench-part.ts';
import type { PartResults, Results } from './report/results.ts';
import { renderPicture } from './report/results-picture.ts';
import { renderTable } from './report/results-table.ts';

const fullEffort: Effort = { warmUps: 1, repetitions: 5, runMs: 2_000, scale: 1 };
const quickEffort: Effort = { warmUps: 0, repetitions: 1, runMs: 200, scale: 0.02 };

export interface BenchSurroundings {
  /** Takes the tables. */
  readonly print: (text: string) => void;
  /** Takes what is going on. */
  readonly note: (text: string) => void;
  /** Root of the checkout. */
  readonly root: string;
  readonly nodeVersion: string;
}

export async function runBench(options: BenchOptions, surroundings: BenchSurroundings): Promise<void> {
  const { print, note, root } = surroundings;
  const { quick, asked } = options;
  const chosen = chosenParts(options, note);
  const begin = performance.now();
  const loadBefore = loadAverage();
  const load = chooseLoad(options.load);
  const { scale } = options;
  const tools: BenchTools = { effort: quick ? quickEffort : fullEffort, load, scale, note };
  const parts: PartResults[] = [];
  try {
    for (const part of chosen) {
      const results = await runPart(part, tools);
      print(renderTable(results));
      parts.push(results);
    }
  } finally {
    await load.generator[Symbol.asyncDispose]();
  }
  const results: Results = {
    format: 1,
    ...describeOccasion(root),
    machine: {
      ...describeMachine(surroundings.nodeVersion),
      pinning: pinningText,
      load: [loadBefore, loadAverage()],
    },
    loadGenerator: load.name,
    quick,
    durationSeconds: Math.round((performance.now() - begin) / 1_000),
    parts,
  };
  // A quick run leaves the kept results alone.
  const folder = options.folder ?? (quick ? undefined : join(root, 'bench/results'));
  if (folder !== undefined) note(`written: ${keep(results, folder, asked.join('-') || 'all').join(', ')}`);
}

/** Of those that are meant, all that can be run here. */
function chosenParts({ asked, parts }: BenchOptions, note: (text: string) => void): BenchPart[] {
  return benchParts.filter(({ name, missing }) => {
    if (!parts.includes(name)) return false;
    const reason = missing?.();
    if (reason === undefined) return true;
    const problem = `${name} cannot be measured: ${reason}`;
    if (asked.includes(name)) throw new PartMissingError(problem);
    note(problem);
    return false;
  });
}

async function runPart(part: BenchPart, tools: BenchTools): Promise<PartResults> {
  const { name, title } = part;
  tools.note(`${name}: ${title}`);
  return { name, title, measurements: await part.run(tools) };
}

function keep(results: Results, folder: string, name: string): string[] {
  mkdirSync(folder, { recursive: true });
  const files = [
    { file: join(folder, `${name}.json`), content: `${JSON.stringify(results, undefined, 2)}\n` },
    { file: join(folder, `${name}.svg`), content: renderPicture(results) },
  ];
  for (const { file, content } of files) writeFileSync(file, content);
  return files.map(({ file }) => file);
}
