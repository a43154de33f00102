/** `connections completion`: a script for the shell, made from the command tree. */
import { Argument, type Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { bashCompletion } from '../completion/bash-completion.ts';
import { type CompletedCommand, completedCommands } from '../completion/completed-command.ts';
import { fishCompletion } from '../completion/fish-completion.ts';
import { powershellCompletion } from '../completion/powershell-completion.ts';
import { zshCompletion } from '../completion/zsh-completion.ts';
import { addExamples } from '../examples.ts';

const shells = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
} as const satisfies Record<string, (commands: readonly CompletedCommand[]) => string>;

export function addCompletionCommand(program: Command, { terminal }: CliContext): void {
  const completion = program
    .command('completion')
    .summary('print a completion script for a shell')
    .description(
      'Prints a script that completes commands, options and their values. It needs `connections` in PATH.',
    )
    .addArgument(new Argument('<shell>').choices(Object.keys(shells)));
  addExamples(
    completion,
    'source <(connections completion bash)',
    'source <(connections completion zsh)',
    'connections completion fish | source',
    'connections completion powershell | Out-String | Invoke-Expression',
  );
  completion.action((shell: keyof typeof shells) => {
    terminal.print(shells[shell](completedCommands(program)));
  });
}
