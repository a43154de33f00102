/** What `connections call` does with what was typed. */
import { type CliError, usageError } from '../cli-error.ts';
import type { CallCommandOptions } from '../commands/call-command.ts';
import { printJson, printJsonLine } from '../json-output.ts';
import { callOptions, withChannel } from '../service-target.ts';
import type { Terminal } from '../terminal.ts';
import { type ReflectedTargets, reflectTargets } from './call-targets.ts';
import { isResponseStream } from './dynamic-method.ts';
import { invokeMethod } from './invoke-method.ts';
import { printMethods } from './method-list.ts';
import { didYouMean } from './nearest-names.ts';
import { protoText } from './proto-text.ts';
import { requestTemplate } from './request-template.ts';
import { methodName, type ServedMethod, ServiceCatalogue } from './service-catalogue.ts';

export interface TypedCall {
  readonly name: string | undefined;
  readonly data: string | undefined;
  readonly options: CallCommandOptions;
  /** The timeout was asked for. */
  readonly timed: boolean;
}

const helpHint = 'see `connections call --help`';

export async function runCall(typed: TypedCall, terminal: Terminal): Promise<void> {
  const { data, options } = typed;
  const { describe, template, json } = options;
  if (data !== undefined && (describe || template))
    throw usageError('there is no call to send the JSON with', helpHint);
  if (typed.name === undefined && (describe || template))
    throw usageError('name what is to be shown', helpHint);
  const targets = await reflectTargets(options, terminal);
  const catalogue = new ServiceCatalogue(targets.reflected);
  if (typed.name === undefined) {
    for (const { message } of targets.unreachable) terminal.note(message);
    printMethods(catalogue.methods, { json, terminal });
    return;
  }
  const name = typed.name.replace(/^\//, '');
  const service = catalogue.service(name);
  if (service && !describe && !template && data === undefined) {
    const methods = catalogue.methods.filter((served) => served.service === service.service);
    printMethods(methods, { json, terminal });
    return;
  }
  const method = catalogue.method(name);
  const described = describe && (service?.service ?? method?.method ?? catalogue.type(name));
  if (described) terminal.print(protoText(described));
  else if (method && template) printJson(terminal, requestTemplate(method.method.input));
  else if (method && !describe) await call(method, typed, terminal);
  else throw unknown(name, catalogue, targets, describe === true);
}

async function call(
  served: ServedMethod,
  { data, options, timed }: TypedCall,
  terminal: Terminal,
): Promise<void> {
  const { method, registry, targets } = served;
  const [target, other] = targets;
  if (other) {
    terminal.note(
      `asking ${target.name ?? 'it'} on ${target.address}; ${other.name} has it too: --address ${other.address}`,
    );
  }
  const { timeoutMs, signal } = callOptions(options, terminal);
  const { metadata } = options;
  const invocation = {
    method,
    registry,
    source: { data, stdin: terminal.stdin },
    options: {
      signal,
      ...(timed || method.methodKind === 'unary' ? { timeoutMs } : {}),
      ...(metadata ? { metadata } : {}),
    },
  };
  const pretty = terminal.columns !== undefined && !options.json && !isResponseStream(method);
  await withChannel(target, async (channel) => {
    for await (const answer of invokeMethod(channel, invocation)) {
      if (pretty) printJson(terminal, answer);
      else printJsonLine(terminal, answer);
    }
  });
}

/** What was asked for may be on the service that cannot be reached: then that is the failure. */
function unknown(
  name: string,
  catalogue: ServiceCatalogue,
  { unreachable }: ReflectedTargets,
  describe: boolean,
): CliError {
  const [absent] = unreachable;
  if (absent) return absent;
  if (!describe && catalogue.service(name))
    return usageError(`${name} is a service`, 'name one of its methods too');
  const names = [...catalogue.methods.map(({ method }) => methodName(method)), ...catalogue.serviceNames];
  const hint = didYouMean(name, describe ? [...names, ...catalogue.typeNames] : names);
  return usageError(
    `there is no ${describe ? 'method or type' : 'method'} ${name}`,
    hint ?? '`connections call` lists them',
  );
}
