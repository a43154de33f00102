/** The text format that Prometheus reads, version 0.0.4. */
import type { Histogram } from './series.ts';

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

/** `name="value"` for each, separated by commas, in their order. */
export function labelText(labels: readonly (readonly [name: string, value: string])[]): string {
  return labels.map(([name, value]) => `${name}="${escapedLabel(value)}"`).join(',');
}

export function headText(name: string, type: string, help: string): string {
  return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;
}

/** `labels` as `labelText` makes them. */
export function sampleText(name: string, labels: string, value: number): string {
  return `${name}${labels && `{${labels}}`} ${numberText(value)}\n`;
}

export function histogramText(name: string, labels: string, histogram: Histogram): string {
  const prefix = labels && `${labels},`;
  const { cumulative, sum } = histogram;
  const buckets = cumulative.map(({ bound, count }) =>
    sampleText(`${name}_bucket`, `${prefix}le="${numberText(bound)}"`, count),
  );
  return [
    ...buckets,
    sampleText(`${name}_sum`, labels, sum),
    sampleText(`${name}_count`, labels, cumulative.at(-1)?.count ?? 0),
  ].join('');
}

function escapedLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}
