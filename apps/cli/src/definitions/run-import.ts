/** What `connections import` does: everything is looked at before anything is changed. */
import { createClient, isStatusError } from '@connections/grpc';
import { messagingService, schemaService } from '@connections/proto-utils';
import { CliError, usageError } from '../cli-error.ts';
import type { CommonOptions } from '../common-options.ts';
import { reportFailure } from '../failure-report.ts';
import { callOptions, databaseTarget, messagingTarget, withChannel } from '../service-target.ts';
import type { Terminal } from '../terminal.ts';
import type { CheckedSchema } from './check-definitions.ts';
import { type PartOptions, type TopologyDefinition, wantedParts } from './definitions-format.ts';
import { readDefinitions } from './definitions-input.ts';
import { reportImport } from './import-report.ts';
import { importSchema, planSchema, type SchemaPlan } from './import-schemas.ts';
import { declareMissing, planTopology, type TopologyPlan } from './import-topology.ts';
import type { ImportedItem } from './imported-item.ts';
import type { Registry } from './registered-schemas.ts';

export interface ImportOptions extends CommonOptions, PartOptions {
  readonly dryRun?: true;
}

export async function runImport(file: string, options: ImportOptions, terminal: Terminal): Promise<void> {
  const definitions = await readDefinitions(file, terminal.stdin);
  const { schemas, topology } = wantedParts(options);
  for (const part of ['schemas', 'topology'] as const) {
    if (options[part] && !definitions[part]) throw usageError(`the file has no ${part}`);
  }
  const namespace = options.namespace || definitions.namespace;
  const target = new ImportTarget(namespace, options, terminal);
  const topologyPlan = topology && definitions.topology && (await target.planTopology(definitions.topology));
  const schemaPlans = schemas && definitions.schemas ? await target.planSchemas(definitions.schemas) : [];
  const dryRun = options.dryRun === true;
  const items: ImportedItem[] = [];
  try {
    if (topologyPlan) {
      if (!dryRun) await target.declare(topologyPlan);
      items.push(...topologyPlan.items);
    }
    if (schemaPlans.length > 0) await target.register(schemaPlans, (item) => items.push(item));
  } catch (error) {
    throw stopped(error, items, (topologyPlan ? topologyPlan.items.length : 0) + schemaPlans.length);
  }
  reportImport({ namespace, dryRun, items }, options, terminal);
}

/** The services that the definitions go to. */
class ImportTarget {
  readonly #namespace: string;
  readonly #options: ImportOptions;
  readonly #terminal: Terminal;

  constructor(namespace: string, options: ImportOptions, terminal: Terminal) {
    this.#namespace = namespace;
    this.#options = options;
    this.#terminal = terminal;
  }

  planTopology(wanted: TopologyDefinition): Promise<TopologyPlan> {
    return withChannel(messagingTarget(this.#options, this.#terminal), async (channel) => {
      const client = createClient(messagingService, channel);
      const { topology } = await client.getTopology({ namespace: this.#namespace }, this.#call());
      return planTopology(topology ?? { exchanges: [], queues: [], bindings: [] }, wanted);
    });
  }

  declare({ missing }: TopologyPlan): Promise<void> {
    return withChannel(messagingTarget(this.#options, this.#terminal), (channel) => {
      const client = createClient(messagingService, channel);
      return declareMissing(client, { namespace: this.#namespace, missing }, this.#call());
    });
  }

  planSchemas(schemas: readonly CheckedSchema[]): Promise<SchemaPlan[]> {
    return this.#registry(async (registry) => {
      const plans: SchemaPlan[] = [];
      for (const schema of schemas) plans.push(await planSchema(registry, schema));
      return plans;
    });
  }

  register(plans: readonly SchemaPlan[], done: (item: ImportedItem) => void): Promise<void> {
    return this.#registry(async ({ client, namespace, call }) => {
      for (const plan of plans) {
        let { lastVersion } = plan;
        const item = await importSchema(plan, async (name, { document, author, note }) => {
          lastVersion += 1;
          if (this.#options.dryRun) return lastVersion;
          const { active } = await client.register({ namespace, name, document, author, note }, call);
          return Number(active?.version);
        });
        done(item);
      }
    });
  }

  #registry<T>(use: (registry: Registry) => Promise<T>): Promise<T> {
    return withChannel(databaseTarget(this.#options, this.#terminal), (channel) => {
      const client = createClient(schemaService, channel);
      return use({ client, namespace: this.#namespace, call: this.#call() });
    });
  }

  #call() {
    return callOptions(this.#options, this.#terminal);
  }
}

/** The failure, with how far the import came. */
function stopped(error: unknown, items: readonly ImportedItem[], all: number): unknown {
  if (!isStatusError(error) && !(error instanceof CliError)) return error;
  const { text, exitCode } = reportFailure(error);
  return new CliError(`${text}; the import stopped after ${items.length} of ${all} definitions`, {
    hint: 'they stay, and importing the file again goes on from there',
    exitCode,
    cause: error,
  });
}
