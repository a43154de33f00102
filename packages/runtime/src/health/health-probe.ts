/** Keeps a service's health true to its stores by asking them every few seconds. */
import type { Clock } from '../clock.ts';
import type { ComposedService } from '../composed-service.ts';
import type { Log } from '../log.ts';
import type { Health } from './health.ts';

const everyMs = 5_000;
const patienceMs = 2_000;

/** Asks at once, then on and on until disposed of. Resolves after the first answer. */
export async function startHealthProbe(
  service: Pick<ComposedService, 'name' | 'ping'>,
  health: Health,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<Disposable> {
  let stopped = false;
  let patience = new AbortController();
  let timer: Disposable | undefined;
  const probe = async (): Promise<void> => {
    patience = new AbortController();
    using _late = clock.after(patienceMs, () => patience.abort(new Error(`no answer in ${patienceMs} ms`)));
    try {
      await service.ping(patience.signal);
      health.set(true);
    } catch (error) {
      if (stopped) return;
      if (health.serving) log.warn({ service: service.name, err: error }, 'a store does not answer');
      health.set(false);
    }
    if (!stopped) timer = clock.after(everyMs, () => void probe());
  };
  await probe();
  return {
    [Symbol.dispose]: () => {
      stopped = true;
      patience.abort();
      timer?.[Symbol.dispose]();
    },
  };
}
