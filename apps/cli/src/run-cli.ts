/** Runs one command line to its exit code. */
import { type Command, CommanderError } from 'commander';
import type { CliContext } from './cli-context.ts';
import { exitCodes } from './exit-codes.ts';
import { reportFailure } from './failure-report.ts';
import { createProgram } from './program.ts';

/** `words` is the command line without the names of node and the script. Never rejects. */
export async function runCli(words: readonly string[], context: CliContext): Promise<number> {
  const { interrupted } = context.terminal;
  const interruption = new Promise<number>((resolve) => {
    interrupted.addEventListener('abort', () => resolve(exitCodes.interrupted), { once: true });
  });
  // Whatever the command still does after Ctrl-C, and whatever it says of it, is not waited for.
  return Promise.race([interruption, run(words, context)]);
}

async function run(words: readonly string[], context: CliContext): Promise<number> {
  try {
    const program = await createProgram(context, words[0]);
    await program.parseAsync(forCommander(words, program), { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const { text, exitCode } = reportFailure(error);
    if (context.terminal.interrupted.aborted) return exitCodes.interrupted;
    context.terminal.note(text);
    return exitCode;
  }
}

/** `help tasks get` is `tasks get --help`; asked for help on no command of ours, commander would help with all of them. */
function forCommander(words: readonly string[], program: Command): readonly string[] {
  const [name, ...rest] = words[0] === 'help' ? [...words.slice(1), '--help'] : words;
  if (name === undefined) return [];
  const isCommand = program.commands.some((command) => command.name() === name);
  return isCommand || name.startsWith('-') ? [name, ...rest] : [name];
}
