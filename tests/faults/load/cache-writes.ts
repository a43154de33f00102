/** Values of a few keys, written over and over: a set cannot be repeated as the same one, so that each is a new one. */
import type { DatabaseClient } from '@connections/proto-utils';
import { type Answer, answerTo } from './call-outcome.ts';
import type { Findings, Work } from './work.ts';

const keys = 16;
const ttl = { seconds: 86_400n, nanos: 0 };

interface WrittenKey {
  acknowledged: number;
  /** After the last that was acknowledged: each of them may be there. */
  readonly unknown: Set<number>;
  readonly refused: Set<number>;
}

export class CacheWrites implements Work {
  readonly store = 'redis';
  readonly writes = true;
  readonly #name: string;
  readonly #namespace: string;
  readonly #written = new Map<string, WrittenKey>();
  #made = 0;

  constructor(name: string, namespace: string) {
    this.#name = name;
    this.#namespace = namespace;
  }

  async next(client: DatabaseClient, timeoutMs: number): Promise<Answer<unknown>> {
    const number = ++this.#made;
    const key = `${this.#name}-${number % keys}`;
    const known = this.#written.get(key) ?? { acknowledged: 0, unknown: new Set(), refused: new Set() };
    this.#written.set(key, known);
    const value = Buffer.from(String(number));
    const answer = await answerTo(
      client.cache.set({ namespace: this.#namespace, key, value, ttl }, { timeoutMs }),
    );
    if (answer.outcome === 'acknowledged') {
      known.acknowledged = number;
      known.unknown.clear();
    } else if (answer.outcome === 'refused') {
      known.refused.add(number);
    } else {
      known.unknown.add(number);
    }
    return answer;
  }

  async check(client: DatabaseClient): Promise<Findings> {
    const lost: string[] = [];
    const untrue: string[] = [];
    for (const [key, { acknowledged, unknown, refused }] of this.#written) {
      const { entry } = await client.cache.get({ namespace: this.#namespace, key });
      const found = Number(Buffer.from(entry?.value ?? []).toString());
      if (found === acknowledged || unknown.has(found)) continue;
      (refused.has(found) ? untrue : lost).push(`key ${key}: ${found} in place of ${acknowledged}`);
    }
    return { lost, twice: [], untrue };
  }
}
