/** One process on modelled stores where nothing breaks but what a test breaks. */
import type { DualBounds } from '../../src/dual-store/dual-bounds.ts';
import type { DualStores } from '../../src/dual-store/dual-stores.ts';
import { DualTasks } from '../../src/dual-store/dual-tasks.ts';
import { homecoming } from '../../src/dual-store/homecoming.ts';
import type { TaskLedger } from '../../src/port/task-ledger.ts';
import type { TaskView } from '../../src/port/task-view.ts';
import { Choices } from './choices.ts';
import { LedgerOfProcess } from './ledger-of-process.ts';
import { modelBounds } from './model-bounds.ts';
import { ModelledLedger } from './modelled-ledger.ts';
import { ModelledLink } from './modelled-link.ts';
import { ModelledView } from './modelled-view.ts';
import type { Mutation } from './mutants.ts';
import { ViewOfProcess } from './view-of-process.ts';
import { weathers } from './weather.ts';
import { World } from './world.ts';

export interface ModelledProcessOptions {
  readonly mutation?: Mutation;
  readonly bounds?: DualBounds;
  readonly note?: DualStores['note'];
  /** Methods in place of the modelled ones, which they are given. */
  readonly ledger?: (modelled: TaskLedger) => Partial<TaskLedger>;
  readonly view?: (modelled: TaskView) => Partial<TaskView>;
}

const mostSteps = 2_000;

export class ModelledProcess {
  readonly world = new World(Choices.ofTape([]), weathers.mixed);
  readonly ledger: ModelledLedger;
  readonly view: ModelledView;
  readonly tasks: DualTasks;
  ledgerUp = true;
  viewUp = true;

  constructor(options: ModelledProcessOptions = {}) {
    const { mutation = {} } = options;
    const { world } = this;
    this.ledger = new ModelledLedger(world, mutation);
    this.view = new ModelledView(world, mutation);
    const owner = { dead: false };
    const toLedger = new ModelledLink(world, owner, () => this.ledgerUp);
    const toView = new ModelledLink(world, owner, () => this.viewUp);
    const ledger = new LedgerOfProcess(world, this.ledger, toLedger, mutation);
    const view = new ViewOfProcess(world, this.view, toView);
    this.tasks = new DualTasks({
      ledger: overlaid(ledger, options.ledger?.(ledger)),
      view: overlaid(view, options.view?.(view)),
      pace: world.pace(owner),
      bounds: options.bounds ?? { ...modelBounds, blindMaxAgeMs: Number.POSITIVE_INFINITY },
      ttlMs: () => 1_000,
      decide: homecoming,
      note: options.note ?? (() => {}),
    });
  }

  /** Time passes until it is done. */
  async done<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = () => {
      ended = true;
    };
    work.then(end, end);
    for (let step = 0; step < mostSteps && !ended; step++) await this.world.step();
    return work;
  }

  /** Time passes: the view is repaired, and what waits comes home. */
  async rest(): Promise<void> {
    for (let step = 0; step < mostSteps; step++) await this.world.step();
  }
}

function overlaid<T extends object>(base: T, parts: Partial<T> = {}): T {
  return new Proxy(base, {
    get(target, name) {
      const own = Reflect.get(parts, name);
      if (own !== undefined) return own;
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
