/** The metrics of one service: counted as things happen, or collected when they are asked for. */
import { headText, histogramText, labelText, sampleText } from './exposition.ts';
import { type Labels, type MetricKey, type MetricKeyOf, metricRows } from './metric-catalogue.ts';
import { Counter, Histogram } from './series.ts';

/** Says what a metric is at the moment; the last word counts. */
export type Report = <Key extends MetricKeyOf<'gauge' | 'counter'>>(
  key: Key,
  labels: Labels<Key>,
  value: number,
) => void;

/** Called for each scrape. One that fails reports nothing more, and spoils nothing that others report. */
export type Collector = (report: Report) => void | Promise<void>;

export interface Metrics {
  /** The series of these labels, always the same one. To be asked for once and kept where it counts often. */
  counter<Key extends MetricKeyOf<'counter'>>(key: Key, labels: Labels<Key>): Counter;
  histogram<Key extends MetricKeyOf<'histogram'>>(key: Key, labels: Labels<Key>): Histogram;
  collect(collector: Collector): void;
  /** All of them, as Prometheus reads them. */
  text(): Promise<string>;
}

export function createMetrics(): Metrics {
  return new MetricRegistry();
}

/** Series by the text of their labels, in which they are written out. */
type Series<T> = Map<string, T>;

class MetricRegistry implements Metrics {
  readonly #counters = new Map<MetricKey, Series<Counter>>();
  readonly #histograms = new Map<MetricKey, Series<Histogram>>();
  readonly #collectors: Collector[] = [];

  counter<Key extends MetricKeyOf<'counter'>>(key: Key, labels: Labels<Key>): Counter {
    return seriesOf(this.#counters, key, labels, () => new Counter());
  }

  histogram<Key extends MetricKeyOf<'histogram'>>(key: Key, labels: Labels<Key>): Histogram {
    return seriesOf(this.#histograms, key, labels, () => new Histogram(metricRows[key].buckets ?? []));
  }

  collect(collector: Collector): void {
    this.#collectors.push(collector);
  }

  async text(): Promise<string> {
    const reported = new Map<MetricKey, Series<number>>();
    const report: Report = (key, labels, value) => {
      textsOf(reported, key).set(labelsText(key, labels), value);
    };
    await Promise.allSettled(this.#collectors.map(async (collect) => collect(report)));
    return (Object.keys(metricRows) as MetricKey[]).map((key) => this.#metricText(key, reported)).join('');
  }

  /** Empty for a metric that this service does not have. */
  #metricText(key: MetricKey, reported: ReadonlyMap<MetricKey, Series<number>>): string {
    const { name, type, help } = metricRows[key];
    const samples = [
      ...[...(reported.get(key) ?? [])].map(([labels, value]) => sampleText(name, labels, value)),
      ...[...(this.#counters.get(key) ?? [])].map(([labels, { total }]) => sampleText(name, labels, total)),
      ...[...(this.#histograms.get(key) ?? [])].map(([labels, each]) => histogramText(name, labels, each)),
    ];
    return samples.length === 0 ? '' : headText(name, type, help) + samples.join('');
  }
}

function seriesOf<T, Key extends MetricKey>(
  all: Map<MetricKey, Series<T>>,
  key: Key,
  labels: Labels<Key>,
  create: () => T,
): T {
  const series = textsOf(all, key);
  const text = labelsText(key, labels);
  const known = series.get(text);
  if (known !== undefined) return known;
  const made = create();
  series.set(text, made);
  return made;
}

function textsOf<T>(all: Map<MetricKey, Series<T>>, key: MetricKey): Series<T> {
  const known = all.get(key);
  if (known) return known;
  const made: Series<T> = new Map();
  all.set(key, made);
  return made;
}

/** In the order of the catalogue, whatever the order of the object. */
function labelsText<Key extends MetricKey>(key: Key, labels: Labels<Key>): string {
  const values = labels as Readonly<Record<string, string>>;
  return labelText(Object.keys(metricRows[key].labels).map((name) => [name, values[name] ?? '']));
}
