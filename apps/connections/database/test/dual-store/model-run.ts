/** One run: clients, faults and two processes of ours, interleaved at every await; then all heals, and is compared. */
import { limits } from '@connections/runtime';
import { DualTasks } from '../../src/dual-store/dual-tasks.ts';
import { homecoming } from '../../src/dual-store/homecoming.ts';
import type { Choices } from './choices.ts';
import { LedgerOfProcess } from './ledger-of-process.ts';
import { modelBounds } from './model-bounds.ts';
import { Clients, type Process, refOf, settledMs, type Tally } from './model-clients.ts';
import { ModelledLedger } from './modelled-ledger.ts';
import { ModelledLink } from './modelled-link.ts';
import { ModelledView, partitions } from './modelled-view.ts';
import type { Mutation } from './mutants.ts';
import { shapeOf } from './told.ts';
import { ViewOfProcess } from './view-of-process.ts';
import type { Fault, RunLength, Weather } from './weather.ts';
import { World } from './world.ts';

export interface RunPlan {
  readonly mutation: Mutation;
  readonly weather: Weather;
  readonly length: RunLength;
}

export type RunTally = Tally & {
  readonly conflicts: number;
  /** Final states of tasks that were compared with what their client knows, and those that could not be. */
  readonly checked: number;
  readonly exempt: number;
  readonly steps: number;
};

export interface RunResult {
  /** What must not be, or undefined. */
  readonly broken: string | undefined;
  readonly tally: RunTally;
}

interface Reach {
  view: boolean;
  ledger: boolean;
  /** Its breaker is open though the ledger may be there. */
  shy: boolean;
}

/** The first has one client at a time, the last several. */
const ordered = ['a', 'b'];
const shared = ['c'];
const ids = [...ordered, ...shared];
const healSteps = 4_000;
const mostCalls = 8;
/** Of a step: that a client asks for something. */
const asks = { writes: 0.18, reads: 0.16 };

export class ModelRun {
  readonly #plan: RunPlan;
  readonly #world: World;
  readonly #choices: Choices;
  readonly #ledger: ModelledLedger;
  readonly #view: ModelledView;
  readonly #clients: Clients;
  readonly #reach: readonly Reach[] = [0, 1].map(() => ({ view: true, ledger: true, shy: false }));
  readonly #processes: Process[];
  readonly #faults: Readonly<Record<Fault, () => void>>;
  #viewUp = true;
  #ledgerUp = true;
  #broken: string | undefined;
  #conflicts = 0;
  #conflictsSeen = 0;
  #checked = 0;
  #exempt = 0;
  #steps = 0;

  constructor(choices: Choices, plan: RunPlan) {
    this.#plan = plan;
    this.#choices = choices;
    this.#world = new World(choices, plan.weather);
    this.#ledger = new ModelledLedger(this.#world, plan.mutation);
    this.#view = new ModelledView(this.#world, plan.mutation, modelBounds.operationsPerTask);
    this.#clients = new Clients(this.#world, this.#ledger, new Set(shared), () =>
      choices.of(this.#processes),
    );
    this.#processes = this.#reach.map((reach) => this.#start(reach));
    this.#faults = this.#allFaults();
  }

  /** Keeps what happens, for people. */
  get story(): readonly string[] {
    this.#world.story ??= [];
    return this.#world.story;
  }

