/** Rule 9, lists: from the ledger by index; while it is away from what the view has, which is part of it. */
import type { Ending } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { TaskPage, TaskQuery } from '../port/tasks.ts';
import type { Drainer } from './drainer.ts';
import type { DualStores } from './dual-stores.ts';
import { unlessLost, unreachable } from './store-loss.ts';

interface Page {
  readonly after: string | undefined;
  readonly limit: number;
  readonly maxBytes: number;
}

export class ListPath {
  readonly #stores: DualStores;
  readonly #drainer: Drainer;

  constructor(stores: DualStores, drainer: Drainer) {
    this.#stores = stores;
    this.#drainer = drainer;
  }

  /** A listing stays with the store that began it: the two do not share an order. */
  async list(query: TaskQuery, page: Page, signal: Ending): Promise<TaskPage> {
    const { ledger, view } = this.#stores;
    const { store, after } = placeOf(page.after);
    if (store !== 'view' && ledger.reachable) {
      const found = await unlessLost(ledger.list(query, { ...page, after }, signal), signal);
      if (found) {
        const partial = found.partial || this.#drainer.isDirty;
        return { ...found, next: placed('ledger', found.next), partial };
      }
    }
    if (store === 'ledger') throw unreachable();
    const { tasks, next } = await view.list(query, { ...page, after }, signal);
    return { tasks, next: placed('view', next), source: 'VIEW_UNCONFIRMED', partial: true };
  }
}

function placed(store: 'ledger' | 'view', next: string | undefined): string | undefined {
  return next === undefined ? undefined : `${store}:${next}`;
}

function placeOf(after: string | undefined) {
  if (after === undefined) return { store: undefined, after };
  const [, store, place] = /^(ledger|view):(.*)$/s.exec(after) ?? [];
  if (store === undefined) throw failure('PAGE_TOKEN_INVALID', {});
  return { store, after: place };
}
