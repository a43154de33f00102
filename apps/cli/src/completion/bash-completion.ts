/** Completion for bash 3.2 and newer. */
import { type CompletedCommand, stepsDown, type Values, valueTakers } from './completed-command.ts';

export function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `# bash completion of connections: source <(connections completion bash)
_connections() {
  local cur prev at='' skip='' word i
  cur="\${COMP_WORDS[COMP_CWORD]}"
  prev="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ -n $skip ]]; then skip=''; prev=''; continue; fi
    case "$at $word" in
      ${alternatives(valueTakers(commands))}) skip=1; prev="$word" ;;
      ${alternatives(stepsDown(commands))}) at="\${at:+$at }$word" ;;
    esac
  done
  if [[ -n $skip ]]; then
    case "$at $prev" in
${commands.flatMap(optionCases).join('\n')}
    esac
    return
  fi
  local words='' options='' files=''
  case "$at" in
${commands.map(commandCase).join('\n')}
  esac
  if [[ $cur == -* || ( -z $words && -z $files ) ]]; then words=$options; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ -n $files && $cur != -* ]]; then _connections_files; fi
}
_connections_files() {
  compopt -o filenames 2>/dev/null
  COMPREPLY+=($(compgen -f -- "$cur"))
}
complete -F _connections connections`;
}

function optionCases({ at, options }: CompletedCommand): string[] {
  return options.flatMap(({ names, value }) => {
    if (!value || (value.choices.length === 0 && !value.files)) return [];
    return [`      ${alternatives(names.map((name) => `${at} ${name}`))}) ${reply(value)} ;;`];
  });
}

function reply({ choices, files }: Values): string {
  if (files) return '_connections_files';
  return `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$cur"))`;
}

function commandCase({ at, subcommands, argument, options }: CompletedCommand): string {
  const words = [...subcommands.map(({ text }) => text), ...argument.choices];
  return [
    `    ${quoted(at)}) words=${quoted(words.join(' '))}`,
    `options=${quoted(options.flatMap(({ names }) => names).join(' '))}${argument.files ? '; files=1' : ''} ;;`,
  ].join('; ');
}

function alternatives(texts: readonly string[]): string {
  return texts.map(quoted).join('|');
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}
