/** Starts the rabbitmq-server of Debian with its own port mapper, or takes the broker that the environment names. */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import {
  overTakenPorts,
  type Place,
  type ServerKind,
  type StartedServer,
  startServer,
} from './server-process.ts';
import { notOurs, onPath, reasonToSkip, type TestServer } from './test-server.ts';

export interface RabbitOptions {
  /** The test freezes or kills it, or changes what others would see. Any other option implies it. @default false */
  readonly own?: boolean;
  /** Lines for rabbitmq.conf beside ours. @default [] */
  readonly config?: readonly string[];
}

export interface RabbitServer extends TestServer {
  /** Runs rabbitmqctl and resolves with what it prints; takes seconds, and only a broker of one's own has it. */
  control(...args: readonly string[]): Promise<string>;
  /** What the broker has logged since it was started last. */
  log(): string;
}

/** Debian's commands of this name on the path insist on the user `rabbitmq` or root; these are what they call. */
const folderOfCommands = '/usr/lib/rabbitmq/bin';

let shared: Promise<TestServer> | undefined;

/** Why suites that need RabbitMQ with these options are skipped. */
export function rabbitMissing(options: RabbitOptions = {}): string | undefined {
  return reasonToSkip('rabbitmq', givenUrl(options) ? undefined : missing());
}

/** One broker of the process for all that ask for no own one: it starts in seconds, and who shares it needs own names. */
export async function startRabbit(): Promise<TestServer>;
export async function startRabbit(options: RabbitOptions & { readonly own: true }): Promise<RabbitServer>;
export async function startRabbit(options: RabbitOptions = {}): Promise<TestServer> {
  const url = givenUrl(options);
  if (url) {
    return notOurs('RABBITMQ_TEST_URL', url, Number(new URL(url).port || 5672), () => Promise.resolve());
  }
  const reason = missing();
  if (reason) throw new Error(reason);
  if (isOwn(options)) return startOwn(options);
  shared ??= startOwn({});
  const { url: address, port } = await shared;
  // It ends with the process: the next suite of the file may ask for it again.
  return notOurs('the whole process', address, port, () => Promise.resolve());
}

function isOwn({ own = false, ...options }: RabbitOptions): boolean {
  return own || Object.keys(options).length > 0;
}

function givenUrl(options: RabbitOptions): string | undefined {
  return isOwn(options) ? undefined : process.env.RABBITMQ_TEST_URL;
}

function missing(): string | undefined {
  return existsSync(`${folderOfCommands}/rabbitmq-server`) || onPath('rabbitmq-server')
    ? undefined
    : 'there is no rabbitmq-server (Debian: rabbitmq-server)';
}

function startOwn({ config = [] }: RabbitOptions): Promise<RabbitServer> {
  return overTakenPorts(async () => {
    const [epmdPort, nodePort, port] = [await freePort(), await freePort(), await freePort()];
    const mapper = await startServer(portMapperKind, epmdPort);
    try {
      const kind = new BrokerKind({ epmdPort, nodePort, config });
      return withControl(await startServer(kind, port), mapper, kind);
    } catch (error) {
      await mapper[Symbol.asyncDispose]();
      throw error;
    }
  });
}

interface Names {
  readonly epmdPort: number;
  readonly nodePort: number;
  readonly config: readonly string[];
}

/** Erlang's port mapper: one that a node starts by itself would outlive it, and would be shared by strangers. */
const portMapperKind: ServerKind = {
  name: 'epmd',
  command: 'epmd',
  args: ({ port }) => ['-port', `${port}`, '-address', '127.0.0.1'],
  url: ({ port }) => `tcp://127.0.0.1:${port}`,
  answers: ({ port }) =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.destroy();
        resolve();
      });
    }),
};

class BrokerKind implements ServerKind {
  readonly name = 'rabbitmq';
  readonly command = commandOf('rabbitmq-server');
  readonly #names: Names;
  #place: Place | undefined;

  constructor(names: Names) {
    this.#names = names;
  }

  args(): readonly string[] {
    return [];
  }

  url({ port }: Place): string {
    return `amqp://guest:guest@127.0.0.1:${port}/%2F`;
  }

  environment(): Record<string, string> {
    if (!this.#place) throw new Error('the broker has no folder yet');
    return environmentOf(this.#place, this.#names);
  }

  prepare(place: Place): void {
    this.#place = place;
    writeFileSync(
      `${place.folder}/rabbitmq.conf`,
      [...configOf(place.port), ...this.#names.config, ''].join('\n'),
    );
    writeFileSync(`${place.folder}/enabled_plugins`, '[].\n');
  }

  async answers({ log }: { log: string }): Promise<void> {
    // Its own log tells that it, and not another broker, has the port.
    if (!log.includes('Server startup complete')) throw new Error('rabbitmq-server does not listen');
  }
}

function configOf(port: number): string[] {
  return [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    // A machine full of tests may have less than the 50 MB of free disk below which it blocks publishers.
    'disk_free_limit.absolute = 1MB',
    'log.console.level = info',
  ];
}

function environmentOf({ folder, port }: Place, { epmdPort, nodePort }: Names): Record<string, string> {
  return {
    // The script becomes the Erlang machine, so that signals reach it, where it believes to be started by systemd.
    RUNNING_UNDER_SYSTEMD: 'true',
    // Where the Erlang cookie lies.
    HOME: folder,
    ERL_EPMD_PORT: `${epmdPort}`,
    RABBITMQ_NODENAME: `tests-${port}@localhost`,
    RABBITMQ_DIST_PORT: `${nodePort}`,
    RABBITMQ_MNESIA_BASE: `${folder}/data`,
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_LOGS: '-',
    RABBITMQ_CONFIG_FILE: `${folder}/rabbitmq.conf`,
    RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/enabled_plugins`,
    // The machine's own settings are for its own broker.
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    // Schedulers that have nothing to do sleep instead of spinning: the tests need the processor.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}',
  };
}

function withControl(broker: StartedServer, mapper: TestServer, kind: BrokerKind): RabbitServer {
  const { url, port } = broker;
  return {
    url,
    port,
    freeze: () => broker.freeze(),
    thaw: () => broker.thaw(),
    kill: () => broker.kill(),
    restart: () => broker.restart(),
    log: () => broker.log(),
    async control(...args) {
      const env = { ...process.env, ...kind.environment() };
      const { stdout } = await promisify(execFile)(commandOf('rabbitmqctl'), args, { env });
      return stdout;
    },
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]();
      await mapper[Symbol.asyncDispose]();
    },
  };
}

function commandOf(name: string): string {
  const whole = `${folderOfCommands}/${name}`;
  return existsSync(whole) ? whole : name;
}
