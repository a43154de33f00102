/** What `connections import` refuses, and what it leaves behind: against services that really run. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { StatusError } from '@connections/grpc';
import { schemaService } from '@connections/proto-utils';
import { createTestServer } from '@connections/testing';
import { cli } from './cli-run.ts';
import {
  type DefinedServices,
  definitions,
  definitionsFile,
  schema,
  startDefinedServices,
} from './definitions-bench.ts';

describe('connections import', () => {
  const { folder, file, save } = definitionsFile();
  let target: DefinedServices;

  before(async () => {
    target = await startDefinedServices();
  });

  after(() => target?.[Symbol.asyncDispose]());

  it('refuses a file whose queue is declared otherwise, before anything is changed', async () => {
    await target.messaging.declareTopology({
      namespace: 'clash',
      topology: { queues: [{ name: 'jobs', deliveryLimit: 7 }] },
    });
    const before = await target.exported('clash');
    const queue = (name: string, deadLetterQueue: string) => ({ name, deliveryLimit: 3, deadLetterQueue });
    for (const queues of [[queue('jobs', 'jobs.dead')], [queue('jobs.dead', 'x')], [queue('new', 'jobs')]]) {
      save(
        definitions('clash', {
          schemas: [schema('a', '{}')],
          topology: { exchanges: [], queues, bindings: [] },
        }),
      );
      const { code, stdout, stderr } = await target.run(['import', file]);
      assert.deepEqual([code, stdout], [73, '']);
      assert.match(
        stderr,
        /^declared with other properties: queue jobs(\.dead)? \(FAILED_PRECONDITION TOPOLOGY_CONFLICT\): nothing was changed;[^\n]*\n$/,
      );
      assert.equal(await target.exported('clash'), before);
    }
  });

  it('leaves out a schema that the service does not take, and imports the others', async () => {
    save(definitions('refused', { schemas: [schema('a', '{}', '{"type":7}', 'true'), schema('b', '{}')] }));
    const { code, stdout, stderr } = await target.run(['import', file]);
    assert.equal(code, 67);
    assert.match(stdout, /^schema +a +refused +1\nschema +b +created +1$/m);
    assert.match(
      stderr,
      /^1 created, 1 refused\nversion 2 of a was refused, document: [^\n]*\n1 of 2 definitions were refused: [^\n]*\n$/,
    );
  });

  it('changes nothing when one of the services cannot be reached', async () => {
    save(
      definitions('away', {
        schemas: [schema('a', '{}')],
        topology: { exchanges: [{ name: 'x', type: 'topic' }], queues: [], bindings: [] },
      }),
    );
    const early = await target.run(['import', file, '--database', '127.0.0.1:1']);
    assert.equal(early.code, 78);
    assert.match(early.stderr, /^the database service cannot be reached on 127\.0\.0\.1:1/);
    assert.deepEqual(JSON.parse(await target.exported('away')).topology.exchanges, []);
  });

  it('refuses a file with a fault and says where, before anything is changed', async () => {
    const version = schema('a', '{}').versions[0];
    const versions = (...list: readonly object[]) =>
      definitions('wrong', { schemas: [schema('ok', '{}'), { name: 'a', versions: list }] });
    const queues = (...list: readonly object[]) =>
      definitions('wrong', { topology: { exchanges: [], queues: list, bindings: [] } });
    const deep = `${'{"not":'.repeat(40)}{}${'}'.repeat(40)}`;
    const faults: readonly (readonly [unknown, RegExp])[] = [
      ['{"format":', /is not JSON: /],
      ['[]', /the document: must be an object/],
      ['null', /the document: must be an object/],
      [{ format: 2, anything: 1 }, /format: must be 1, another release/],
      [{ namespace: 'x', schemas: [] }, /format: is missing/],
      [{ format: 1, schemas: [] }, /namespace: is missing/],
      [definitions('wrong', {}), /schemas: is missing, and so is topology/],
      [definitions('n'.repeat(65), { schemas: [] }), /namespace: is 65 bytes long; the limit is 64/],
      [definitions('wrong', { schemas: [], tasks: [] }), /tasks: is not known/],
      [definitions('wrong', { schemas: {} }), /schemas: must be a list/],
      [
        definitions('wrong', { schemas: [schema('ok', '{}'), schema('ok', '{}')] }),
        /schemas\[1\]\.name: is there twice: ok/,
      ],
      [
        definitions('wrong', { schemas: [schema('a\nb', '{}')] }),
        /schemas\[0\]\.name: has a control character at position 1/,
      ],
      [
        definitions('wrong', { schemas: [schema('n'.repeat(513), '{}')] }),
        /schemas\[0\]\.name: is 513 bytes long/,
      ],
      [versions(), /schemas\[1\]\.versions\.length: must be a whole number from 1 to 1000/],
      [versions({ ...version, document: {} }), /schemas\[1\]\.versions\[0\]\.document: must be text/],
      [versions({ ...version, document: '{' }), /versions\[0\]\.document: is not JSON: /],
      [versions({ ...version, document: deep }), /document: nests 41 levels deep; the limit is 32/],
      [
        versions({ ...version, document: JSON.stringify('x'.repeat(262_144)) }),
        /document: is 262146 bytes long/,
      ],
      [versions({ ...version, document: '"\ud800"' }), /document: has half of a surrogate pair/],
      [versions({ ...version, author: undefined }), /versions\[0\]\.author: is missing/],
      [versions({ ...version, note: 'x'.repeat(1_025) }), /versions\[0\]\.note: is 1025 bytes long/],
      [versions({ ...version, version: 1.5 }), /version: must be a whole number from 1 /],
      [versions({ ...version, active: false }), /active: must be true for the last version, and only there/],
      [
        versions({ ...version, active: false }, { ...version, document: 'true' }),
        /versions\[1\]\.version: must be greater/,
      ],
      [
        versions({ ...version, active: false }, { ...version, version: 2, document: ' {}' }),
        /versions\[1\]\.document: has the content of the version before/,
      ],
      [
        queues({ name: 'q', deliveryLimit: 0, deadLetterQueue: 'd' }),
        /topology\.queues\[0\]\.deliveryLimit: must be a whole number from 1 to 1000/,
      ],
      [queues({ name: 'q', deliveryLimit: 1 }), /topology\.queues\[0\]\.deadLetterQueue: is missing/],
      [
        queues({ name: 'q', deliveryLimit: 1, deadLetterQueue: 'q' }),
        /deadLetterQueue: is a queue with dead letters of its own/,
      ],
      [
        definitions('wrong', {
          topology: { exchanges: [{ name: 'x', type: 'fanout' }], queues: [], bindings: [] },
        }),
        /exchanges\[0\]\.type: must be topic/,
      ],
      [
        definitions('wrong', {
          topology: {
            exchanges: [],
            queues: [],
            bindings: [{ exchange: 'ghost', routingKey: '', queue: 'q' }],
          },
        }),
        /topology\.bindings\[0\]\.exchange: ghost is neither/,
      ],
    ];
    for (const [content, expected] of faults) {
      const { code, stdout, stderr } = await cli(['import', save(content)], { env: target.env });
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, expected);
      assert.equal(stderr.split('\n').length, 2, stderr);
    }
    const { schemas, topology } = JSON.parse(await target.exported('wrong'));
    assert.deepEqual([schemas, topology.exchanges, topology.queues], [[], [], []]);
  });

  it('refuses what cannot be read, and says what it is', async () => {
    assert.match(
      (await target.run(['import', join(folder, 'nothing.json')])).stderr,
      /nothing\.json cannot be read: there is no such file\n$/,
    );
    writeFileSync(file, Buffer.from([0x7b, 0xff, 0x7d]));
    const { code, stderr } = await target.run(['import', file]);
    assert.equal(code, 2);
    assert.match(stderr, /definitions\.json is not UTF-8\n$/);
  });

  it('says how far it came when a service goes away, and goes on from there', async () => {
    // A service that fails after the first three registrations, in front of the real one.
    let registrations = 0;
    const unused = async () => {
      throw new StatusError('UNIMPLEMENTED', 'not asked for by an import');
    };
    const server = createTestServer();
    server.add(schemaService, {
      listVersions: (request) => target.schemas.listVersions(request),
      register: async (request) => {
        registrations += 1;
        if (registrations > 3) throw new StatusError('UNAVAILABLE', 'the store is away');
        return target.schemas.register(request);
      },
      get: unused,
      list: unused,
      revert: unused,
      deleteActive: unused,
      delete: unused,
    });
    const address = `127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
    const schemas = [schema('a', '{}', 'true'), schema('b', '{}', 'true'), schema('c', '{}')];
    save(definitions('stopped', { schemas }));
    const stopped = await target.run(['import', file, '--database', address]);
    await server.stop(0);
    assert.deepEqual([stopped.code, stopped.stdout], [78, '']);
    assert.match(
      stopped.stderr,
      /^[^\n]*; the import stopped after 1 of 3 definitions: they stay, and importing the file again goes on from there\n$/,
    );
    assert.deepEqual(await target.documents('stopped', 'b'), ['{}']);
    const again = await target.run(['import', file]);
    assert.equal(again.stderr, '1 created, 1 updated, 1 unchanged\n');
    assert.deepEqual(JSON.parse(await target.exported('stopped')).schemas, schemas);
  });
});
