/** The command as a whole: help, wrong use, exit codes, interruption. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { exitCodeMeanings } from '../src/exit-codes.ts';
import { commandPath, createProgram, everyCommand } from '../src/program.ts';
import { captureTerminal } from './captured-terminal.ts';
import { cli } from './cli-run.ts';

const serve = async () => {};

describe('help', () => {
  it('shows every command with a summary that fits its line, an example and the exit codes', async () => {
    const { code, stdout, stderr } = await cli('--help');
    assert.equal(code, 0);
    assert.equal(stderr, '');
    for (const { meaning } of exitCodeMeanings) assert.ok(stdout.includes(meaning), meaning);
    assert.match(stdout, /^Examples:\n {2}connections up$/m);
    assert.ok(stdout.split('\n').every((line) => line.length <= 80));
  });

  it('describes each command that does something, with an example of it', async () => {
    const terminal = captureTerminal();
    const program = await createProgram({ terminal, layers: [], serve });
    const leaves = [...everyCommand(program)].filter(({ commands }) => commands.length === 0);
    assert.ok(leaves.length >= 4);
    for (const leaf of leaves) {
      const words = [...commandPath(leaf).split(' ').slice(1), '--help'];
      const { code, stdout } = await cli(words);
      assert.equal(code, 0, words.join(' '));
      assert.match(stdout, new RegExp(`^ {2}.*${commandPath(leaf)}\\b`, 'm'), words.join(' '));
      assert.notEqual(leaf.description(), '', words.join(' '));
    }
  });

  it('goes to standard error, with 2, when a command is missing', async () => {
    const { code, stdout, stderr } = await cli('');
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^Usage: connections /);
  });

  it('is the same by `help tasks get` and `tasks get --help`', async () => {
    const { code, stdout } = await cli('help tasks get');
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: connections tasks get /);
    assert.equal(stdout, (await cli('tasks get --help')).stdout);
    assert.equal((await cli('help')).stdout, (await cli('--help')).stdout);
  });

  it('prints the version', async () => {
    const { code, stdout } = await cli('--version');
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

describe('wrong use is one line on standard error and 2', () => {
  const cases: readonly [string, string][] = [
    ['helth', "unknown command 'helth': did you mean health?\n"],
    ['health --tiemout 3', "unknown option '--tiemout': did you mean --timeout?\n"],
    ['help helth', "unknown command 'helth': did you mean health?\n"],
    ['helth --help', "unknown command 'helth': did you mean health?\n"],
    ['nothing-like-it', "unknown command 'nothing-like-it': see `connections --help`\n"],
    ['health --nothing', "unknown option '--nothing': see `connections health --help`\n"],
    ['completion tcsh', /^argument <shell> 'tcsh' is invalid, allowed choices are bash, .*\n$/.source],
    [
      'health --timeout soon',
      /^option '--timeout <seconds>' argument 'soon' is invalid, expected seconds .*\n$/.source,
    ],
    ['health --database nowhere', /^option '--database <host:port>' argument.*host:port.*\n$/.source],
    ['up --set nonsense', /^option '--set <NAME=value>' is invalid.*NAME=value.*\n$/.source],
    [
      'config and more',
      /^too many arguments for 'config', expected 0 arguments but got 2: .*connections config --help.*\n$/
        .source,
    ],
  ];
  for (const [line, expected] of cases) {
    it(line, async () => {
      const { code, stdout, stderr } = await cli(line);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      if (expected.startsWith('^')) assert.match(stderr, new RegExp(expected));
      else assert.equal(stderr, expected);
    });
  }
});

describe('Ctrl-C', () => {
  let silent: Server;
  let address: string;

  before(async () => {
    // Accepts connections and never says a word.
    silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const bound = silent.address();
    assert.ok(typeof bound === 'object' && bound !== null);
    address = `127.0.0.1:${bound.port}`;
  });

  after(() => silent.close());

  it('ends a pending call at once, with 130 and no complaint', async () => {
    const start = performance.now();
    const { code, stdout, stderr } = await cli(`health database --timeout 60 --database ${address}`, {
      during: (terminal) => setImmediate(() => terminal.interrupt()),
    });
    assert.deepEqual({ code, stdout, stderr }, { code: 130, stdout: '', stderr: '' });
    assert.ok(performance.now() - start < 5_000);
  });
});
