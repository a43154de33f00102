/** Which connections are made and which take calls, on a clock that stands still. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Balancer } from '../src/client/balancer.ts';
import { PickFirst } from '../src/client/pick-first.ts';
import { RoundRobin } from '../src/client/round-robin.ts';
import { DialledServers } from './dialled-servers.ts';

const [a, b, c] = ['10.0.0.1:1', '10.0.0.2:1', '10.0.0.3:1'] as const;

function addresses(...texts: string[]) {
  return texts.map((text) => ({ host: text.slice(0, -2), port: 1 }));
}

function failureText(balancer: Balancer): string | undefined {
  return balancer.failure?.message;
}

function balancerOf(Kind: typeof PickFirst | typeof RoundRobin) {
  const servers = new DialledServers();
  const told = { changed: 0, lost: 0 };
  const balancer: Balancer = new Kind(servers.settings, {
    changed: () => told.changed++,
    lost: () => told.lost++,
  });
  return { servers, balancer, told };
}

describe('pick first', () => {
  it('connects when it is woken, to the first address that answers, and to no other after that', () => {
    const { servers, balancer } = balancerOf(PickFirst);
    balancer.update(addresses(a, b, c));
    assert.deepEqual(servers.attempts, []);
    balancer.wake();
    balancer.wake();
    assert.deepEqual(servers.attempts, [`${a}@0`]);
    servers.refuse(a);
    assert.deepEqual(servers.attempts, [`${a}@0`, `${b}@0`]);
    assert.equal(failureText(balancer), undefined, 'another address may answer');
    assert.equal(balancer.pick(), undefined);
    servers.accept(b);
    assert.equal(balancer.pick(), servers.latest(b).line);
    servers.clock.advance(1_000_000);
    assert.equal(servers.dials.length, 2);
  });

  it('goes on by itself when it loses again and again what it has chosen', () => {
    const { servers, balancer } = balancerOf(PickFirst);
    balancer.update(addresses(a, b));
    balancer.wake();
    servers.refuse(a);
    servers.refuse(b);
    servers.clock.advance(1_000);
    servers.accept(a);
    const before = servers.dials.length;
    servers.refuse(a, 'ECONNRESET');
    assert.deepEqual(servers.attempts.slice(before), [`${b}@1000`], 'the other address is tried at once');
    servers.refuse(b);
    assert.match(failureText(balancer) ?? '', /ECONNREFUSED/);
    servers.clock.advance(10_000);
    assert.ok(servers.latest(a).at > 1_000, 'nobody wakes a balancer that fails calls');
  });

  it('may be woken before it has addresses', () => {
    const { servers, balancer } = balancerOf(PickFirst);
    balancer.wake();
    balancer.update(addresses(a));
    assert.deepEqual(servers.attempts, [`${a}@0`]);
  });

  it('tries the next address beside one that does not answer', () => {
    const { servers, balancer } = balancerOf(PickFirst);
    balancer.update(addresses(a, b, c));
    balancer.wake();
    servers.clock.advance(260);
    assert.deepEqual(servers.attempts, [`${a}@0`, `${b}@250`]);
    servers.accept(b);
    assert.ok(servers.latest(a).abandoned);
    servers.clock.advance(10_000);
    assert.equal(servers.dials.length, 2);
  });

  it('fails when no address answers, and goes on trying each after its backoff', () => {
    const { servers, balancer } = balancerOf(PickFirst);
    balancer.update(addresses(a, b));
    balancer.wake();
    servers.refuse(a);
    servers.refuse(b, 'EHOSTUNREACH');
    assert.match(failureText(balancer) ?? '', /EHOSTUNREACH/);
    servers.clock.advance(1_000);
    assert.deepEqual(servers.attempts, [`${a}@0`, `${b}@0`, `${a}@1000`, `${b}@1000`]);
    assert.ok(failureText(balancer), 'it has failed until one answers');
    servers.refuse(b);
    servers.accept(a);
    assert.equal(failureText(balancer), undefined);
    assert.equal(balancer.pick(), servers.latest(a).line);
  });

  it('is idle when its connection is lost, and begins with the first address again', () => {
    const { servers, balancer, told } = balancerOf(PickFirst);
    balancer.update(addresses(a, b));
    balancer.wake();
    servers.refuse(a);
    servers.accept(b).events.draining('NO_ERROR');
    assert.equal(balancer.pick(), undefined);
    assert.equal(failureText(balancer), undefined);
    servers.clock.advance(5_000);
    assert.equal(servers.dials.length, 2);
    assert.equal(told.lost, 2);
    balancer.wake();
    assert.equal(servers.dials.at(-1)?.address, a);
  });

  it('keeps its connection when its address is still among the new ones, else drains it', () => {
    const { servers, balancer } = balancerOf(PickFirst);
    balancer.update(addresses(a));
    balancer.wake();
    servers.accept(a);
    balancer.update(addresses(b, a));
    assert.equal(balancer.pick(), servers.latest(a).line);
    balancer.update(addresses(b));
    assert.ok(servers.latest(a).drained);
    assert.equal(balancer.pick(), undefined);
    balancer.wake();
    servers.accept(b);
    assert.equal(balancer.pick(), servers.latest(b).line);
  });

  it('gives no connection that has no room', () => {
    const { servers, balancer, told } = balancerOf(PickFirst);
    balancer.update(addresses(a));
    balancer.wake();
    const dialled = servers.accept(a);
    dialled.room = 0;
    assert.equal(balancer.pick(), undefined);
    assert.ok(balancer.ready);
    const before = told.changed;
    dialled.room = 1;
    dialled.events.roomAgain();
    assert.equal(told.changed, before + 1);
    assert.equal(balancer.pick(), dialled.line);
  });

  it('that is shut down leaves nothing behind', () => {
    const { servers, balancer } = balancerOf(PickFirst);
    balancer.update(addresses(a, b));
    balancer.wake();
    balancer.shutdown();
    assert.ok(servers.latest(a).abandoned);
    assert.equal(servers.clock.waiting, 0);
  });
});

describe('round robin', () => {
  it('connects to every address and gives calls by turns to those that are ready', () => {
    const { servers, balancer } = balancerOf(RoundRobin);
    balancer.update(addresses(a, b, c));
    assert.deepEqual(servers.attempts, [`${a}@0`, `${b}@0`, `${c}@0`]);
    assert.equal(balancer.pick(), undefined);
    servers.accept(a);
    servers.accept(c);
    servers.refuse(b);
    const lines = new Set([servers.latest(a).line, servers.latest(c).line]);
    for (let i = 0; i < 3; i++) assert.deepEqual(new Set([balancer.pick(), balancer.pick()]), lines);
    servers.clock.advance(1_000);
    servers.accept(b);
    assert.equal(new Set([balancer.pick(), balancer.pick(), balancer.pick()]).size, 3);
  });

  it('goes past connections that have no room', () => {
    const { servers, balancer } = balancerOf(RoundRobin);
    balancer.update(addresses(a, b));
    servers.accept(a);
    servers.accept(b).room = 0;
    for (let i = 0; i < 4; i++) assert.equal(balancer.pick(), servers.latest(a).line);
    servers.latest(a).room = 0;
    assert.equal(balancer.pick(), undefined);
    assert.equal(failureText(balancer), undefined);
  });

  it('makes a connection again that was lost, and fails only when all have failed', () => {
    const { servers, balancer, told } = balancerOf(RoundRobin);
    balancer.update(addresses(a, b));
    servers.accept(a);
    servers.refuse(b);
    servers.clock.advance(1_000);
    servers.refuse(b);
    servers.accept(a).events.closed(new Error('lost'));
    assert.equal(servers.dials.at(-1)?.address, a);
    assert.equal(failureText(balancer), undefined, 'the first is under way');
    servers.refuse(a, 'gone');
    assert.match(failureText(balancer) ?? '', /ECONNREFUSED|gone/);
    assert.equal(told.lost, 4);
    servers.clock.advance(3_000);
    assert.ok(failureText(balancer), 'it has failed until one is ready');
    servers.accept(b);
    assert.equal(failureText(balancer), undefined);
  });

  it('follows the addresses: new ones are connected to, others drained', () => {
    const { servers, balancer } = balancerOf(RoundRobin);
    balancer.update(addresses(a, b));
    servers.accept(a);
    servers.accept(b);
    balancer.update(addresses(b, c));
    assert.ok(servers.latest(a).drained);
    assert.equal(servers.dials.length, 3);
    servers.accept(c);
    const lines = new Set([servers.latest(b).line, servers.latest(c).line]);
    assert.deepEqual(new Set([balancer.pick(), balancer.pick()]), lines);
  });

  it('that is shut down leaves nothing behind', () => {
    const { servers, balancer } = balancerOf(RoundRobin);
    balancer.update(addresses(a, b));
    servers.refuse(a);
    servers.accept(b);
    balancer.shutdown();
    servers.clock.advance(10_000);
    assert.equal(servers.dials.length, 2);
    assert.equal(servers.clock.waiting, 0);
  });
});