  async run(): Promise<RunResult> {
    for (let epoch = 0; epoch < this.#plan.length.epochs && !this.#broken; epoch++) {
      for (let step = 0; step < this.#plan.length.steps && !this.#broken; step++) {
        this.#act();
        await this.#step();
      }
      if (!this.#broken) await this.#heal();
      if (!this.#broken) this.#compare();
    }
    for (const { owner } of this.#processes) this.#world.kill(owner);
    const tally = {
      ...this.#clients.tally,
      conflicts: this.#conflicts,
      checked: this.#checked,
      exempt: this.#exempt,
      steps: this.#steps,
    };
    return { broken: this.#broken, tally };
  }

  #start(reach: Reach): Process {
    const owner = { dead: false };
    const { mutation } = this.#plan;
    const world = this.#world;
    const toView = new ModelledLink(world, owner, () => this.#viewUp && reach.view);
    const toLedger = new ModelledLink(world, owner, () => this.#ledgerUp && reach.ledger && !reach.shy);
    const tasks = new DualTasks({
      view: new ViewOfProcess(world, this.#view, toView),
      ledger: new LedgerOfProcess(world, this.#ledger, toLedger, mutation),
      pace: world.pace(owner),
      bounds: { ...modelBounds, blindMaxAgeMs: mutation.blindMaxAgeMs ?? modelBounds.blindMaxAgeMs },
      ttlMs: () => 1_000,
      decide: mutation.decide ?? homecoming,
      note: () => {},
    });
    return { owner, tasks };
  }

  #allFaults(): Readonly<Record<Fault, () => void>> {
    const way = () => this.#choices.of(this.#reach);
    return {
      'view down or up': () => {
        this.#viewUp = !this.#viewUp;
      },
      'ledger down or up': () => {
        this.#ledgerUp = !this.#ledgerUp;
      },
      'way to the view cut or mended': () => turn(way(), 'view'),
      'way to the ledger cut or mended': () => turn(way(), 'ledger'),
      'breaker opens or closes': () => turn(way(), 'shy'),
      'view falls back': () => {
        this.#view.fallBack();
        this.#clients.fallenBack = true;
        this.#viewUp = false;
      },
      'process is killed': () => this.#kill(this.#choices.below(this.#processes.length)),
      'entry is evicted': () => this.#view.evict(this.#choices.of(ids)),
      'foreign write': () => this.#ledger.writeForeign(refOf(this.#choices.of(shared))),
      'history is lost': () => {
        this.#ledger.historyFrom = this.#ledger.log.length;
      },
    };
  }

  /** And started again. */
  #kill(at: number): void {
    const [process, reach] = [this.#processes[at], this.#reach[at]];
    if (!process || !reach) return;
    this.#world.kill(process.owner);
    this.#clients.lost(process.owner);
    this.#processes[at] = this.#start(reach);
  }

  #act(): void {
    const { breaks, mends, saves } = this.#world.weather;
    let action = 1 - this.#choices.fraction();
    const happens = (probability: number) => {
      action -= probability;
      return action <= 0 && action > -probability;
    };
    if (happens(breaks)) this.#fault();
    else if (happens(mends)) this.#mend();
    else if (happens(saves)) this.#view.save();
    else if (this.#clients.open >= mostCalls) return;
    else if (happens(asks.writes)) this.#clients.write(this.#choices.of(ids));
    else if (happens(asks.reads)) this.#clients.read(this.#choices.of(ids));
  }

  #fault(): void {
    const fault = this.#choices.of(this.#world.weather.faults);
    this.#world.note(() => fault);
    this.#faults[fault]();
  }

  #mend(): void {
    this.#world.note(() => 'all is mended');
    this.#viewUp = true;
    this.#ledgerUp = true;
    for (const reach of this.#reach) Object.assign(reach, { view: true, ledger: true, shy: false });
  }

  async #step(): Promise<void> {
    await this.#world.step();
    this.#steps++;
    if (this.#ledger.conflicts.size !== this.#conflictsSeen) {
      for (const { ref } of this.#ledger.conflicts.values()) this.#clients.of(ref.id).exempt = true;
      this.#conflicts += this.#ledger.conflicts.size - this.#conflictsSeen;
      this.#conflictsSeen = this.#ledger.conflicts.size;
    }
    this.#broken = this.#clients.broken ?? this.#ledger.broken ?? this.#view.broken;
  }

  async #heal(): Promise<void> {
    this.#mend();
    // What gets stuck from here on arrives in the next epoch, when nobody thinks of it any more.
    this.#world.unstick();
    for (let step = 0; step < healSteps && !this.#broken; step++) {
      if (this.#isQuiet()) return;
      await this.#step();
      if (step === healSteps - 1) this.#broken = 'I5 the stores do not come to rest';
    }
  }

  #isQuiet(): boolean {
    // A drain may have a buffer in hand that the view has lost since.
    if (this.#clients.open > 0 || !this.#world.isResting) return false;
    for (const { buffered } of this.#view.entries.values()) if (buffered) return false;
    for (let partition = 0; partition < partitions; partition++) {
      const checkpoint = this.#view.checkpoint(partition);
      if (checkpoint === undefined || Number(checkpoint) < this.#ledger.log.length) return false;
    }
    return true;
  }

  #compare(): void {
    const clients = this.#clients;
    for (const id of ids) {
      const record = this.#ledger.tasks.get(id);
      const entry = this.#view.entries.get(id);
      const told = clients.of(id);
      const shape = shapeOf(record?.task);
      if (entry && !isEqual(entry, record))
        this.#break('I5 the view differs from the ledger after all healed');
      if (told.durable.some((number) => !record?.task.data.has(number)))
        this.#break('I1 a DURABLE write was undone');
      if (record && record.ring.length > limits.requestRing) this.#break('I9 a ring outgrew its bound');
      if (clients.isOrdered(id)) {
        this.#checked++;
        this.#world.note(() => `${id} is ${shape}; its client allows ${[...told.states].join(' or ')}`);
        if (!told.states.has(shape)) this.#break('I2 the final state is not what its client did, in order');
      } else this.#exempt++;
    }
    this.#compareAcknowledged();
    const { conflicts } = this.#ledger;
    for (const id of ids) {
      const told = clients.of(id);
      told.settle(shapeOf(this.#ledger.tasks.get(id)?.task));
      // Another process may have its hand on what one called too old to come home: it may take effect all the same.
      told.exempt = [...conflicts.values()].some(
        ({ ref, at }) => ref.id === id && this.#world.now - at < settledMs,
      );
    }
    clients.acknowledged.length = 0;
    clients.resets.length = 0;
    clients.fallenBack = false;
    conflicts.clear();
    this.#conflictsSeen = 0;
  }

  /** What was answered BUFFERED is in the ledger, or in a conflict, or a later one of the task took its place. */
  #compareAcknowledged(): void {
    if (this.#clients.fallenBack) return;
    const { acknowledged, resets } = this.#clients;
    const reported = new Set(
      [...this.#ledger.conflicts.values()].flatMap(({ operations }) =>
        operations.map(({ operation }) => operation.requestId),
      ),
    );
    const isKept = (requestId: string) => this.#ledger.applied.has(requestId) || reported.has(requestId);
    for (const { id, requestId, askedAt } of acknowledged) {
      const isReplaced = resets.some(
        (reset) => reset.id === id && reset.answeredAt > askedAt && this.#ledger.applied.has(reset.requestId),
      );
      if (isKept(requestId) || isReplaced) continue;
      this.#world.note(() => `lost: ${requestId}`);
      this.#break('I6 a BUFFERED write is neither in the ledger nor in a conflict');
    }
  }

  #break(what: string): void {
    this.#broken ??= what;
  }
}

function isEqual(
  entry: { readonly base: unknown; readonly buffered: boolean; readonly task: unknown },
  record: { readonly task: unknown } | undefined,
): boolean {
  // Entries hold the ledger's own objects: the same content is the same object.
  return !entry.buffered && entry.task === record?.task;
}

function turn(reach: Reach, part: keyof Reach): void {
  reach[part] = !reach[part];
}
