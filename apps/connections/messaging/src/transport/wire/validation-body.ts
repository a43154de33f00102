/** Messages of the validations queue: JSON bodies as their publishers write them, and the wire contract's messages. */
import type { ValidationMessageResponse } from '@connections/proto-utils/wire/messaging';
import { ValidationTasks } from '@connections/proto-utils/wire/validation';
import type { Message } from '../../port/broker.ts';
import { int64Field, objectField, readJson, textField, textMapField } from './json-body.ts';

const tasks = new Map<string, ValidationTasks>([['sample_validation', ValidationTasks.SAMPLE_VALIDATION]]);

/** Throws when the body is not such a message. */
export function validationMessage({ id, body }: Message): ValidationMessageResponse {
  const json = readJson(body);
  const metadata = objectField(json, 'metadata');
  return {
    id: textField(json, 'id') || id,
    task: tasks.get(textField(json, 'task') || textField(json, 'tasks')) ?? ValidationTasks.UNKNOWN,
    fileData: textField(json, 'file_data'),
    importName: textField(json, 'import_name'),
    metadata: metadata && {
      filename: textField(metadata, 'filename'),
      contentType: textField(metadata, 'content_type'),
      size: int64Field(metadata, 'size'),
    },
    date: textField(json, 'date'),
    extra: textMapField(json, 'extra'),
  };
}
