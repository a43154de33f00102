/** The examples in the help of each command. */
import type { Command } from 'commander';

/** Every command that does something shows at least one, as a person would type it. */
export function addExamples(command: Command, ...lines: readonly string[]): Command {
  const title = lines.length > 1 ? 'Examples:' : 'Example:';
  return command.addHelpText('after', `\n${title}\n${lines.map((line) => `  ${line}`).join('\n')}`);
}
