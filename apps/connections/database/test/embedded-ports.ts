/** The embedded drivers for the tests of the contract: in a folder of their own, on a clock that the tests move. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenPort, TestClock } from '@connections/testing';
import type { Ports } from '../src/driver/driver-registry.ts';
import { openEmbeddedDatabase } from '../src/driver/embedded/embedded-database.ts';

export function openEmbedded<Name extends keyof Ports>(name: Name): OpenPort<Ports[Name]> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'connections-'));
    const clock = new TestClock();
    const open = () => openEmbeddedDatabase({ folder, sync: 'second', maxBytes: 2 ** 30, clock });
    let database = await open();
    return {
      port: database[name],
      now: () => clock.now(),
      passTime: (ms) => clock.advance(ms),
      async reopen() {
        await database[Symbol.asyncDispose]();
        database = await open();
        return database[name];
      },
      async [Symbol.asyncDispose]() {
        await database[Symbol.asyncDispose]();
        await rm(folder, { recursive: true });
      },
    };
  };
}
