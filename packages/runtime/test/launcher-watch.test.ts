/** A process that stops with the program that started it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'connections-launcher-'));
after(() => rmSync(folder, { recursive: true, force: true }));

// As npm's moon does: it waits for its child in a way that no signal gets through.
writeFileSync(
  join(folder, 'starter'),
  `#!${process.execPath}
  const [stdio, command, ...args] = process.argv.slice(2);
  require('node:child_process').spawnSync(command, args, { stdio: [0, stdio, stdio] });`,
  { mode: 0o755 },
);
const here = fileURLToPath(new URL('.', import.meta.url));
const watch = new URL('../src/host/launcher-watch.js', import.meta.url).href;
const countLinks = `
  import { launchers } from '${watch}';
  const links = await launchers('starter');
  console.log(links.length, (await launchers('other')).length, links[0]?.pid === process.pid);`;

function run(command: string, args: readonly string[]): ChildProcess {
  return spawn(command, args, {
    cwd: here,
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** In two starters, the second in the first, or in one that reads its output. */
function runInStarters(stdio: 'inherit' | 'pipe', program: string, ...args: string[]): ChildProcess {
  const node = [process.execPath, '--input-type=module', '-e', program, ...args];
  return run('starter', stdio === 'pipe' ? [stdio, ...node] : [stdio, 'starter', stdio, ...node]);
}

async function output(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(child, 'close');
  return text;
}

describe('launcherGone', { skip: process.platform === 'win32' && 'Windows tells nothing of parents' }, () => {
  it('finds the programs of that name that led here, one from another, and no other', async () => {
    assert.equal(await output(runInStarters('inherit', countLinks)), '2 0 true\n');
  });

  it('counts a shell that was told to run the program alone, not one that runs it among others', async () => {
    const command = `inherit ${process.execPath} --input-type=module -e "$0"; true`;
    assert.equal(await output(run('sh', ['-c', `'starter' ${command}`, countLinks])), '2 0 true\n');
    assert.equal(await output(run('sh', ['-c', `cd .; starter ${command}`, countLinks])), '1 0 true\n');
  });

  it('takes no lack of file descriptors for a program that is gone', { timeout: 10_000 }, async () => {
    const program = `
      import { openSync } from 'node:fs';
      import { launcherGone, launchers } from '${watch}';
      launchers('starter').then(launcherGone).then(() => console.log('gone'));
      setTimeout(() => {
        try {
          for (;;) openSync('/dev/null');
        } catch (error) {
          console.log(error.code);
        }
        setTimeout(() => process.exit(), 1_000);
      }, 300);`;
    const limited = `ulimit -n 60; exec starter inherit '${process.execPath}' --input-type=module -e "$0"`;
    assert.equal(await output(run('sh', ['-c', limited, program])), 'EMFILE\n');
  });

  for (const [stdio, what] of [
    ['inherit', 'the outermost program is gone'],
    ['pipe', 'who reads its log is gone too'],
  ] as const) {
    it(`stops the process in order when ${what}`, { timeout: 10_000 }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      const program = `
        import { connect } from 'node:net';
        import { createLog } from '@connections/runtime';
        import { runProcess } from '@connections/runtime/host';
        import { launcherGone, launchers } from '${watch}';
        const socket = connect(Number(process.argv[1]), '127.0.0.1');
        await runProcess(async () => {
          const gone = launcherGone(await launchers('starter'));
          socket.write('up');
          const stop = async () => {
            // As a drain does, it takes turns of the loop, in which failures of other things come up.
            await new Promise((resolve) => setImmediate(resolve));
            await new Promise((resolve) => socket.end('stopped', resolve));
          };
          return { log: createLog(), launcherGone: gone, stop };
        });`;
      const outermost = runInStarters(stdio, program, String(address.port));
      const [socket]: Socket[] = await once(server, 'connection');
      let said = '';
      socket?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said === 'up') outermost.kill('SIGKILL');
      });
      assert.ok(socket);
      await once(socket, 'close');
      server.close();
      assert.equal(said, 'upstopped');
    });
  }
});
