/** `connections health`: whether the services serve, for people, scripts and container probes. */
import { Argument, type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import {
  type CommonOptions,
  databaseOption,
  jsonOption,
  messagingOption,
  seconds,
  timeoutOption,
} from '../common-options.ts';
import { addExamples } from '../examples.ts';
import { otherServiceHint } from '../failure-report.ts';
import { printJson } from '../json-output.ts';
import type { HealthAnswer } from '../service-health.ts';
import { callOptions, databaseTarget, messagingTarget, startHint } from '../service-target.ts';
import { type Column, renderTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface HealthOptions extends CommonOptions {
  readonly all?: true;
  /** Seconds. */
  readonly wait?: number;
}

type ServiceName = HealthAnswer['target']['name'];

export function addHealthCommand(program: Command, { terminal }: CliContext): void {
  const health = program
    .command('health')
    .summary('ask whether the services serve')
    .description('Asks grpc.health.v1 of both services, or of one. Exits with 0 only when all of them serve.')
    .addArgument(new Argument('[service]', 'only this one').choices(['database', 'messaging']))
    .option('--all', 'each gRPC service by its name too')
    .addOption(new Option('--wait <seconds>', 'ask until they serve, for so long').argParser(seconds))
    .addOption(jsonOption())
    .addOption(databaseOption())
    .addOption(messagingOption())
    .addOption(timeoutOption());
  addExamples(health, 'connections health --wait 30', 'connections health database --json');
  health.action((service: ServiceName | undefined, options: HealthOptions) =>
    showHealth(service, options, terminal),
  );
}

async function showHealth(
  only: ServiceName | undefined,
  options: HealthOptions,
  terminal: Terminal,
): Promise<void> {
  const targets = [
    ...(only === 'messaging' ? [] : [databaseTarget(options, terminal)]),
    ...(only === 'database' ? [] : [messagingTarget(options, terminal)]),
  ];
  const { awaitHealth, servicesOf } = await import('../service-health.ts');
  const questions = targets.flatMap((target) =>
    ['', ...(options.all ? servicesOf(target.name) : [])].map((service) => ({ target, service })),
  );
  const waitMs = (options.wait ?? 0) * 1_000;
  const answers = await awaitHealth(questions, waitMs, callOptions(options, terminal));
  if (options.json) printJson(terminal, { services: answers.map(toJson) });
  else terminal.print(table(answers, terminal));
  const failing = answers.filter(({ status }) => status !== 'SERVING');
  if (failing.length > 0) throw complaint(failing);
}

function table(answers: readonly HealthAnswer[], terminal: Terminal): string {
  const columns: readonly Column[] = [
    { title: 'SERVICE' },
    { title: 'ADDRESS', whole: true },
    { title: 'STATUS', style: (status) => (status === 'serving' ? 'green' : 'red') },
    { title: 'LATENCY', align: 'right' },
  ];
  const rows = answers.map(({ target, service, status, latencyMs }) => [
    service || target.name,
    target.address,
    inWords(status),
    `${latencyMs.toFixed(1)} ms`,
  ]);
  return renderTable({ columns, rows }, terminal);
}

function toJson({ target, service, status, latencyMs, problem }: HealthAnswer) {
  return { service: service || target.name, address: target.address, status, latencyMs, problem };
}

/** One line for all that is wrong; a service and the gRPC services in it count once. */
function complaint(failing: readonly HealthAnswer[]): CliError {
  const perService = new Map(failing.toReversed().map((answer) => [answer.target.name, answer]));
  const [first, ...others] = [...perService.values()].toReversed();
  if (first && others.length === 0) {
    const { target, service, status, problem } = first;
    if (status === 'UNREACHABLE' && problem) return new CliError(problem, { hint: startHint(target.name) });
    return new CliError(
      `${service || `the ${target.name} service`} on ${target.address}: ${problem ?? inWords(status)}`,
      { hint: status === 'UNKNOWN' ? otherServiceHint : 'its log has the reason' },
    );
  }
  const names = [...perService.keys()].toReversed().join(' and ');
  const statuses = new Set([...perService.values()].map(({ status }) => status));
  return new CliError(`${names} do not serve`, {
    hint: statuses.has('UNREACHABLE')
      ? 'start them with `connections up`, or give their addresses with --database and --messaging'
      : statuses.has('UNKNOWN')
        ? 'check their addresses: other services answer there, or older ones'
        : 'their logs have the reason',
  });
}

function inWords(status: HealthAnswer['status']): string {
  return status.toLowerCase().replace('_', ' ');
}
