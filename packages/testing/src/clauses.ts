/** Contract suites: clauses as data, one runner for every driver of a port and for the wire. */
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';

/** What a clause works with. */
export interface World<Port> {
  readonly port: Port;
  /** Nobody else uses it. */
  readonly namespace: string;
  /** Never aborted. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds by the clock that `passTime` moves. */
  now(): number;
  /** Lets time pass for the driver: moves its clock, or waits where the clock is a server's own. */
  passTime(ms: number): Promise<void>;
  /** Closes the driver and opens it again on the same data. */
  reopen(): Promise<Port>;
}

export interface Clause<Port extends { readonly capabilities: unknown }> {
  /** Stable, as `CA-101`; the text of the clause stands under it in docs/contract. */
  readonly id: string;
  /** One sentence in the present tense. */
  readonly title: string;
  /** Read from the driver, never from the tester; a clause that the driver declares it cannot meet is skipped. */
  readonly needs?: (capabilities: Port['capabilities']) => boolean;
  run(world: World<Port>): Promise<void>;
}

export interface OpenedPort<Port> extends AsyncDisposable {
  readonly port: Port;
  /** The driver's clock. @default Date.now */
  readonly now?: () => number;
  passTime(ms: number): Promise<void>;
  reopen(): Promise<Port>;
}

/** Opens the port on an empty store. */
export type OpenPort<Port> = () => Promise<OpenedPort<Port>>;

export async function runClause<Port extends { readonly capabilities: unknown }>(
  clause: Clause<Port>,
  opened: OpenedPort<Port>,
): Promise<void> {
  await clause.run({
    port: opened.port,
    namespace: `t-${randomUUID()}`,
    signal: new AbortController().signal,
    now: opened.now ?? Date.now,
    passTime: opened.passTime,
    reopen: opened.reopen,
  });
}

/** Runs every clause against a driver, each on a port of its own. */
export function runClauses<Port extends { readonly capabilities: unknown }>(
  title: string,
  clauses: readonly Clause<Port>[],
  open: OpenPort<Port>,
): void {
  describe(title, () => {
    for (const clause of clauses) {
      it(`${clause.id} ${clause.title}`, async (context) => {
        await using opened = await open();
        if (clause.needs && !clause.needs(opened.port.capabilities)) {
          context.skip('the driver declares that it cannot');
          return;
        }
        await runClause(clause, opened);
      });
    }
  });
}
