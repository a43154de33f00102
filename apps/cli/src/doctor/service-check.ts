/** Whether a service answers where the settings say, what it says of itself, and whether its ports can be had. */
import { type ListenAddress, sidePortAddress } from '@connections/runtime';
import { standaloneSettings } from '@connections/standalone';
import { clientTls } from '../client-tls.ts';
import { askHealth, type HealthAnswer, servicesOf } from '../service-health.ts';
import { reachableHost, type ServiceTarget } from '../service-target.ts';
import { type Check, fail, ok, warn } from './check.ts';
import type { CheckedPort } from './port-check.ts';
import type { CheckedSettings } from './settings-check.ts';
import { askSidePort, type SidePortAnswer } from './side-port-answer.ts';

export interface CheckedService {
  readonly check: Check;
  readonly ports: readonly CheckedPort[];
  /** It runs, whether or not it serves. */
  readonly answers: boolean;
}

interface AskOptions {
  readonly timeoutMs: number;
  readonly interrupted: AbortSignal;
}

export async function checkService(
  name: ServiceTarget['name'],
  settings: CheckedSettings['settings'],
  options: AskOptions,
): Promise<CheckedService> {
  const own = settings[name];
  const rows = standaloneSettings[name];
  const grpc: ListenAddress = { host: own.host, port: own.port, portVariable: rows.port.env };
  const http = settings.process.httpEnabled ? sidePortAddress(own, rows.httpPort.env) : undefined;
  const [answer, readiness] = await Promise.all([
    grpc.port === 0
      ? undefined
      : ask({ name, address: addressOf(grpc), tls: tlsOf(settings.process) }, options),
    http && http.port !== 0 ? askSidePort(`http://${addressOf(http)}`, options) : undefined,
  ]);
  const answers = answer?.status === 'SERVING' || answer?.status === 'NOT_SERVING';
  return {
    answers,
    check: answer ? serviceCheck(answer, readiness) : notAsked(name),
    ports: [
      { ...grpc, check: `${name} port`, isOurs: answers },
      ...(http ? [{ ...http, check: `${name} side port`, isOurs: answers && readiness !== undefined }] : []),
    ],
  };
}

/** By the name of a gRPC service, so that the other of the two does not pass for this one. */
function ask(target: ServiceTarget, options: AskOptions) {
  const [service = ''] = servicesOf(target.name);
  return askHealth({ target, service }, { timeoutMs: options.timeoutMs, signal: options.interrupted });
}

function tlsOf({ tlsCa, tlsCert, tlsKey }: CheckedSettings['settings']['process']) {
  return clientTls({ GRPC_TLS_CA: tlsCa, GRPC_TLS_CERT: tlsCert, GRPC_TLS_KEY: tlsKey });
}

function serviceCheck(
  { target: { name, address }, status, problem }: HealthAnswer,
  readiness: SidePortAnswer | undefined,
): Check {
  const check = `${name} service`;
  if (status === 'SERVING') {
    if (readiness?.degraded) return warn(check, `serves on ${address}, ${readiness.reason}`);
    return ok(check, `serves on ${address}`);
  }
  if (status === 'NOT_SERVING') {
    const why = readiness && !readiness.ready ? `, ${readiness.reason}` : '';
    return fail(check, `runs on ${address} but does not serve${why}: its log has the cause`);
  }
  if (status === 'UNREACHABLE') return warn(check, `${problem}: start it with \`connections up\``);
  if (status === 'NO_ANSWER') {
    return fail(check, `what listens on ${address} has not answered in time: stop it, or look into its log`);
  }
  return fail(check, `what answers on ${address} is not the ${name} service: stop it, or set another port`);
}

function notAsked(name: ServiceTarget['name']): Check {
  return warn(
    `${name} service`,
    'not asked, for its port is another at every start: set a port to be found on',
  );
}

function addressOf({ host, port }: ListenAddress): string {
  return `${reachableHost(host)}:${port}`;
}
