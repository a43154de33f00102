/** Writes docs/cli.md: the words below, and the help of every command as it prints it. */

const introduction = `# The \`connections\` command

Runs both services, asks how they are, looks at what they hold, and calls any of their methods. In a checkout it is
\`npx connections\`; it installs and builds first what is missing. While the services run:

\`\`\`sh
npx connections health
npx connections queues
npx connections call connections.cache.v1.CacheService/Set '{"key": "greeting", "value": "aGVsbG8="}'
npx connections call connections.cache.v1.CacheService/Get '{"key": "greeting"}'
npx connections tasks list --limit 5
npx connections schemas list --json
npx connections config --changed
\`\`\`

## Addresses

The services are looked for where the settings say that they listen: \`DATABASE_CONNECTION_HOST\` and
\`DATABASE_CONNECTION_PORT\`, \`MESSAGING_CONNECTION_HOST\` and \`MESSAGING_CONNECTION_PORT\`, from the environment or from \`.env\`
in the working folder, else 127.0.0.1:50050 and 127.0.0.1:50055. \`--database\` and \`--messaging\` win over them.

## Output

What was asked for is on standard output, everything else on standard error. \`--json\` prints one JSON document, or one on
each line where there is more to come. Tables are cut to the width of a terminal and never elsewhere; colour is for
terminals only, and not with \`NO_COLOR\`. A failure is one line that says what failed and what to do:

\`\`\`sh exit=69
npx connections tasks get validation/unknown
\`\`\`
`;

/** What the help of a command is printed for: no terminal, 80 columns. */
function quietContext(print) {
  const terminal = { env: {}, stdin: process.stdin, print, note: print, columns: undefined, colour: false };
  return { terminal: { ...terminal, interrupted: new AbortController().signal }, layers: [], serve() {} };
}

export async function renderCliDoc() {
  const { createProgram, everyCommand, commandPath } = await import('../apps/cli/dist/src/program.js');
  const { exitCodeMeanings } = await import('../apps/cli/dist/src/exit-codes.js');
  let printed = '';
  const program = await createProgram(
    quietContext((text) => {
      printed += `${text}\n`;
    }),
  );
  const sections = [...everyCommand(program)].map((command) => {
    printed = '';
    command.outputHelp();
    return `### ${commandPath(command)}\n\n\`\`\`text\n${printed.trimEnd()}\n\`\`\`\n`;
  });
  const exitCodes = exitCodeMeanings.map(({ code, meaning }) => `| ${code} | ${meaning} |\n`).join('');
  return [
    introduction,
    `## Exit codes\n\n| code | meaning |\n| --- | --- |\n${exitCodes}`,
    '## Commands\n\nAs `--help` prints it; written by `npm run gen`.\n',
    ...sections,
  ].join('\n');
}
