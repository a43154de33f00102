/** `docs/metrics.md`, made from the catalogue. */
import type { metricRows } from '../metrics/metric-catalogue.ts';
import { markdownTable } from './markdown-table.ts';

export function renderMetricsDoc(catalogue: typeof metricRows): string {
  const metrics = Object.values(catalogue);
  const rows = metrics.map(({ name, type, labels, help }) => [
    `\`${name}\``,
    type,
    Object.entries(labels)
      .map(([label, bound]) => `\`${label}\`: ${bound}`)
      .join('; '),
    help,
  ]);
  const buckets = metrics
    .filter(({ buckets }) => buckets)
    .map(({ name, buckets }) => [`\`${name}\``, (buckets ?? []).join(', ')]);
  return `# Metrics

\`GET /metrics\` on the side port of each service, in the text format of Prometheus. Each service exports its own, the same
in a process of its own and beside the other; metrics of the process stand in both, and a metric that a service has no use
for in neither.

Beside each label stands what bounds its values. Names that callers choose are no labels, with the exception of queues: those
are bounded in number, and a queue that is called \`other\` is summed with the rest.

${markdownTable(['metric', 'type', 'labels and their values', 'meaning'], rows)}

## Buckets

In seconds.

${markdownTable(['histogram', 'upper bounds'], buckets)}
`;
}
