/** Every command and program of the documentation, run as it stands there; docs/README.md says what the words mean. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { eventually, freePort, mongoMissing, rabbitMissing, redisMissing } from '@connections/testing';
import { freshCheckout } from '../e2e/fresh-checkout.ts';
import { type StandaloneProcess, startStandalone, temporaryFolder } from '../e2e/standalone-process.ts';
import { documentFiles, type FencedBlock, fencedBlocks, root } from './fenced-blocks.ts';

/** Commands that are not run here, each with what runs it. */
const gate = new Map([
  ['npm ci', 'the first command of .ci/run'],
  ['npm test', 'this is a part of it'],
  ['npm test -- part-of-a-path', 'this is a part of it'],
  ['npm run check', 'run by .ci/run'],
  ['npm run bench', 'takes minutes; its parts are tested where they stand'],
  ['npm run servers', 'run by .ci/run'],
  ['npm run faults', 'takes minutes; tests/e2e/faults.test.ts runs its short form'],
  ['npm run faults -- dual', 'takes minutes; tests/e2e/faults.test.ts runs its short form'],
  ['npm run faults -- rabbit', 'takes an hour; tests/e2e/faults.test.ts runs its short form'],
  ['npm test -- packages/grpc', 'this is a part of it'],
  ['npm test -- tests/interop', 'this is a part of it'],
  ['npm run attacks', 'attacks.test.ts runs the same and decides'],
  ['npm run fuzz:grpc', 'grpc-fuzz.test.ts runs the same'],
  ['npm run nightly:grpc-fuzz', 'takes a quarter of an hour; grpc-fuzz.test.ts runs its short form'],
  ['npm run gen', 'run with --check by npm run check'],
]);

const readyLine = /is ready in \d+ ms|"msg":"ready"|consuming /;
const commandMs = 60_000;
const sessionMs = 240_000;

/** What a block is, or what is wrong with its info string. */
function kindOf({ language, words }: FencedBlock): string {
  const rest = words.join(' ');
  if (language === 'sh' && /^((exit=\d+)?|long|gate|session|elsewhere|needs=\S+)$/.test(rest)) {
    return rest.replace(/=.*/, '') || 'sh';
  }
  if (language === 'ts' && (rest === '' || rest === 'fragment')) return rest || 'ts';
  if (['python', 'json', 'text', 'yaml', 'promql'].includes(language) && rest === '') return language;
  return `unknown words: ${[language, ...words].join(' ') || 'none'}`;
}

const blocks = documentFiles().flatMap(fencedBlocks);
const ofKind = (...kinds: readonly string[]) => blocks.filter((block) => kinds.includes(kindOf(block)));
const title = ({ file, line, text }: FencedBlock) => `${file}:${line} ${text.trim().split('\n')[0]}`;
const requiredOnCi = (reason: string) => {
  if (process.env.CI) throw new Error(`required here: ${reason}`);
  return reason;
};

/** For all that a session starts. */
async function freePorts(): Promise<Record<string, string>> {
  const names = [
    'REDIS',
    'MONGO',
    'DATABASE_CONNECTION',
    'DATABASE_HTTP',
    'MESSAGING_CONNECTION',
    'MESSAGING_HTTP',
    'RABBITMQ',
    'RABBITMQ_DIST',
    'ERL_EPMD',
  ];
  const ports: [string, string][] = [];
  for (const name of names) ports.push([`${name}_PORT`, `${await freePort()}`]);
  return Object.fromEntries(ports);
}

/** It, and what it has left running. */
function killGroup({ pid = 0 }: ChildProcess): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // There is none left.
  }
}

