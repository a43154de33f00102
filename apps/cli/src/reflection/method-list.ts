/** Methods as a table, or as JSON. */
import type { DescMessage } from '@bufbuild/protobuf';
import { printJson } from '../json-output.ts';
import { renderTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { isRequestStream, isResponseStream } from './dynamic-method.ts';
import { shortName } from './proto-text.ts';
import { methodName, type ServedMethod } from './service-catalogue.ts';

export interface MethodListOptions {
  readonly json: true | undefined;
  readonly terminal: Terminal;
}

export function printMethods(methods: readonly ServedMethod[], { json, terminal }: MethodListOptions): void {
  if (json) printJson(terminal, { methods: methods.map(methodJson) });
  else terminal.print(renderTable({ columns, rows: methods.map(methodRow) }, terminal));
}

const columns = ['METHOD', 'TAKES', 'ANSWERS', 'ON'].map((title) => ({ title }));

function methodRow({ method, targets }: ServedMethod): string[] {
  const type = ({ typeName }: DescMessage) => shortName(typeName, method.parent.file.proto.package);
  return [
    methodName(method),
    `${isRequestStream(method) ? 'stream ' : ''}${type(method.input)}`,
    `${isResponseStream(method) ? 'stream ' : ''}${type(method.output)}`,
    targets.map(({ name, address }) => name ?? address).join(', '),
  ];
}

function methodJson({ method, targets }: ServedMethod) {
  return {
    method: methodName(method),
    request: method.input.typeName,
    requestStream: isRequestStream(method),
    response: method.output.typeName,
    responseStream: isResponseStream(method),
    targets: targets.map(({ name, address }) => ({ service: name, address })),
  };
}
