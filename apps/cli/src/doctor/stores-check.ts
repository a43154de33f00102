/** Whether the servers of the stores answer. The services start without them, and cannot do their part. */
import { SettingsError } from '@connections/runtime';
import { askDatabase, type StoreAnswer } from '@connections/standalone';
import { type Check, fail, ok } from './check.ts';
import type { CheckedSettings } from './settings-check.ts';

interface AskOptions {
  readonly timeoutMs: number;
  readonly interrupted: AbortSignal;
}

/** None for embedded stores. */
export async function checkStores(
  { database }: CheckedSettings['settings'],
  { timeoutMs, interrupted }: AskOptions,
): Promise<Check[]> {
  try {
    const signal = AbortSignal.any([interrupted, AbortSignal.timeout(timeoutMs)]);
    return (await askDatabase(database, signal)).map(storeCheck);
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
