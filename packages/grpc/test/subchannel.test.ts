/** The states of one connection, on a clock that stands still. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionBackoff } from '../src/client/connection-backoff.ts';
import { Subchannel, type SubchannelSettings, type WatchHealth } from '../src/client/subchannel.ts';
import { StatusError } from '../src/index.ts';
import { DialledServers } from './dialled-servers.ts';

const address = '10.0.0.1:1';

function subchannelOf(more: Partial<SubchannelSettings> = {}) {
  const servers = new DialledServers();
  const states: string[] = [];
  let lost = 0;
  const subchannel: Subchannel = new Subchannel(
    { host: '10.0.0.1', port: 1 },
    { ...servers.settings, ...more },
    {
      changed: ({ state }) => states.push(state),
      roomAgain: () => states.push('room again'),
      lost: () => lost++,
    },
  );
  return { servers, states, subchannel, lost: () => lost };
}

describe('the backoff of connections', () => {
  it('begins with a second, grows by 1.6 to two minutes, a fifth more or less', () => {
    const backoff = new ConnectionBackoff({}, () => 0.5);
    const delays = Array.from({ length: 20 }, () => Math.round(backoff.next()));
    assert.deepEqual(delays.slice(0, 3), [1_000, 1_600, 2_560]);
    assert.equal(delays[19], 120_000);
    backoff.reset();
    assert.equal(backoff.next(), 1_000);
    assert.equal(new ConnectionBackoff({}, () => 0).next(), 800);
    assert.equal(new ConnectionBackoff({}, () => 1).next(), 1_200);
    assert.equal(new ConnectionBackoff({ initialMs: 5, maxMs: 3 }, () => 0.5).next(), 3);
  });
});

describe('a subchannel', () => {
  it('connects when it is told to, and not before', () => {
    const { servers, states, subchannel } = subchannelOf();
    assert.equal(subchannel.state, 'idle');
    assert.deepEqual(servers.dials, []);
    subchannel.connect();
    subchannel.connect();
    servers.accept(address);
    assert.deepEqual(states, ['connecting', 'ready']);
    assert.equal(subchannel.line, servers.latest(address).line);
    assert.equal(servers.dials.length, 1);
  });

  it('leaves a server that fails alone until the backoff is over, counted from the attempt', () => {
    const { servers, states, subchannel, lost } = subchannelOf();
    subchannel.connect();
    servers.clock.advance(300);
    servers.refuse(address);
    assert.equal(subchannel.state, 'transient failure');
    assert.match(subchannel.failure?.message ?? '', /10\.0\.0\.1:1: ECONNREFUSED/);
    subchannel.connect();
    servers.clock.advance(699);
    assert.equal(subchannel.state, 'transient failure');
    servers.clock.advance(1);
    assert.deepEqual(states, ['connecting', 'transient failure', 'idle']);
    subchannel.connect();
    servers.clock.advance(5_000);
    servers.refuse(address);
    servers.clock.advance(0);
    assert.equal(subchannel.state, 'idle', 'the attempt took longer than the backoff');
    assert.ok(subchannel.failure, 'it has failed until it is ready');
    subchannel.connect();
    servers.accept(address);
    assert.equal(subchannel.failure, undefined);
    assert.equal(lost(), 2);
  });

  it('is idle when its connection is lost or drained, and asks for new addresses', () => {
    for (const end of ['closed', 'draining'] as const) {
      const { servers, subchannel, lost } = subchannelOf();
      subchannel.connect();
      const { events } = servers.accept(address);
      if (end === 'closed') events.closed(new Error('reset'));
      else events.draining('NO_ERROR');
      assert.equal(subchannel.state, 'idle');
      assert.equal(subchannel.line, undefined);
      assert.equal(lost(), 1);
      events.closed(new Error('later'));
      assert.equal(lost(), 1, 'nothing more is heard of it');
    }
  });

  it('slows down for a server that takes connections and drops them at once', () => {
    const { servers, subchannel } = subchannelOf();
    for (let i = 0; i < 2; i++) {
      subchannel.connect();
      servers.accept(address).events.closed(new Error('dropped'));
    }
    assert.equal(subchannel.state, 'transient failure');
    servers.clock.advance(1_600);
    subchannel.connect();
    const { events } = servers.accept(address);
    servers.clock.advance(1_000);
    events.closed(new Error('after a while'));
    assert.equal(subchannel.state, 'idle');
  });

  it('does not slow down for a server that answers calls, however short its connections are', () => {
    const { servers, subchannel } = subchannelOf();
    for (let i = 0; i < 5; i++) {
      subchannel.connect();
      const { events, line } = servers.accept(address);
      line.answered = true;
      events.draining('NO_ERROR');
      assert.equal(subchannel.state, 'idle');
    }
  });

  it('rests when it is not needed, and forgets what it did', () => {
    const { servers, states, subchannel } = subchannelOf();
    subchannel.connect();
    subchannel.rest();
    assert.ok(servers.latest(address).abandoned);
    servers.accept(address);
    assert.equal(subchannel.state, 'idle');
    subchannel.connect();
    servers.refuse(address);
    subchannel.rest();
    assert.equal(subchannel.failure, undefined);
    assert.equal(servers.clock.waiting, 0);
    assert.deepEqual(states, ['connecting', 'connecting', 'transient failure']);
  });

  it('is over for good when it is shut down, and drains its connection', () => {
    const { servers, states, subchannel } = subchannelOf();
    subchannel.connect();
    const { events } = servers.accept(address);
    subchannel.shutdown();
    assert.ok(servers.latest(address).drained);
    events.closed(new Error('drained'));
    subchannel.connect();
    assert.equal(subchannel.state, 'shutdown');
    assert.equal(servers.dials.length, 1);
    assert.deepEqual(states, ['connecting', 'ready']);
  });

  it('whose health is watched is ready only while its server says so', () => {
    let tell: (failure: StatusError | undefined) => void = () => {};
    let watches = 0;
    const watch: WatchHealth = (_line, tellHealth) => {
      tell = tellHealth;
      watches++;
      return { [Symbol.dispose]: () => watches-- };
    };
    const { servers, subchannel } = subchannelOf({ watchHealth: () => watch });
    subchannel.connect();
    const { events, line } = servers.accept(address);
    assert.equal(subchannel.state, 'connecting');
    tell(undefined);
    assert.equal(subchannel.line, line);
    tell(new StatusError('UNAVAILABLE', 'not serving'));
    assert.equal(subchannel.state, 'transient failure');
    assert.equal(subchannel.line, undefined);
    servers.clock.advance(1_000_000);
    assert.equal(servers.dials.length, 1, 'its connection stays');
    tell(undefined);
    assert.equal(subchannel.state, 'ready');
    events.closed(new Error('lost'));
    assert.equal(watches, 0);
    tell(undefined);
    assert.equal(subchannel.state, 'idle');
  });
});
