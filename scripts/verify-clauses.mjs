/** Holds the contract in text against the contract in code: the same ids and titles, and a saboteur for each clause. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ports = [
  { doc: 'cache', app: 'database', name: 'cache' },
  { doc: 'schemas', app: 'database', name: 'schemas' },
  { doc: 'tasks', app: 'database', name: 'tasks' },
  { doc: 'feed', app: 'database', name: 'feed' },
  { doc: 'broker', app: 'messaging', name: 'broker' },
];

const problems = [];
const seen = new Map();
for (const port of ports) await verify(port);

for (const line of problems) console.error(line);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${seen.size} clauses of ${ports.length} ports are in text and code, each with a saboteur`);

async function verify({ doc, app, name }) {
  const clauses = await exported(app, `${name}-clauses`, `${name}Clauses`);
  const saboteurs = await exported(app, `${name}-saboteurs`, `${name}Saboteurs`);
  const file = `docs/contract/${doc}.md`;
  if (!existsSync(file)) problems.push(`${file}: missing`);
  if (!clauses || !saboteurs || !existsSync(file)) return;

  const sections = sectionsOf(file);
  for (const { id, title } of clauses) {
    if (seen.has(id)) problems.push(`${id}: two clauses have this id`);
    seen.set(id, title);
    const section = sections.get(id);
    if (!section) problems.push(`${id} ${title}: not in ${file}`);
    else if (section.title !== title)
      problems.push(`${id}: the title is "${title}" in code and "${section.title}" in ${file}`);
    else if (section.text === '') problems.push(`${id}: no text in ${file}`);
    if (!Object.hasOwn(saboteurs, id)) problems.push(`${id} ${title}: no saboteur`);
  }
  const ids = new Set(clauses.map((clause) => clause.id));
  for (const id of sections.keys()) if (!ids.has(id)) problems.push(`${id}: in ${file}, not in code`);
  for (const id of Object.keys(saboteurs))
    if (!ids.has(id)) problems.push(`${id}: a saboteur without a clause`);
}

async function exported(app, module, name) {
  const file = path.resolve(`apps/connections/${app}/dist/conformance/${module}.js`);
  const value = existsSync(file) ? (await import(file))[name] : undefined;
  if (!value) problems.push(`${path.relative('.', file)}: exports no ${name}`);
  return value;
}

/** By id: what stands under each `### CA-101 title`. */
function sectionsOf(file) {
  const sections = new Map();
  for (const part of readFileSync(file, 'utf8').split(/^#{2,3} /m)) {
    const [, id, title, text] = part.match(/^([A-Z]{2}-\d{3}) (.*)\n([\s\S]*)/) ?? [];
    if (!id) continue;
    if (sections.has(id)) problems.push(`${id}: twice in ${file}`);
    sections.set(id, { title, text: text.trim() });
  }
  return sections;
}
