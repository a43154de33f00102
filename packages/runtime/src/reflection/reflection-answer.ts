/** One answer of the reflection protocol. What cannot be answered is an answer too: the stream goes on after it. */
import { type StatusName, statusNumbers } from '@connections/grpc';
import type { ServerReflectionRequest, ServerReflectionResponse } from '@connections/proto-utils/reflection';
import type { DescribedFile, DescriptorIndex } from './descriptor-index.ts';

type Answer = NonNullable<ServerReflectionResponse['messageResponse']>;

/** What one stream is answered from. */
export interface ReflectionView {
  readonly index: DescriptorIndex;
  /** Names of the files that the stream was sent. */
  readonly sent: Set<string>;
}

export function answerReflection(
  request: ServerReflectionRequest,
  view: ReflectionView,
): ServerReflectionResponse {
  return {
    validHost: request.host,
    originalRequest: request,
    messageResponse: answer(request.messageRequest, view),
  };
}

function answer(
  question: ServerReflectionRequest['messageRequest'],
  { index, sent }: ReflectionView,
): Answer {
  switch (question?.$case) {
    case 'fileByFilename':
      return files(index.file(question.value), sent, `file ${question.value}`);
    case 'fileContainingSymbol':
      return files(index.declaring(question.value), sent, `symbol ${question.value}`);
    case 'fileContainingExtension': {
      const { containingType, extensionNumber } = question.value;
      const file = index.extension(containingType, extensionNumber);
      return files(file, sent, `extension ${extensionNumber} of ${containingType}`);
    }
    case 'allExtensionNumbersOfType': {
      const extensionNumber = index.extensionNumbers(question.value);
      if (!extensionNumber) return notFound(`message ${question.value}`);
      return {
        $case: 'allExtensionNumbersResponse',
        value: { baseTypeName: question.value, extensionNumber },
      };
    }
    case 'listServices':
      return {
        $case: 'listServicesResponse',
        value: { service: index.services.map((name) => ({ name })) },
      };
    case undefined:
      return failed('INVALID_ARGUMENT', 'the request asks for nothing that this server knows');
  }
}

/** The file itself even when it was sent before, first, for clients take the first for what they asked. */
function files(file: DescribedFile | undefined, sent: Set<string>, what: string): Answer {
  if (!file) return notFound(what);
  sent.add(file.name);
  const fileDescriptorProto = [file.bytes];
  const addImports = (importer: DescribedFile): void => {
    for (const imported of importer.imports) {
      if (sent.has(imported.name)) continue;
      sent.add(imported.name);
      fileDescriptorProto.push(imported.bytes);
      addImports(imported);
    }
  };
  addImports(file);
  return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
}

function notFound(what: string): Answer {
  return failed('NOT_FOUND', `there is no ${what} here`);
}

function failed(status: StatusName, errorMessage: string): Answer {
  return { $case: 'errorResponse', value: { errorCode: statusNumbers[status], errorMessage } };
}
