/** `connections schemas`: the registered JSON Schemas and their versions. */
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addSchemasDiffCommand } from './schemas-diff-command.ts';
import { addSchemasGetCommand } from './schemas-get-command.ts';
import { addSchemasListCommand } from './schemas-list-command.ts';
import { addSchemasVersionsCommand } from './schemas-versions-command.ts';

export function addSchemasCommand(program: Command, { terminal }: CliContext): void {
  const schemas = program
    .command('schemas')
    .summary('look at JSON Schemas and their versions')
    .description('Looks at the registered JSON Schemas and their versions. Nothing is changed.');
  addSchemasListCommand(schemas, terminal);
  addSchemasGetCommand(schemas, terminal);
  addSchemasVersionsCommand(schemas, terminal);
  addSchemasDiffCommand(schemas, terminal);
}
