/** Whether a service can keep its data where the settings say. */
import type { DataFolderState } from '@connections/runtime';
import { type Check, fail, ok } from './check.ts';

/** `answers`: the service runs, and is the one that has the folder open. */
export function checkData(name: string, state: DataFolderState | undefined, answers: boolean): Check {
  const check = `${name} data`;
  if (state === undefined) return ok(check, 'kept elsewhere');
  const { folder, holdsData, inUse, problem } = state;
  if (inUse && answers) return ok(check, `${folder} is open in the running service`);
  if (problem !== undefined) return fail(check, problem);
  return ok(check, holdsData ? `${folder} can be read and written` : `${folder} is made at the first start`);
}
