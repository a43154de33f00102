/** Completion for zsh, sourced or as the file `_connections` of a folder in `fpath`. */
import { type CompletedCommand, stepsDown, type Values, valueTakers } from './completed-command.ts';

export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef connections
# zsh completion of connections: source <(connections completion zsh)
_connections() {
  local at='' skip='' last='' word i
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if [[ -n $skip ]]; then skip=''; continue; fi
    case "$at $word" in
      (${alternatives(valueTakers(commands))}) skip=1; last=$word ;;
      (${alternatives(stepsDown(commands))}) at="\${at:+$at }$word" ;;
    esac
  done
  if [[ -n $skip ]]; then
    case "$at $last" in
${commands.flatMap(optionCases).join('\n')}
    esac
    return
  fi
  local -a names options
  local files=''
  case "$at" in
${commands.map(commandCase).join('\n')}
  esac
  if [[ $PREFIX == -* || ( \${#names} -eq 0 && -z $files ) ]]; then
    _describe -o option options
  else
    (( \${#names} )) && _describe command names
    [[ -n $files ]] && _files
  fi
}
if [[ \${funcstack[1]} == _connections ]]; then
  _connections "$@"
else
  compdef _connections connections
fi`;
}

function optionCases({ at, options }: CompletedCommand): string[] {
  return options.flatMap(({ names, value }) => {
    if (!value || (value.choices.length === 0 && !value.files)) return [];
    return [`      (${alternatives(names.map((name) => `${at} ${name}`))}) ${reply(value)} ;;`];
  });
}

function reply({ choices, files }: Values): string {
  return files ? '_files' : `compadd -- ${choices.map(quoted).join(' ')}`;
}

function commandCase({ at, subcommands, argument, options }: CompletedCommand): string {
  const names = [
    ...subcommands.map(({ text, doc }) => described(text, doc)),
    ...argument.choices.map((choice) => described(choice, '')),
  ];
  const optionNames = options.flatMap(({ names: own, doc }) => own.map((name) => described(name, doc)));
  return [
    `    (${quoted(at)})`,
    `      names=(${names.join(' ')})`,
    `      options=(${optionNames.join(' ')})${argument.files ? '\n      files=1' : ''}`,
    '      ;;',
  ].join('\n');
}

function described(text: string, doc: string): string {
  const name = text.replace(/:/g, '\\:');
  return quoted(doc === '' ? name : `${name}:${doc}`);
}

function alternatives(texts: readonly string[]): string {
  return texts.map(quoted).join('|');
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}
