/** The deadlines of many calls on one timer, whatever their length. */
import type { Clock } from './timer.ts';

/** A call that may have a deadline: its own entry among them. The fields are for the deadlines alone. */
export interface Due {
  dueAt: number;
  dueSlot: DueSlot | undefined;
  duePlace: number;
  /** Once, never before its time. Must not throw. */
  onDue(): void;
}

/** Those whose deadlines are looked at together. */
export type DueSlot = Due[];

/** Deadlines of the same few milliseconds are one. */
const finestMs = 8;
/** A slot is as wide as this part of the time that is left when a call enters it. */
const fineness = 64;

/**
 * A timer for each call would cost more than the rest of a small call. Here a call enters an array and leaves it, and one
 * timer runs for the slot that starts first: its members are over or enter a narrower one. There are at most 64 slots for
 * each doubling of the time ahead.
 */
export class Deadlines {
  readonly #clock: Clock;
  /** By the time at which they start. */
  readonly #slots = new Map<number, DueSlot>();
  #timer: Disposable | undefined;
  #timerAt = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param delayMs any length; of Infinity nothing comes */
  add(due: Due, delayMs: number): void {
    if (delayMs === Infinity) return;
    const now = this.#clock.now();
    due.dueAt = now + delayMs;
    this.#enter(due, now);
  }

  /** Nothing when it has none, such as after `onDue`. */
  delete(due: Due): void {
    const slot = due.dueSlot;
    if (!slot) return;
    due.dueSlot = undefined;
    const last = slot.pop();
    if (!last || last === due) return;
    last.duePlace = due.duePlace;
    slot[due.duePlace] = last;
  }

  #enter(due: Due, now: number): void {
    const startsAt = startOfSlot(due.dueAt, now);
    let slot = this.#slots.get(startsAt);
    if (!slot) {
      slot = [];
      this.#slots.set(startsAt, slot);
      if (startsAt < this.#timerAt) this.#wakeAt(startsAt, now);
    }
    due.dueSlot = slot;
    due.duePlace = slot.length;
    slot.push(due);
  }

  #wakeAt(startsAt: number, now: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timerAt = startsAt;
    this.#timer = this.#clock.after(Math.max(Math.ceil(startsAt - now), 0), () => this.#wake());
  }

  #wake(): void {
    this.#timerAt = Infinity;
    const now = this.#clock.now();
    for (const [startsAt, slot] of [...this.#slots]) {
      if (startsAt > now) continue;
      this.#slots.delete(startsAt);
      this.#start(slot, now);
    }
    const first = Math.min(...this.#slots.keys());
    if (first < this.#timerAt) this.#wakeAt(first, now);
  }

  /** One after the other, because what is over may end others of the slot. */
  #start(slot: DueSlot, now: number): void {
    for (let due = slot.pop(); due; due = slot.pop()) {
      due.dueSlot = undefined;
      if (due.dueAt <= now) due.onDue();
      else this.#enter(due, now);
    }
  }
}

/** A wide slot starts before its first deadline, so that it is looked at in time; a narrowest one after its last. */
function startOfSlot(dueAt: number, now: number): number {
  const halvings = Math.floor(Math.log2(Math.max(dueAt - now, 0) / fineness / finestMs));
  if (halvings <= 0) return Math.ceil(dueAt / finestMs) * finestMs;
  const widthMs = finestMs * 2 ** halvings;
  return Math.floor(dueAt / widthMs) * widthMs;
}
