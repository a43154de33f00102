/** `connections export`: the schemas and the topology of a namespace as one file. */
import { createClient } from '@connections/grpc';
import { messagingService, schemaService } from '@connections/proto-utils';
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import {
  type CommonOptions,
  databaseOption,
  messagingOption,
  namespaceOption,
  timeoutOption,
} from '../common-options.ts';
import { declaredTopology } from '../definitions/declared-topology.ts';
import {
  maxDefinitionsBytes,
  type PartOptions,
  type TopologyDefinition,
  wantedParts,
} from '../definitions/definitions-format.ts';
import { definitionsText } from '../definitions/definitions-text.ts';
import { registeredSchemas } from '../definitions/registered-schemas.ts';
import { writeWholeFile } from '../definitions/whole-file.ts';
import { addExamples } from '../examples.ts';
import { callOptions, databaseTarget, messagingTarget, withChannel } from '../service-target.ts';
import type { Terminal } from '../terminal.ts';

type ExportOptions = CommonOptions & PartOptions;

export function addExportCommand(program: Command, { terminal }: CliContext): void {
  const command = program
    .command('export')
    .summary('write schemas and topology into a file')
    .description(
      'Writes the schemas of a namespace with all their versions, and its exchanges, queues and bindings, as one JSON ' +
        'file for `connections import`. Tasks, cache entries and messages are not in it. The same definitions give the ' +
        'same file.',
    )
    .argument('[file]', 'where to; standard output when `-` or left out')
    .option('--schemas', 'the schemas alone')
    .option('--topology', 'the exchanges, queues and bindings alone')
    .addOption(namespaceOption())
    .addOption(databaseOption())
    .addOption(messagingOption())
    .addOption(timeoutOption());
  addExamples(command, 'connections export definitions.json');
  command.action((file: string | undefined, options: ExportOptions) =>
    exportDefinitions(file ?? '-', options, terminal),
  );
}

async function exportDefinitions(file: string, options: ExportOptions, terminal: Terminal): Promise<void> {
  const parts = wantedParts(options);
  const topology = parts.topology ? await topologyOf(options, terminal) : undefined;
  const namespace = options.namespace || 'default';
  const write = async (schemas: ReturnType<typeof registeredSchemas> | undefined) => {
    const lines = definitionsText({ namespace, schemas, topology });
    if (file === '-') {
      for await (const line of lines) terminal.print(line);
      return;
    }
    const bytes = await writeWholeFile(file, lines, terminal.interrupted);
    if (bytes > maxDefinitionsBytes) {
      terminal.note(`the file is larger than import takes: ${bytes} bytes of ${maxDefinitionsBytes}`);
    }
  };
  if (!parts.schemas) return write(undefined);
  await withChannel(databaseTarget(options, terminal), (channel) => {
    const client = createClient(schemaService, channel);
    return write(registeredSchemas({ client, namespace, call: callOptions(options, terminal) }));
  });
}

function topologyOf(options: ExportOptions, terminal: Terminal): Promise<TopologyDefinition> {
  return withChannel(messagingTarget(options, terminal), async (channel) => {
    const { namespace } = options;
    const client = createClient(messagingService, channel);
    const { topology } = await client.getTopology({ namespace }, callOptions(options, terminal));
    return declaredTopology(topology);
  });
}
