/** The `connections` command, and the only file here that touches the process. */
import { layerEnvironment } from '@connections/runtime/environment';
import type { CliContext } from './cli-context.ts';
import { CliError } from './cli-error.ts';
import { reportFailure } from './failure-report.ts';
import { readProcessLayers } from './process-layers.ts';
import { createProcessTerminal } from './process-terminal.ts';
import { runCli } from './run-cli.ts';

const { stdin, stdout, stderr } = process;
const interrupt = new AbortController();
/** Services stop in order on a signal, and go on where nobody reads what they print. */
let serving = false;
// Never removed: a signal that came while modules were loaded is lost with the listener that it came for.
process.on('SIGINT', () => {
  if (!serving) interrupt.abort();
});
stdout.on('error', (error) => {
  if (!serving) endUnread(error);
});

const exitCode = await main();
// Open handles, such as a call that was interrupted, keep no command alive; what was printed is waited for.
stdout.write('', (error) => (error ? endUnread(error) : process.exit(exitCode)));

function endUnread(error: NodeJS.ErrnoException): never {
  // What reads the output has had enough, as `| head` does: that is no failure.
  if (error.code === 'EPIPE') process.exit(0);
  const report = reportFailure(new CliError('the output cannot be written', { hint: error.message }));
  stderr.write(`${report.text}\n`);
  process.exit(report.exitCode);
}

async function main(): Promise<number> {
  try {
    const layers = readProcessLayers(process.cwd(), process.env);
    const { env } = layerEnvironment(layers);
    const terminal = createProcessTerminal({ env, stdin, stdout, stderr, interrupted: interrupt.signal });
    const serve: CliContext['serve'] = (settings, explain) => up(settings, explain, terminal.colour);
    return await runCli(process.argv.slice(2), { terminal, layers, serve });
  } catch (error) {
    const { text, exitCode } = reportFailure(error);
    stderr.write(`${text}\n`);
    return exitCode;
  }
}

async function up(
  ...[settings, explain, colour]: [...Parameters<CliContext['serve']>, boolean]
): Promise<void> {
  const [{ startStandalone }, { runProcess, StartError }] = await Promise.all([
    import('@connections/standalone'),
    import('@connections/runtime/host'),
  ]);
  serving = true;
  await runProcess(async () => {
    try {
      return await startStandalone(settings, { print: (text) => stdout.write(text), colour });
    } catch (error) {
      throw error instanceof StartError ? new StartError(error.code, explain(error.message)) : error;
    }
  });
}
