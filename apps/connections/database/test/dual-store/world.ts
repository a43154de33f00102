/** The world that a run takes place in: its time, who waits in it, and what is stuck on its way. */
import type { Pace } from '../../src/dual-store/pace.ts';
import type { Choices } from './choices.ts';
import type { Weather } from './weather.ts';

/** One life of a process of ours: killed, it waits for ever. */
export interface Owner {
  dead: boolean;
}

interface Waiter {
  readonly owner: Owner;
  readonly dueAt: number;
  readonly go: () => void;
}

/** A command that a store will get late, whatever became of who sent it. */
interface Stuck {
  readonly arrive: () => void;
}

/** Enough for what was resumed to come to its next turn; one that needs more is met a step later. */
const ticks = 6;

export class World {
  readonly choices: Choices;
  readonly weather: Weather;
  now = 1_000_000;
  #ids = 0;
  readonly #waiting: Waiter[] = [];
  readonly #stuck: Stuck[] = [];

  constructor(choices: Choices, weather: Weather) {
    this.choices = choices;
    this.weather = weather;
  }

  /** For people who read a failing run; not kept otherwise. */
  story: string[] | undefined;

  note(line: () => string): void {
    this.story?.push(`${this.now} ${line()}`);
  }

  id(): string {
    return `i${++this.#ids}`;
  }

  /** Resolves when it is this one's turn, which may be long after. */
  turn(owner: Owner): Promise<void> {
    return this.pause(owner, 0);
  }

  pause(owner: Owner, ms: number): Promise<void> {
    return new Promise((go) => {
      if (!owner.dead) this.#waiting.push({ owner, dueAt: this.now + ms, go });
    });
  }

  stick(arrive: () => void): void {
    this.#stuck.push({ arrive });
  }

  /** Nothing is under way but what is stuck: all that wait have time left to wait. */
  get isResting(): boolean {
    return this.#waiting.every(({ dueAt }) => dueAt > this.now);
  }

  /** Everything that was under way is lost, but not what is stuck. */
  kill(owner: Owner): void {
    owner.dead = true;
    for (let at = this.#waiting.length - 1; at >= 0; at--) {
      if (this.#waiting[at]?.owner === owner) this.#waiting.splice(at, 1);
    }
  }

  /** One of those that wait goes on, or something stuck arrives. */
  async step(): Promise<void> {
    this.now += 1 + this.choices.below(8);
    if (this.#stuck.length > 0 && this.choices.chance(this.weather.arrives)) {
      const [stuck] = this.#stuck.splice(this.choices.below(this.#stuck.length), 1);
      stuck?.arrive();
    }
    const ready: number[] = [];
    for (const [index, { dueAt }] of this.#waiting.entries()) if (dueAt <= this.now) ready.push(index);
    if (ready.length > 0) {
      const [waiter] = this.#waiting.splice(this.choices.of(ready), 1);
      waiter?.go();
    }
    for (let tick = 0; tick < ticks; tick++) await null;
  }

  /** What is stuck arrives now. */
  unstick(): void {
    for (const { arrive } of this.#stuck.splice(0)) arrive();
  }

  pace(owner: Owner): Pace {
    return {
      now: () => this.now,
      random: () => 0.5,
      id: () => this.id(),
      pause: (ms) => this.pause(owner, ms),
      atMost: async (_, work) => {
        if (!this.choices.chance(0.3)) return work;
        work.catch(() => {});
        return undefined;
      },
    };
  }
}
