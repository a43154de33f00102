/** Reads the text format of Prometheus as strictly as its documentation states it. */

export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

const suffixes = new Map<string, readonly string[]>([
  ['counter', ['']],
  ['gauge', ['']],
  ['histogram', ['_bucket', '_sum', '_count']],
]);

/** Throws at the first line that is not of the format, at a repeated series and at a sample outside of its family. */
export function parsePrometheusText(text: string): MetricFamily[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families: { name: string; type: string; samples: Sample[] }[] = [];
  const seen = new Set<string>();
  for (const line of text.slice(0, -1).split('\n')) {
    if (line.startsWith('# HELP ')) continue;
    const [, name, type] = /^# TYPE ([a-z_]\w*) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) {
      if (families.some((family) => family.name === name)) throw new Error(`${name} has two families`);
      families.push({ name, type, samples: [] });
      continue;
    }
    const family = families.at(-1);
    const sample = parseSample(line);
    const expected = suffixes.get(family?.type ?? '')?.map((suffix) => `${family?.name}${suffix}`);
    if (!expected?.includes(sample.name)) throw new Error(`${line} stands outside of its family`);
    const series = line.slice(0, line.lastIndexOf(' '));
    if (seen.has(series)) throw new Error(`${series} stands there twice`);
    seen.add(series);
    family?.samples.push(sample);
  }
  return families;
}

function parseSample(line: string): Sample {
  const [, name, labels = '', value] = /^([a-z_]\w*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
  if (name === undefined || Number.isNaN(number)) throw new Error(`${line} is no sample`);
  return { name, labels: parseLabels(labels), value: number };
}

function parseLabels(text: string): Map<string, string> {
  const labels = new Map<string, string>();
  const pattern = /([a-z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/y;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const [, name, value] = pattern.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`${text.slice(at)} is no label`);
    labels.set(
      name,
      value.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
    );
  }
  return labels;
}
