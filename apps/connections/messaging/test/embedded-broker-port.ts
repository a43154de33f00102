/** Opens the embedded broker on an empty folder, for the contract's runners and the driver's own tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenedPort, TestClock } from '@connections/testing';
import { type EmbeddedBrokerOptions, openEmbeddedBroker } from '../src/driver/embedded/embedded-broker.ts';
import type { Broker } from '../src/port/broker.ts';

export type BrokerTestOptions = Omit<Partial<EmbeddedBrokerOptions>, 'folder' | 'clock'>;

export async function openTestBroker(options: BrokerTestOptions = {}): Promise<OpenedPort<Broker>> {
  const folder = await mkdtemp(join(tmpdir(), 'connections-broker-'));
  const clock = new TestClock();
  const open = () => openEmbeddedBroker({ ...options, folder, clock });
  let port = await open();
  return {
    port,
    now: () => clock.now(),
    passTime: (ms) => clock.advance(ms),
    async reopen() {
      await port[Symbol.asyncDispose]();
      port = await open();
      return port;
    },
    async [Symbol.asyncDispose]() {
      await port[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
