/** A port that is observed behaves as the port itself. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createComposeTools, type DriverObserver, observedPort, systemClock } from '@connections/runtime';

class Driver implements AsyncDisposable {
  #capabilities = { durable: false };
  #reads = 0;
  closed = false;

  get capabilities() {
    return this.#capabilities;
  }

  connected(): void {
    this.#capabilities = { durable: true };
  }

  async read(count: number): Promise<number> {
    this.#reads += count;
    return this.#reads;
  }

  fail(error: unknown): Promise<never> {
    return Promise.reject(error);
  }

  throwAtOnce(): Promise<never> {
    throw new TypeError('not even a promise');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
  }
}

const names = { port: 'cache', driver: 'test' };

/** Notes what begins, and how it ends. */
function notes() {
  const seen: unknown[] = [];
  const observe: DriverObserver = (call) => {
    seen.push(call);
    return (failure) => seen.push(failure);
  };
  return { seen, observe };
}

describe('an observed port', () => {
  it('calls the driver with what it is given and answers what that answers', async () => {
    const { seen, observe } = notes();
    const port = observedPort(names, new Driver(), observe);
    assert.equal(await port.read(2), 2);
    assert.equal(await port.read(3), 5);
    assert.deepEqual(seen[0], { ...names, operation: 'read' });
    assert.equal(seen[1], undefined);
    assert.equal(seen[2], seen[0]);
  });

  it('tells of a failure once and passes it on as it is', async () => {
    const { seen, observe } = notes();
    const port = observedPort(names, new Driver(), observe);
    const error = new Error('away');
    await assert.rejects(port.fail(error), (thrown) => thrown === error);
    assert.deepEqual(seen.slice(1), [error]);
    await assert.rejects(port.throwAtOnce(), TypeError);
    await assert.rejects(port.fail(undefined));
    assert.ok(seen.at(-1) instanceof Error);
  });

  it('has the capabilities that the driver has now', () => {
    const driver = new Driver();
    const port = observedPort(names, driver, notes().observe);
    driver.connected();
    assert.deepEqual(port.capabilities, { durable: true });
  });

  it('closes the driver, which is no call', async () => {
    const { seen, observe } = notes();
    const driver = new Driver();
    await observedPort(names, driver, observe)[Symbol.asyncDispose]();
    assert.equal(driver.closed, true);
    assert.deepEqual(seen, []);
  });
});

describe('compose tools', () => {
  it('let the spans of a tracing process see what the metrics count', async () => {
    const { seen, observe } = notes();
    const tools = createComposeTools(systemClock, { observe });
    const port = observedPort(names, new Driver(), tools.observe);
    await port.read(1);
    assert.equal(seen.length, 2);
    assert.match(
      await tools.metrics.text(),
      /^connections_driver_calls_total\{port="cache",driver="test",operation="read",code="OK"\} 1$/m,
    );
  });
});
