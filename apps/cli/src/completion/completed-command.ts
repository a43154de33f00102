/** The command tree as completion needs it: what may follow each command. */
import type { Argument, Command, Option } from 'commander';

export interface Word {
  readonly text: string;
  readonly doc: string;
}

export interface CompletedOption {
  /** With their dashes. */
  readonly names: readonly string[];
  readonly doc: string;
  /** What its value may be; undefined where it takes none. */
  readonly value: Values | undefined;
}

export interface Values {
  /** Empty where any text may follow. */
  readonly choices: readonly string[];
  readonly files: boolean;
}

export interface CompletedCommand {
  /** The words after `connections` that lead to it: `tasks get`, empty for the program. */
  readonly at: string;
  readonly subcommands: readonly Word[];
  readonly argument: Values;
  readonly options: readonly CompletedOption[];
}

/** The command and all below it. */
export function completedCommands(command: Command, at = ''): CompletedCommand[] {
  const help = command.createHelp();
  const visible = help.visibleCommands(command);
  const own: CompletedCommand = {
    at,
    subcommands: visible.map((child) => ({
      text: child.name(),
      doc: oneLine(help.subcommandDescription(child)),
    })),
    argument: merged(command.registeredArguments.map(argumentValues)),
    options: help.visibleOptions(command).map((option) => ({
      names: [option.short, option.long].filter((name) => name !== undefined && name !== null),
      doc: oneLine(option.description),
      value: option.required || option.optional ? optionValues(option) : undefined,
    })),
  };
  return [own, ...visible.flatMap((child) => completedCommands(child, `${at} ${child.name()}`.trim()))];
}

/** Options whose next word is their value, as `at name`. */
export function valueTakers(commands: readonly CompletedCommand[]): string[] {
  return commands.flatMap(({ at, options }) =>
    options.filter(({ value }) => value).flatMap(({ names }) => names.map((name) => `${at} ${name}`)),
  );
}

/** Words that lead to another command, as `at name`. */
export function stepsDown(commands: readonly CompletedCommand[]): string[] {
  return commands.flatMap(({ at, subcommands }) => subcommands.map(({ text }) => `${at} ${text}`));
}

function optionValues({ argChoices, flags }: Option): Values {
  return { choices: argChoices ?? [], files: namesFile(flags) };
}

function argumentValues(argument: Argument): Values {
  return { choices: argument.argChoices ?? [], files: namesFile(argument.name()) };
}

function merged(values: readonly Values[]): Values {
  return {
    choices: values.flatMap(({ choices }) => choices),
    files: values.some(({ files }) => files),
  };
}

function namesFile(text: string): boolean {
  return /\b(file|folder|path)\b/.test(text);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
