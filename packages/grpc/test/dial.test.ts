/** What one attempt to connect teaches the next. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialer } from '../src/client/dial.ts';
import type { ClientConnectionEvents, ConnectConnection } from '../src/http2/connection/connection-roles.ts';
import { StillClock } from './still-clock.ts';

const nobody = { host: '127.0.0.1', port: 1 };
const untold = { ready() {}, roomAgain() {}, draining() {}, closed() {} };

describe('a server that is asked too often whether it lives', () => {
  it('is asked half as often by the connections that follow', () => {
    const intervals: (number | undefined)[] = [];
    const told: ClientConnectionEvents[] = [];
    const connect: ConnectConnection = (socket, { keepaliveMs }, events) => {
      socket.destroy();
      intervals.push(keepaliveMs);
      told.push(events);
      return { room: 0, openStreams: 0, open: () => assert.fail('no streams here'), drain() {}, close() {} };
    };
    const clock = new StillClock();
    const connection = { clock, keepaliveMs: 20_000 };
    const dial = dialer({ connect, connection, connectTimeoutMs: 1_000, tls: undefined, host: 'localhost' });
    dial(nobody, untold);
    dial(nobody, untold);
    for (const events of told) events.draining('ENHANCE_YOUR_CALM', 'too_many_pings');
    dial(nobody, untold);
    told.at(-1)?.draining('ENHANCE_YOUR_CALM', 'too many resets');
    told.at(-1)?.draining('NO_ERROR', 'too_many_pings');
    dial(nobody, untold);
    told.at(-1)?.draining('ENHANCE_YOUR_CALM', 'too_many_pings');
    dial(nobody, untold);
    assert.deepEqual(intervals, [20_000, 20_000, 40_000, 40_000, 80_000]);
  });
});
