/** Tasks as JSON, and where an answer came from in words. */
import { Source, type Task } from '@connections/proto-utils/v1/tasks';
import { durationText, enumName, protoJson } from './proto-json.ts';
import { spanText } from './time-text.ts';

const answerers = new Map<Source, string>([
  [Source.SOURCE_AUTHORITY, 'the authority'],
  [Source.SOURCE_VIEW, 'the view'],
]);

export function taskJson({ statusTtl, ...task }: Task): unknown {
  return protoJson({ ...task, statusTtl: statusTtl && durationText(statusTtl) });
}

export function sourceJson(source: Source): string | number {
  return enumName(Source, source);
}

/** Where an answer came from, and what follows for who reads it. */
export function answerText(source: Source, statusTtlSeconds: number | undefined): string {
  if (source === Source.SOURCE_VIEW_UNCONFIRMED) {
    return 'answered by the view, unconfirmed: the authority is away, or does not have all of this yet';
  }
  const by = answerers.get(source) ?? `a source of kind ${source}`;
  const caches = `; the status may be served from caches for ${spanText(statusTtlSeconds ?? 0)}`;
  return `answered by ${by}${statusTtlSeconds === undefined ? '' : caches}`;
}
