/** Conflicts as JSON and in words. */
import { type Conflict, ConflictReason, type ConflictWrite } from '@connections/proto-utils/v1/tasks';
import { enumName, protoJson } from './proto-json.ts';

const reasonTexts = new Map<ConflictReason, string>([
  [ConflictReason.CONFLICT_REASON_OVERTAKEN, 'overtaken by other writes'],
  [ConflictReason.CONFLICT_REASON_REMOVED, 'removed meanwhile'],
  [ConflictReason.CONFLICT_REASON_BLIND, 'put blindly, and there was a task'],
  [ConflictReason.CONFLICT_REASON_OLD, 'put blindly, too long ago'],
  [ConflictReason.CONFLICT_REASON_UNFIT, 'does not fit onto the task'],
]);

export const missingConflictHint = 'look for it with `connections conflicts list`';

export function reasonText(reason: ConflictReason): string {
  return reasonTexts.get(reason) ?? `of kind ${reason}`;
}

export function conflictJson(conflict: Conflict): unknown {
  return protoJson({ ...conflict, reason: enumName(ConflictReason, conflict.reason) });
}

/** What it was is the name of its member: `put`, `patch` or `remove`. */
export function writeJson({ write, ...about }: ConflictWrite): unknown {
  return protoJson({ ...about, ...(write && { [write.$case]: write.value }) });
}

export function taskName({ category, taskId }: Conflict): string {
  return `${category}/${taskId}`;
}

/** What a write asked for, short. */
export function writeText({ write }: ConflictWrite): readonly [kind: string, content: string] {
  if (write?.$case === 'put') {
    const { status = '', message = '' } = write.value.state ?? {};
    return [write.value.ifAbsent ? 'create' : 'put', [status, message].filter(Boolean).join(': ')];
  }
  if (write?.$case === 'patch') {
    const { status, message, data, removeData } = write.value;
    const keys = [...data.keys(), ...removeData.map((key) => `-${key}`)].join(' ');
    return ['patch', [status, message, keys].filter(Boolean).join(': ')];
  }
  return [write?.$case ?? 'unknown', ''];
}
