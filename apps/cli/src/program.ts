/** The `connections` command as a whole: its help, its version, and how wrong use of it is reported. */
import { readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { type Argument, Command, type CommanderError } from 'commander';
import type { CliContext } from './cli-context.ts';
import { usageError } from './cli-error.ts';
import { addCommands } from './commands.ts';
import { exitCodeMeanings } from './exit-codes.ts';

/** Longer lines are hard to read. */
const widestHelp = 100;

const epilogue = `
Examples:
  connections up
  connections health --wait 30
  connections tasks list --json | jq .

Exit codes:
${exitCodeMeanings.map(({ code, meaning }) => `  ${code.padEnd(8)}${meaning}`).join('\n')}
`;

/** `name` is the command that will run, where it is known; without it the program has all of them. */
export async function createProgram(context: CliContext, name?: string): Promise<Command> {
  const { terminal } = context;
  const helpWidth = Math.min(terminal.columns ?? 80, widestHelp);
  const program = new Command('connections')
    .description('Runs the Connection Services, asks how they are, and calls them.')
    .version(ownVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .addHelpText('after', epilogue.trimEnd())
    // So that an option of a command, such as --version, is not taken for the one of the same name here.
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
      // Usage errors are reported as every other: in one line, by whoever runs the program.
      outputError: () => {},
      getOutHelpWidth: () => helpWidth,
      getErrHelpWidth: () => helpWidth,
      getOutHasColors: () => terminal.colour,
      getErrHasColors: () => false,
    })
    .configureHelp({
      subcommandTerm: (command) =>
        [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' '),
      styleTitle: (title) => (terminal.colour ? styleText('bold', title, { validateStream: false }) : title),
    });
  await addCommands(program, context, name);
  for (const command of everyCommand(program)) {
    command.exitOverride((error) => leave(error, command));
    if (command !== program) command.helpCommand(false);
  }
  return program;
}

/** The command and all below it. */
export function* everyCommand(command: Command): Iterable<Command> {
  yield command;
  for (const child of command.commands) yield* everyCommand(child);
}

/** Its full name, as typed: `connections tasks get`. */
export function commandPath(command: Command): string {
  return command.parent ? `${commandPath(command.parent)} ${command.name()}` : command.name();
}

function leave(error: CommanderError, command: Command): never {
  if (error.exitCode === 0 || error.code === 'commander.help') throw error;
  const [problem = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const [, alternatives] = /^\(Did you mean (.*)\?\)$/.exec(suggestion ?? '') ?? [];
  throw usageError(
    inOneSentence(problem),
    alternatives
      ? `did you mean ${alternatives.replace(/^one of /, '')}?`
      : `see \`${commandPath(command)} --help\``,
  );
}

/** What commander says in two sentences, an argument as an option is named. */
function inOneSentence(problem: string): string {
  return problem
    .replace(
      /^command-argument value ('.*') is invalid for argument '([^']*)'/,
      'argument <$2> $1 is invalid',
    )
    .replace(
      /(is invalid|^too many arguments for '\w+')\. (\w)/,
      (_, start, letter) => `${start}, ${letter.toLowerCase()}`,
    )
    .replace(/\.$/, '');
}

function argumentTerm(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

function ownVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return JSON.parse(manifest).version;
}
