/** Messages at a steady rate, each for itself, and how long each was under way. */
import { type LatencyResult, type RabbitClient, rabbitBodyBytes } from './rabbit-ops.ts';

export interface SteadyRate {
  readonly perSecond: number;
  readonly count: number;
}

/** A publisher refuses more than 1 000: what is due then waits, and is counted from when it was due. */
const maxUnconfirmed = 900;
/** Begins are counted from when a message was due, so that what a busy process does late is in the figures. */
const tickMs = 1;
/** Published before those that are measured: code is compiled, a subscription is open. */
const warmUpMessages = 300;

export async function latencyAt(
  { publish, consume }: RabbitClient,
  { perSecond, count }: SteadyRate,
): Promise<LatencyResult> {
  const total = warmUpMessages + count;
  const took: number[] = [];
  let begin = 0;
  const dueAt = (index: number) => begin + (index * 1_000) / perSecond;
  const onBody = (body: Uint8Array) => {
    const index = Buffer.from(body.buffer, body.byteOffset, body.length).readUInt32BE(0);
    if (index >= warmUpMessages) took.push(performance.now() - dueAt(index));
  };
  const consumed = consume(total, onBody);
  begin = performance.now();
  const confirms: Promise<unknown>[] = [];
  let unconfirmed = 0;
  const isDue = () =>
    confirms.length < total && unconfirmed < maxUnconfirmed && dueAt(confirms.length) <= performance.now();
  await new Promise<void>((resolve, reject) => {
    const timer = setInterval(() => {
      while (isDue()) {
        const body = Buffer.alloc(rabbitBodyBytes, 'x');
        body.writeUInt32BE(confirms.length, 0);
        unconfirmed += 1;
        const confirm = publish([body]).then(() => {
          unconfirmed -= 1;
        });
        confirm.catch(reject);
        confirms.push(confirm);
      }
      if (confirms.length < total) return;
      clearInterval(timer);
      resolve();
    }, tickMs);
  });
  await Promise.all([...confirms, consumed]);
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
