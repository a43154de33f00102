/** A task for tests of the wire contract to change. */
import { startWireDatabase, type WireClient, type WireDatabase } from './wire-database.ts';

export const accepted = {
  status: 'accepted',
  code: 202,
  message: 'taken',
  data: new Map([
    ['a', '1'],
    ['b', '2'],
  ]),
};

export async function stateOf(client: WireClient, taskId = '1', task = 'validation') {
  return (await client.getTaskId({ taskId, task })).value;
}

type Update = (request: Parameters<WireClient['updateTaskId']>[0]) => ReturnType<WireClient['updateTaskId']>;

/** A service with the task validation/1 in it. */
export async function startWithTask(): Promise<WireDatabase & { readonly update: Update }> {
  const database = await startWireDatabase();
  const update: Update = (request) =>
    database.client.updateTaskId({ taskId: '1', task: 'validation', ...request });
  await database.client.setTaskId({ taskId: '1', task: 'validation', value: accepted });
  return Object.assign(database, { update });
}
