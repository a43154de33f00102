/** Holds clauses against drivers that break them: a clause that a broken driver passes proves nothing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStatusError } from '@connections/grpc/status';
import { type Clause, type OpenPort, runClause } from './clauses.ts';

/** Makes a port that breaks one clause out of one that keeps it. */
export type Saboteur<Port> = (port: Port) => Port;

/** By the id of the clause that must notice. */
export type Saboteurs<Port> = Readonly<Record<string, Saboteur<Port>>>;

/** The port with some of its members replaced. */
export function sabotaged<Port extends object>(port: Port, members: Partial<Port>): Port {
  return new Proxy(port, {
    get(target, name) {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      const member: unknown = Reflect.get(target, name, target);
      // Private fields are out of a proxy's reach.
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/** Runs every clause against its saboteur over a driver that keeps it; passing is the failure. */
export function runSaboteurs<Port extends { readonly capabilities: unknown } & object>(
  title: string,
  clauses: readonly Clause<Port>[],
  saboteurs: Saboteurs<Port>,
  open: OpenPort<Port>,
): void {
  describe(title, () => {
    for (const clause of clauses) {
      it(`${clause.id} catches a driver that breaks it: ${clause.title}`, async () => {
        const sabotage = saboteurs[clause.id];
        assert.ok(sabotage, `${clause.id} has no saboteur`);
        await using opened = await open();
        const broken = sabotaged(opened, {
          port: sabotage(opened.port),
          reopen: async () => sabotage(await opened.reopen()),
        });
        const outcome = await runClause(clause, broken).catch((error: unknown) => error);
        assert.ok(
          outcome instanceof assert.AssertionError || isStatusError(outcome),
          outcome === undefined
            ? 'the clause passes on the broken driver'
            : `the clause failed by ${String(outcome)}`,
        );
      });
    }
  });
}