describe('the blocks of the documentation', () => {
  it('all say what they are', () => {
    const unknown = blocks.filter((block) => kindOf(block).startsWith('unknown words'));
    assert.deepEqual(
      unknown.map(({ file, line, language, words }) => `${file}:${line} ${[language, ...words].join(' ')}`),
      [],
    );
  });

  for (const block of ofKind('json')) it(`parse: ${title(block)}`, () => void JSON.parse(block.text));

  for (const block of ofKind('elsewhere', 'long', 'needs', 'exit', 'sh', 'gate', 'session')) {
    it(`are shell: ${title(block)}`, () => {
      const { status, stderr } = spawnSync('sh', ['-n'], { input: block.text, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    });
  }

  for (const block of ofKind('gate')) {
    it(`are left to the gate: ${title(block)}`, () => {
      const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
      for (const command of block.text.trim().split('\n')) {
        assert.ok(gate.has(command), `${command} is not in the list of this test`);
        const [, script = 'test'] = /^npm run (\S+)/.exec(command) ?? [];
        assert.ok(script in scripts, `there is no script ${script}`);
      }
    });
  }
});

describe('the commands of the documentation', { timeout: 900_000 }, () => {
  let checkout = '';
  let services: StandaloneProcess;
  let environment: Record<string, string | undefined>;

  before(async () => {
    checkout = freshCheckout({ installed: true, built: true });
    if (existsSync(join(root, '.servers'))) symlinkSync(join(root, '.servers'), join(checkout, '.servers'));
    const data = join(checkout, '.data');
    services = await startStandalone({ CONNECTIONS_DATA: data });
    const port = (address: string) => address.split(':').at(-1) ?? '';
    environment = {
      ...process.env,
      // The tests of the runner report to it by this.
      NODE_TEST_CONTEXT: undefined,
      CONNECTIONS_DATA: data,
      DATABASE_ADDRESS: services.databaseAddress,
      MESSAGING_ADDRESS: services.messagingAddress,
      DATABASE_CONNECTION_PORT: port(services.databaseAddress),
      MESSAGING_CONNECTION_PORT: port(services.messagingAddress),
      DATABASE_HTTP_PORT: port(services.databaseHttp),
      MESSAGING_HTTP_PORT: port(services.messagingHttp),
      PYTHONPATH: join(checkout, 'stubs'),
    };
  });

  after(() => services[Symbol.asyncDispose]());

  function run(command: string, args: readonly string[], input = '') {
    const { status, signal, stdout, stderr } = spawnSync(command, args, {
      cwd: checkout,
      env: environment,
      input,
      encoding: 'utf8',
      timeout: commandMs,
    });
    return { end: status ?? signal, output: `${stdout}${stderr}` };
  }

  const shell = (text: string) => run('bash', ['-eo', 'pipefail', '-s'], text);

  for (const block of ofKind('sh', 'exit', 'needs')) {
    it(title(block), (context) => {
      const [, tool] = /^needs=(.*)$/.exec(block.words[0] ?? '') ?? [];
      if (tool && run('which', [tool]).end !== 0) return context.skip(requiredOnCi(`${tool} is not here`));
      const [, code = '0'] = /^exit=(\d+)$/.exec(block.words[0] ?? '') ?? [];
      const { end, output } = shell(block.text);
      assert.equal(end, Number(code), output);
    });
  }

  for (const file of new Set(ofKind('session').map((block) => block.file))) {
    it(`${file}, all of its session`, async (context) => {
      const missing =
        redisMissing({ own: true }) ?? mongoMissing({ own: true }) ?? rabbitMissing({ own: true });
      if (missing) return context.skip(missing);
      const session = join(checkout, 'session.sh');
      const texts = ofKind('session').flatMap((block) => (block.file === file ? block.text : []));
      writeFileSync(session, texts.join('\n'));
      const child = spawn('bash', ['-eo', 'pipefail', session], {
        cwd: checkout,
        detached: true,
        env: { ...environment, ...(await freePorts()), CONNECTIONS_DATA: temporaryFolder() },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
      }
      // What it waits for with no end does not come.
      const late = setTimeout(() => killGroup(child), sessionMs);
      const [code] = await once(child, 'exit');
      clearTimeout(late);
      killGroup(child);
      assert.equal(code, 0, output);
    });
  }

  for (const block of ofKind('long')) {
    it(title(block), async () => {
      const free = { DATABASE_CONNECTION_PORT: '0', MESSAGING_CONNECTION_PORT: '0' };
      const child = spawn('bash', ['-c', block.text], {
        cwd: checkout,
        detached: true,
        env: {
          ...environment,
          ...free,
          DATABASE_HTTP_PORT: '0',
          MESSAGING_HTTP_PORT: '0',
          CONNECTIONS_DATA: temporaryFolder(),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
      }
      const ended = once(child, 'close');
      try {
        await eventually(() => assert.match(output, readyLine), commandMs);
      } finally {
        // To all of them, as a terminal does.
        process.kill(-(child.pid ?? 0), 'SIGINT');
      }
      const [code, signal] = await ended;
      assert.ok([0, 130, 'SIGINT'].includes(code ?? signal), `${code ?? signal}: ${output}`);
    });
  }

  it('in TypeScript', (context) => runTypeScript(context));

  async function runTypeScript(context: TestContext): Promise<void> {
    const folder = join(checkout, 'snippets');
    mkdirSync(folder);
    const programs = ofKind('ts').map((block, index) => ({ block, name: `snippet-${index}` }));
    for (const { block, name } of programs)
      writeFileSync(join(folder, `${name}.ts`), `${block.text}\nexport {};\n`);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../tsconfig.base.json',
        compilerOptions: { composite: false, incremental: false, outDir: 'dist', rootDir: '.' },
      }),
    );
    const { end, output } = run('npx', ['--no-install', 'tsc', '-p', folder]);
    assert.equal(end, 0, output);
    for (const { block, name } of programs) {
      await context.test(title(block), () => {
        const result = run(process.execPath, [join(folder, 'dist', `${name}.js`)]);
        assert.equal(result.end, 0, result.output);
      });
    }
  }

  for (const block of ofKind('python')) {
    it(title(block), (context) => {
      const missing = run('/usr/bin/python3', ['-c', 'import grpc']).end !== 0;
      if (missing) return context.skip(requiredOnCi('/usr/bin/python3 has no grpc (Debian: python3-grpcio)'));
      const { end, output } = run('/usr/bin/python3', ['-B', '-'], block.text);
      assert.equal(end, 0, output);
    });
  }
});
