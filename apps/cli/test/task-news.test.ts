/** What is told of a task between two looks at it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Task, Transition } from '@connections/proto-utils/v1/tasks';
import fc from 'fast-check';
import { type Look, news, type TaskNews } from '../src/task-news.ts';

type Step = 'create' | 'same' | 'remove' | 'look' | { readonly status: string };

/** The service: what is written, and the newest transitions of each task. */
class ModelTask {
  #task: Task | undefined;
  #transitions: Transition[] = [];
  #clock = 0;
  /** Every transition of every life. */
  readonly made: { readonly revision: bigint; readonly status: string }[] = [];

  take(step: Exclude<Step, 'look'>): void {
    const time = new Date(++this.#clock);
    if (step === 'remove') {
      this.#task = undefined;
      this.#transitions = [];
    } else if (this.#task === undefined) {
      this.#task = { ...empty, status: 'new', revision: 1n, createTime: time, updateTime: time };
      this.#transition(time);
    } else {
      const status = typeof step === 'object' ? step.status : this.#task.status;
      const changed = status !== this.#task.status;
      this.#task = { ...this.#task, status, revision: this.#task.revision + 1n, updateTime: time };
      if (changed) this.#transition(time);
    }
  }

  look(): Look {
    return this.#task ? { task: this.#task, transitions: [...this.#transitions] } : 'none';
  }

  #transition(time: Date): void {
    const { revision = 0n, status = '' } = this.#task ?? {};
    this.made.push({ revision, status });
    this.#transitions = [...this.#transitions, transition(revision, status, time)].slice(-100);
  }
}

const empty: Task = {
  namespace: 'default',
  category: 'c',
  id: 'i',
  importName: 'default',
  status: '',
  code: 0,
  message: '',
  data: new Map(),
  revision: 0n,
};

function transition(revision: bigint, status: string, time = new Date(Number(revision))): Transition {
  return { revision, status, time, code: 0, message: '', principal: 'anonymous' };
}

function task(revision: bigint, status: string, created = 1): Task {
  return {
    ...empty,
    revision,
    status,
    createTime: new Date(created),
    updateTime: new Date(Number(revision)),
  };
}

function told(events: readonly TaskNews[]): string[] {
  return events.map((event) =>
    'status' in event ? `${event.event} ${event.revision} ${event.status}` : event.event,
  );
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c').map((status) => ({ status })) },
    { weight: 2, arbitrary: fc.constant<Step>('same') },
    { weight: 3, arbitrary: fc.constant<Step>('look') },
  ),
  { maxLength: 80 },
);

describe('news of a task', () => {
  it('tells every transition once and in order, wherever the looks fall', () => {
    fc.assert(
      fc.property(steps, (script: readonly Step[]) => {
        const model = new ModelTask();
        let before: Look = 'none';
        const heard: { readonly revision: bigint; readonly status: string }[] = [];
        for (const step of [...script, 'look'] as const) {
          if (step !== 'look') {
            model.take(step);
            continue;
          }
          const now = model.look();
          for (const event of news(before, now)) {
            if (event.event === 'transition') heard.push({ revision: event.revision, status: event.status });
          }
          before = now;
        }
        assert.deepEqual(heard, model.made);
      }),
      { numRuns: 500 },
    );
  });

  it('ends on the state of the task, whatever happened', () => {
    const lives = fc.array(fc.constantFrom<Step>('same', 'remove', 'look', { status: 'a' }, { status: 'b' }));
    fc.assert(
      fc.property(lives, (script) => {
        const model = new ModelTask();
        let before: Look | undefined;
        let last: TaskNews | undefined;
        for (const step of [...script, 'look'] as const) {
          if (step !== 'look') {
            model.take(step);
            continue;
          }
          const now = model.look();
          last = news(before, now).at(-1) ?? last;
          before = now;
          if (now === 'none') assert.match(last?.event ?? '', /^(waiting|removed)$/);
          else assert.ok(last && 'status' in last && last.revision === now.task.revision);
        }
      }),
    );
  });

  it('begins with the task as it stands, not with its history', () => {
    const transitions = [transition(1n, 'accepted'), transition(3n, 'completed')];
    assert.deepEqual(told(news(undefined, { task: task(4n, 'completed'), transitions })), [
      'state 4 completed',
    ]);
  });

  it('begins with waiting for a task that is not there, then tells all of it', () => {
    assert.deepEqual(told(news(undefined, 'none')), ['waiting']);
    assert.deepEqual(told(news('none', 'none')), []);
    const transitions = [transition(1n, 'accepted'), transition(2n, 'completed')];
    assert.deepEqual(told(news('none', { task: task(2n, 'completed'), transitions })), [
      'transition 1 accepted',
      'transition 2 completed',
    ]);
  });

  it('tells transitions that came while it was asking for them', () => {
    const transitions = [transition(1n, 'accepted'), transition(2n, 'completed')];
    const now = { task: task(1n, 'accepted'), transitions };
    assert.deepEqual(told(news(undefined, now)), ['state 1 accepted', 'transition 2 completed']);
    assert.deepEqual(told(news(now, { task: task(2n, 'completed'), transitions })), []);
  });

  it('tells the last change that is none of status', () => {
    const transitions = [transition(1n, 'accepted')];
    const before = { task: task(1n, 'accepted'), transitions };
    assert.deepEqual(told(news(before, { task: task(5n, 'accepted'), transitions })), ['update 5 accepted']);
  });

  it('tells that a task was removed, and that another took its place', () => {
    const before = { task: task(2n, 'accepted'), transitions: [transition(1n, 'accepted')] };
    assert.deepEqual(told(news(before, 'none')), ['removed']);
    const again = { task: task(1n, 'accepted', 9), transitions: [transition(1n, 'accepted', new Date(9))] };
    assert.deepEqual(told(news(before, again)), ['removed', 'transition 1 accepted']);
  });

  it('owns to transitions that were no longer kept when it looked', () => {
    const before = { task: task(1n, 'a'), transitions: [transition(1n, 'a')] };
    const transitions = Array.from({ length: 100 }, (_, index) =>
      transition(BigInt(index + 51), `s${index}`),
    );
    const found = told(news(before, { task: task(150n, 's99'), transitions }));
    assert.deepEqual([found.length, found[0], found[1]], [101, 'missed', 'transition 51 s0']);
    const next = { task: task(50n, 'a'), transitions: [transition(1n, 'a')] };
    assert.equal(told(news(next, { task: task(150n, 's99'), transitions }))[0], 'transition 51 s0');
  });
});
