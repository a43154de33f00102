/** Completion for fish. */
import { type CompletedCommand, stepsDown, valueTakers } from './completed-command.ts';

export function fishCompletion(commands: readonly CompletedCommand[]): string {
  return `# fish completion of connections: connections completion fish | source
function __connections_at
    set -l at ''
    set -l skip ''
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if test -n "$skip"
            set skip ''
            continue
        end
        switch "$at $word"
            case ${list(valueTakers(commands))}
                set skip 1
            case ${list(stepsDown(commands))}
                set at (string trim -- "$at $word")
        end
    end
    test "$at" = "$argv[1]"
end
complete -c connections -f
${commands.flatMap(completions).join('\n')}`;
}

function completions({ at, subcommands, argument, options }: CompletedCommand): string[] {
  const start = `complete -c connections -n ${quoted(`__connections_at ${quoted(at)}`)}`;
  return [
    ...subcommands.map(({ text, doc }) => `${start} -a ${quoted(text)} -d ${quoted(doc)}`),
    ...argument.choices.map((choice) => `${start} -a ${quoted(choice)}`),
    ...(argument.files ? [`${start} -F`] : []),
    ...options.map(({ names, doc, value }) => {
      const flags = names.map((name) =>
        name.startsWith('--') ? `-l ${quoted(name.slice(2))}` : `-s ${quoted(name.slice(1))}`,
      );
      const values = value?.files ? ' -r -F' : value ? ' -x' : '';
      const choices = value && value.choices.length > 0 ? ` -a ${quoted(value.choices.join(' '))}` : '';
      return `${start} ${flags.join(' ')}${values}${choices} -d ${quoted(doc)}`;
    }),
  ];
}

function list(texts: readonly string[]): string {
  return texts.map(quoted).join(' ');
}

function quoted(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
}
