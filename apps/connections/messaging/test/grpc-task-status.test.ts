/** Reading the status of a task from a Database service. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Handlers, StatusError } from '@connections/grpc';
import { taskService } from '@connections/proto-utils';
import { createTestServer, openTestChannel } from '@connections/testing';
import { grpcTaskStatus } from '../src/driver/grpc-tasks/grpc-task-status.ts';

it('tells the status of a task, undefined for an unknown one, and rejects when it cannot tell', async () => {
  const answers = new Map<string, () => string>([
    ['known', () => 'accepted'],
    [
      'unknown',
      () => {
        throw new StatusError('NOT_FOUND', 'there is no such task');
      },
    ],
  ]);
  const get: Handlers<typeof taskService>['get'] = async ({ category, id }) => {
    assert.equal(category, 'validation');
    const status = answers.get(id);
    if (!status) throw new StatusError('UNAVAILABLE', 'the store is away');
    return taskService.methods.get.response.create({ task: { status: status() } });
  };
  const server = createTestServer({});
  server.add({ fullName: taskService.fullName, methods: { get: taskService.methods.get } }, { get });
  const channel = openTestChannel(`127.0.0.1:${await server.listen('127.0.0.1', 0)}`);
  try {
    const read = grpcTaskStatus(channel);
    const { signal } = new AbortController();
    assert.equal(await read({ category: 'validation', id: 'known' }, signal), 'accepted');
    assert.equal(await read({ category: 'validation', id: 'unknown' }, signal), undefined);
    await assert.rejects(read({ category: 'validation', id: 'other' }, signal), /the store is away/);
  } finally {
    channel.close();
    await server.stop(0);
  }
});
