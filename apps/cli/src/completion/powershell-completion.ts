/** Completion for PowerShell 5.1 and newer. */
import { type CompletedCommand, stepsDown, valueTakers } from './completed-command.ts';

export function powershellCompletion(commands: readonly CompletedCommand[]): string {
  return `# PowerShell completion of connections: connections completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName connections -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $takesValue = @(${list(valueTakers(commands))})
  $steps = @(${list(stepsDown(commands))})
  $words = @{
${commands.map(commandEntry).join('\n')}
  }
  $values = @{
${commands.flatMap(valueEntries).join('\n')}
  }
  $at = ''
  $option = ''
  foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
    if ($element.Extent.EndOffset -ge $cursorPosition) { break }
    $word = $element.ToString()
    if ($option) { $option = '' }
    elseif ($takesValue -ccontains "$at $word") { $option = "$at $word" }
    elseif ($steps -ccontains "$at $word") { $at = "$at $word".Trim() }
  }
  $candidates = if ($option) { $values[$option] } else { $words[$at] }
  $candidates | Where-Object { $_ -and $_.StartsWith($wordToComplete) } | ForEach-Object {
    $text, $doc = $_ -split ' ', 2
    [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $doc)
  }
}`;
}

function commandEntry({ at, subcommands, argument, options }: CompletedCommand): string {
  const words = [
    ...subcommands.map(({ text, doc }) => entry(text, doc)),
    ...argument.choices.map((choice) => entry(choice, choice)),
    ...options.flatMap(({ names, doc }) => names.map((name) => entry(name, doc))),
  ];
  return `    ${quoted(at)} = @(${words.join(', ')})`;
}

function valueEntries({ at, options }: CompletedCommand): string[] {
  return options.flatMap(({ names, value }) => {
    if (!value || value.choices.length === 0) return [];
    const choices = value.choices.map((choice) => entry(choice, choice)).join(', ');
    return names.map((name) => `    ${quoted(`${at} ${name}`)} = @(${choices})`);
  });
}

/** The word up to the first space, then its tooltip, which may not be empty. */
function entry(text: string, doc: string): string {
  return quoted(`${text} ${doc || text}`);
}

function list(texts: readonly string[]): string {
  return texts.map(quoted).join(', ');
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, "''")}'`;
}
