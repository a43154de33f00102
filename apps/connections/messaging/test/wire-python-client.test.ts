/** The wire contract as a Python client of the kind that is in the field drives it. */
import { it } from 'node:test';
import { runPythonClient } from '@connections/testing';
import { type MessagingFixture, openMessaging } from './messaging-fixture.ts';

async function publish(
  { v1 }: MessagingFixture,
  routingKey: string,
  ...bodies: (object | string)[]
): Promise<void> {
  const messages = bodies.map((body) => ({
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  }));
  await v1.publish({ exchange: 'typechecking.exchange', routingKey, messages });
}

it('a Python client works unchanged', async (context) => {
  await using fixture = await openMessaging();
  await publish(fixture, 'schemas.update', {
    id: 'schema-1',
    schema: {
      schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', minLength: 2 } },
    },
    import_name: 'people',
    raw: true,
    tasks: 'upload_schema',
    date: '2026-01-02T03:04:05',
    extra: { rows: 3 },
  });
  const file = {
    id: 'validation-1',
    task: 'sample_validation',
    file_data: Buffer.from('name\nAda\n').toString('hex'),
    import_name: 'people',
    metadata: { filename: 'people.csv', content_type: 'text/csv', size: 9 },
    date: '2026-01-02T03:04:05',
    extra: {},
  };
  await publish(fixture, 'validation.request', file, 'no JSON', {
    ...file,
    id: 'validation-2',
    task: 'other',
  });
  await runPythonClient(context, { script: 'messaging_wire.py', args: [fixture.address] });
});
