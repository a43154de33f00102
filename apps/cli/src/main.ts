/** The `connections` command, and the only file here that touches the process. */
import { layerEnvironment } from '@connections/runtime/environment';
import type { CliContext } from './cli-context.ts';
import { reportFailure } from './failure-report.ts';
import { readProcessLayers } from './process-layers.ts';
import { createProcessTerminal } from './process-terminal.ts';
import { runCli } from './run-cli.ts';

const { stdin, stdout, stderr } = process;
// What reads the output has had enough, as `| head` does: that is no failure.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
const interrupt = new AbortController();
const onInterrupt = () => interrupt.abort();
process.on('SIGINT', onInterrupt);

const exitCode = await main();
// Open handles, such as a call that was interrupted, keep no command alive; what was printed is waited for.
stdout.write('', () => process.exit(exitCode));

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
  // From here on a signal stops the services in order.
  process.off('SIGINT', onInterrupt);
  await runProcess(async () => {
    try {
      return await startStandalone(settings, { print: (text) => stdout.write(text), colour });
    } catch (error) {
      throw error instanceof StartError ? new StartError(error.code, explain(error.message)) : error;
    }
  });
}
