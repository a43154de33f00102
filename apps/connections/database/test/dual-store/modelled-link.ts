/** The way between a process of ours and a modelled store: commands and answers get lost, and commands arrive late. */
import { failure } from '@connections/runtime/errors';
import type { Owner, World } from './world.ts';

export interface Command<T> {
  /** For people. */
  readonly name: () => string;
  /** What the store does, in one piece. */
  readonly run: () => T;
  /** It changes something: without an answer nobody knows. */
  readonly changes: boolean;
  /** An answer that is lost is given up at this time, after which the command does nothing. */
  readonly deadline?: number;
}

/** How often an answer is lost, how often it takes its time, and how often nobody has noticed yet. */
const odds = { lost: 0.03, slow: 0.3, unnoticed: 0.3 };

export class ModelledLink {
  readonly #world: World;
  readonly #owner: Owner;
  readonly #isUp: () => boolean;

  constructor(world: World, owner: Owner, isUp: () => boolean) {
    this.#world = world;
    this.#owner = owner;
    this.#isUp = isUp;
  }

  /** Whoever asks may not have noticed yet that the store is away. */
  get reachable(): boolean {
    return this.#isUp() || this.#world.choices.chance(odds.unnoticed);
  }

  get isUp(): boolean {
    return this.#isUp();
  }

  async send<T>(command: Command<T>): Promise<T> {
    const { choices } = this.#world;
    const { changes, deadline } = command;
    const run = () => {
      const result = command.run();
      this.#world.note(() => `  ${command.name()} -> ${JSON.stringify(result)?.slice(0, 400)}`);
      return result;
    };
    await this.#world.turn(this.#owner);
    if (!this.#isUp()) throw away();
    if (changes && choices.chance(this.#world.weather.sticks)) {
      this.#world.note(() => `  ${command.name()} is stuck`);
      this.#world.stick(run);
      return this.#lost(deadline);
    }
    const result = run();
    if (choices.chance(odds.slow)) await this.#world.turn(this.#owner);
    if (!this.#isUp() || choices.chance(odds.lost)) {
      this.#world.note(() => `  the answer to ${command.name()} is lost`);
      if (!changes) throw away();
      return this.#lost(deadline);
    }
    return result;
  }

  pause(ms: number): Promise<void> {
    return this.#world.pause(this.#owner, ms);
  }

  async #lost(deadline: number | undefined): Promise<never> {
    if (deadline !== undefined) await this.pause(Math.max(0, deadline + 1 - this.#world.now));
    throw unknownError;
  }
}

// Made once: a run rejects with them thousands of times.
const awayError = failure('STORE_UNREACHABLE', { store: 'task' });
const unknownError = failure('OUTCOME_UNKNOWN', { store: 'task' });

export function away(): Error {
  return awayError;
}
