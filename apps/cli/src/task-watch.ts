/** What happens to one task, found by asking again and again: no rpc tells it. */
import { type CallOptions, type Client, isStatusError } from '@connections/grpc';
import type { taskService } from '@connections/proto-utils';
import { type AskingAgain, askAgain } from './ask-again.ts';
import { type Look, news, type TaskNews } from './task-news.ts';
import type { TaskRef } from './task-ref.ts';

export interface TaskWatch {
  readonly client: Pick<Client<typeof taskService>, 'get' | 'listTransitions'>;
  readonly ref: TaskRef & { readonly namespace: string | undefined };
  readonly call: CallOptions;
}

/** Goes on until its reader leaves. */
export async function* watchTask(
  watch: TaskWatch,
  asking: AskingAgain,
): AsyncGenerator<TaskNews, void, undefined> {
  let before: Look | undefined;
  for await (const now of askAgain(() => look(watch), asking)) {
    if (now === 'changing') continue;
    yield* news(before, now);
    before = now;
  }
}

/** `changing` when the task went and came between the two questions, so that the answers are of different tasks. */
async function look({ client, ref, call }: TaskWatch): Promise<Look | 'changing'> {
  try {
    const { task } = await client.get(ref, call);
    const { transitions } = await client.listTransitions(ref, call);
    if (task === undefined) return 'none';
    const first = transitions.find(({ revision }) => revision === 1n);
    const sameTask = first === undefined || first.time?.getTime() === task.createTime?.getTime();
    return sameTask ? { task, transitions } : 'changing';
  } catch (error) {
    if (isStatusError(error) && error.status === 'NOT_FOUND') return 'none';
    throw error;
  }
}
