/** The sample data. Every name begins with `sample-`, so that it is known for what it is wherever it is listed. */

export const sampleSchema = {
  name: 'sample-customers',
  /** The second is active. Both can be said in the wire contract too. */
  versions: [
    {
      note: 'sample: the first version',
      document: JSON.stringify({
        $schema: 'http://json-schema.org/draft-07/schema#',
        type: 'object',
        properties: { id: { type: 'integer' }, email: { type: 'string' } },
        required: ['id'],
      }),
    },
    {
      note: 'sample: email is required',
      document: JSON.stringify({
        $schema: 'http://json-schema.org/draft-07/schema#',
        type: 'object',
        properties: { id: { type: 'integer' }, email: { type: 'string' }, country: { type: 'string' } },
        required: ['id', 'email'],
      }),
    },
  ],
} as const;

export interface SampleTask {
  readonly id: string;
  readonly status: string;
  /** An HTTP status code, as the existing workers give it. */
  readonly code: number;
  readonly message: string;
}

export const sampleCategory = 'sample-tasks';

/** One for each status that has a time to live of its own (TASK_TTL_* of the settings). */
export const sampleTasks: readonly SampleTask[] = [
  task('accepted', 202, 'waits for a worker'),
  task('received-sample-validation', 202, 'a worker has it'),
  task('processing-file', 202, 'reading sample-customers.csv'),
  task('validating-file', 202, '600 of 1000 rows checked'),
  task('success', 200, 'all rows are valid'),
  task('warning', 200, '3 rows have a column that the schema does not know'),
  task('received-schema-update', 202, 'a worker has the schema'),
  task('received-removing-schema', 202, 'a worker has the removal'),
  task('creating-schema', 202, 'making the schema from the file'),
  task('schema-created', 201, 'the schema is made'),
  task('saving-schema', 202, 'storing the schema'),
  task('removing-schema', 202, 'removing the schema'),
  task('completed', 200, 'done'),
  task('published', 200, 'the result is in the results queue'),
  task('error', 500, 'row 17: email is missing'),
  task('failed-publishing-result', 503, 'the results queue did not take the result'),
  task('failed-creating-schema', 422, 'the file has no header'),
  task('failed-saving-schema', 500, 'the schema could not be stored'),
  task('failed-removing-schema', 404, 'there is no such schema'),
];

/** Of its own: workers read the queues of the wire contract. */
export const sampleQueue = 'sample-orders';
export const sampleDeadQueue = `${sampleQueue}.dead`;

export const waitingIds = ['sample-order-1', 'sample-order-2', 'sample-order-3'] as const;
export const deadId = 'sample-order-0';
export const deadReason = 'sample: a consumer has rejected it';

function task(status: string, code: number, message: string): SampleTask {
  return { id: `sample-${status}`, status, code, message: `sample: ${message}` };
}
