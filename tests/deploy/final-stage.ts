/** What the last stage of a Dockerfile says, for tests that put its image together without an engine. */
import { readFileSync } from 'node:fs';

export interface FinalStage {
  /** Out of the stage before. */
  readonly copies: readonly {
    readonly from: string;
    readonly to: string;
    readonly owner: string | undefined;
  }[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly healthcheck: readonly string[];
}

/** Reads the forms that our Dockerfiles use; BuildKit reads them all, and a test compares the two. */
export function readFinalStage(file: string): FinalStage {
  const lines = readFileSync(file, 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n');
  const stage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  const rest = (instruction: string) =>
    stage
      .filter((line) => line.startsWith(`${instruction} `))
      .map((line) => line.slice(instruction.length + 1));
  return {
    copies: rest('COPY').map((text) => {
      const [to = '', from = ''] = text.split(' ').toReversed();
      return { from, to, owner: /--chown=(\S+)/.exec(text)?.[1] };
    }),
    env: Object.fromEntries(rest('ENV').flatMap((text) => text.split(' ').map((pair) => pair.split('=')))),
    user: rest('USER').at(-1) ?? '',
    entrypoint: execForm(rest('ENTRYPOINT').at(-1)),
    healthcheck: execForm(
      rest('HEALTHCHECK')
        .at(-1)
        ?.replace(/^.*CMD /, ''),
    ),
  };
}

/** Throws on the shell form, which is no JSON. */
function execForm(text: string | undefined): string[] {
  return JSON.parse(text ?? 'null');
}
