/** Tasks as JSON, and where an answer came from in words. */
import { Source, type Task } from '@connections/proto-utils/v1/tasks';
import { durationText, enumName, protoJson } from './proto-json.ts';

export function taskJson({ statusTtl, ...task }: Task): unknown {
  return protoJson({ ...task, statusTtl: statusTtl && durationText(statusTtl) });
}

export function sourceJson(source: Source): string | number {
  return enumName(Source, source);
}

export function sourceText(source: Source): string {
  if (source === Source.SOURCE_AUTHORITY) return 'answered by the authority';
  if (source === Source.SOURCE_VIEW) return 'answered from a view';
  if (source === Source.SOURCE_VIEW_UNCONFIRMED) {
    return 'answered from a view while the authority is away: it may be out of date';
  }
  return `answered by a source of kind ${source}`;
}
