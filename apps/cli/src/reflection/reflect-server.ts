/** Asks a server which services it has and how their messages look. */
import {
  create,
  createFileRegistry,
  type DescService,
  type FileRegistry,
  fromBinary,
} from '@bufbuild/protobuf';
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import {
  type CallOptions,
  type Channel,
  createClient,
  isStatusError,
  StatusError,
  statusName,
} from '@connections/grpc';
import { reflectionAlphaService, reflectionService } from '@connections/proto-utils';
import type { ServerReflectionRequest, ServerReflectionResponse } from '@connections/proto-utils/reflection';

type Question = NonNullable<ServerReflectionRequest['messageRequest']>;
type Answer = ServerReflectionResponse['messageResponse'];
type Ask = (questions: readonly Question[]) => Promise<readonly Answer[]>;

export interface ReflectedServer {
  /** In the order of their names. */
  readonly services: readonly DescService[];
  readonly registry: FileRegistry;
}

export async function reflectServer(channel: Channel, options: CallOptions): Promise<ReflectedServer> {
  const versions = [reflectionService, reflectionAlphaService].map((service) =>
    createClient(service, channel),
  );
  const ask: Ask = async (questions) => {
    for (const client of versions) {
      try {
        const answers: Answer[] = [];
        const requests = asRequests(questions);
        for await (const { messageResponse } of client.serverReflectionInfo(requests, options)) {
          answers.push(messageResponse);
        }
        return answers;
      } catch (error) {
        if (!isStatusError(error) || error.status !== 'UNIMPLEMENTED') throw error;
      }
    }
    throw new StatusError('UNIMPLEMENTED', 'the server does not tell what it serves: it has no reflection');
  };
  const names = await listServices(ask);
  const registry = await fetchFiles(ask, names);
  const services = names.flatMap((name) => registry.getService(name) ?? []);
  return { services, registry };
}

async function* asRequests(questions: readonly Question[]) {
  for (const messageRequest of questions) yield { messageRequest };
}

async function listServices(ask: Ask): Promise<string[]> {
  const [answer] = await ask([{ $case: 'listServices', value: '' }]);
  if (answer?.$case === 'listServicesResponse') return answer.value.service.map(({ name }) => name).sort();
  throw refusal(answer);
}

/** What stands in no file is left out: some servers list services that they cannot describe. */
async function fetchFiles(ask: Ask, services: readonly string[]): Promise<FileRegistry> {
  const files = new Map<string, FileDescriptorProto>();
  const add = (answers: readonly Answer[]) => {
    for (const answer of answers) {
      if (answer?.$case !== 'fileDescriptorResponse') continue;
      for (const bytes of answer.value.fileDescriptorProto) {
        const file = fromBinary(FileDescriptorProtoSchema, bytes);
        files.set(file.name, file);
      }
    }
  };
  add(await ask(services.map((value) => ({ $case: 'fileContainingSymbol', value }))));
  // Ours send the imports along; the protocol leaves a server free not to.
  for (;;) {
    const missing = importsOf(files).filter((name) => !files.has(name));
    if (missing.length === 0) break;
    const answers = await ask(missing.map((value) => ({ $case: 'fileByFilename', value })));
    add(answers);
    if (missing.some((name) => !files.has(name))) {
      throw refusal(answers.find((answer) => answer?.$case === 'errorResponse'));
    }
  }
  return createFileRegistry(create(FileDescriptorSetSchema, { file: importsFirst(files) }));
}

function importsOf(files: ReadonlyMap<string, FileDescriptorProto>): string[] {
  return [...new Set([...files.values()].flatMap(({ dependency }) => dependency))];
}

function importsFirst(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const ordered = new Set<FileDescriptorProto>();
  const entered = new Set<string>();
  const enter = (name: string): void => {
    const file = files.get(name);
    if (!file || entered.has(name)) return;
    entered.add(name);
    for (const imported of file.dependency) enter(imported);
    ordered.add(file);
  };
  for (const name of files.keys()) enter(name);
  return [...ordered];
}

function refusal(answer: Answer): StatusError {
  const { errorCode, errorMessage } =
    answer?.$case === 'errorResponse' ? answer.value : { errorCode: 2, errorMessage: 'it gave no answer' };
  const status = statusName(errorCode);
  const message = `the server does not describe its services: ${errorMessage}`;
  return new StatusError(status === 'OK' ? 'UNKNOWN' : status, message);
}
