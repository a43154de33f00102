/** What the clients of one task know of it: the states that it may be in, by what they were answered. */
import type { TaskOperation } from '../../src/port/task-operation.ts';
import type { Task } from '../../src/port/tasks.ts';

/** A task as far as the clients change it: its status, and the keys of its data. Empty: there is none. */
export type Shape = string;

export const absent: Shape = '';

export type Outcome = 'DURABLE' | 'BUFFERED' | 'UNKNOWN' | 'REFUSED';

/** Keys of data are the numbers of the operations that set them. */
export interface Asked {
  readonly number: string;
  readonly kind: TaskOperation['kind'];
  readonly status: string;
  /** A put that sets no data. */
  readonly plain: boolean;
}

export function shapeOf(task: Task | undefined): Shape {
  return task ? `${task.status}|${[...task.data.keys()].sort().join()}` : absent;
}

/** What the operation makes of a task of that shape; undefined where it is refused. */
export function shapeAfter(shape: Shape, { number, kind, status, plain }: Asked): Shape | undefined {
  if (kind === 'remove') return absent;
  if (kind === 'put') return `${status}|${plain ? '' : number}`;
  if (shape === absent) return undefined;
  const keys = (shape.split('|')[1] ?? '').split(',').filter((key) => key !== '' && key !== number);
  return `${status}|${[...keys, number].sort().join()}`;
}

const mostStates = 100;

export class Told {
  /** Of one client that waits for each answer: every state that its answers allow. */
  states: ReadonlySet<Shape> = new Set([absent]);
  /** Numbers of DURABLE operations that nothing has overwritten since. */
  durable: string[] = [];
  /** Operations in progress. */
  busy = 0;
  /** Grows with every operation that begins or ends. */
  version = 0;
  buffered = 0;
  /** A conflict, or more states than are kept: nothing can be asked of the order any more. */
  exempt = false;
  token: string | undefined;
  #resets = 0;
  readonly #openResets = new Set<string>();

  begin(asked: Asked): { readonly overlapped: boolean; readonly resets: number } {
    const overlapped = this.#openResets.size > 0;
    this.busy++;
    this.version++;
    if (asked.kind !== 'patch') {
      this.#resets++;
      this.durable = [];
      this.#openResets.add(asked.number);
    }
    return { overlapped, resets: this.#resets };
  }

  end(asked: Asked, outcome: Outcome, began: ReturnType<Told['begin']>): void {
    const { number, kind, plain } = asked;
    this.busy--;
    this.version++;
    this.#openResets.delete(number);
    if (outcome === 'REFUSED') return;
    if (outcome === 'BUFFERED') this.buffered++;
    const keeps = kind !== 'remove' && !plain && !began.overlapped;
    const latest = began.resets === this.#resets && this.#openResets.size === 0;
    if (outcome === 'DURABLE' && keeps && latest) this.durable.push(number);
    const applied = [...this.states].map((shape) => shapeAfter(shape, asked) ?? shape);
    this.states = new Set(outcome === 'UNKNOWN' ? [...this.states, ...applied] : applied);
    if (this.states.size > mostStates) this.exempt = true;
  }

  /** All is healed and compared: what is there is what there is. */
  settle(shape: Shape): void {
    this.states = new Set([shape]);
    this.durable = [];
    this.buffered = 0;
    this.exempt = false;
    this.token = undefined;
    this.#openResets.clear();
  }
}
