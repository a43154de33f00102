/** Whether the servers of the stores answer. The services start without them, and cannot do their part. */
import { SettingsError } from '@connections/runtime';
import { askDatabase, askMessaging, type BrokerAnswer, type StoreAnswer } from '@connections/standalone';
import { type Check, fail, ok } from './check.ts';
import type { CheckedSettings } from './settings-check.ts';

interface AskOptions {
  readonly timeoutMs: number;
  readonly interrupted: AbortSignal;
}

/** None for embedded stores and the embedded broker. */
export async function checkStores(
  { database, messaging }: CheckedSettings['settings'],
  { timeoutMs, interrupted }: AskOptions,
): Promise<Check[]> {
  try {
    const signal = AbortSignal.any([interrupted, AbortSignal.timeout(timeoutMs)]);
    const [stores, broker] = await Promise.all([
      askDatabase(database, signal),
      askMessaging(messaging, signal),
    ]);
    return [...stores.map(storeCheck), ...(broker ? [brokerCheck(broker)] : [])];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.message.split('\n').map((line) => fail('settings', line));
  }
}

function storeCheck({ ports, where, problem }: StoreAnswer): Check {
  const check = `${ports.join(' and ')} ${ports.length > 1 ? 'stores' : 'store'}`;
  if (problem === undefined) return ok(check, `${where} answers`);
  return fail(check, `${where} does not answer, ${problem}: start it, or set where it is`);
}

function brokerCheck({ where, problem }: BrokerAnswer): Check {
  if (problem === undefined) return ok('broker', `${where} answers`);
  return fail('broker', `${where} does not answer, ${problem}: start it, or set where it is`);
}
