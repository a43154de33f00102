/** The parts of the Redis driver that need no server. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Clock, systemClock } from '@connections/runtime';
import { hasReason } from '@connections/runtime/errors';
import { ErrorReply } from 'redis';
import { redirection, slotRanges } from '../src/driver/redis/cluster-slots.ts';
import { hashSlot } from '../src/driver/redis/hash-slot.ts';
import { LowestKeys } from '../src/driver/redis/lowest-keys.ts';
import type { Reply } from '../src/driver/redis/redis-connection.ts';
import { callFailure, replyCode } from '../src/driver/redis/redis-errors.ts';
import { askFacts } from '../src/driver/redis/server-facts.ts';

describe('the slot of a key', () => {
  it('is the CRC16 that Redis documents', () => {
    assert.equal(hashSlot('123456789'), 0x31c3);
    assert.equal(hashSlot(''), 0);
  });

  it('is that of its hash tag', () => {
    assert.equal(hashSlot('{user1000}.following'), hashSlot('user1000'));
    assert.equal(hashSlot('a{b}c{d}'), hashSlot('b'));
    assert.equal(hashSlot('é{é}'), hashSlot('é'));
    assert.notEqual(hashSlot('{}a'), hashSlot('{}b'));
    assert.equal(hashSlot('foo{{bar}}zap'), hashSlot('{bar'));
  });
});

describe('the lowest of many keys', () => {
  it('are kept in the order of their bytes, each once', () => {
    const lowest = new LowestKeys(3);
    for (const key of ['d', 'b', 'é', 'b', 'a', 'c', '😀']) lowest.add(Buffer.from(key));
    assert.deepEqual(lowest.sorted(), ['a', 'b', 'c']);
  });

  it('are kept without the replies that they are parts of', () => {
    const lowest = new LowestKeys(3);
    const reply = Buffer.from('é, 😀, a');
    for (const [start, end] of [
      [0, 2],
      [4, 8],
      [10, 11],
    ]) {
      lowest.add(reply.subarray(start, end));
    }
    reply.fill(0);
    assert.deepEqual(lowest.sorted(), ['a', 'é', '😀']);
  });

  it('are the same however many are added in whatever order', () => {
    const lowest = new LowestKeys(50);
    const keys = Array.from(
      { length: 20_000 },
      (_, at) => `k${String((at * 7_919) % 20_000).padStart(5, '0')}`,
    );
    for (const key of keys) lowest.add(Buffer.from(key));
    assert.deepEqual(lowest.sorted(), keys.toSorted().slice(0, 50));
  });
});

describe('the table of slots', () => {
  const asked = { host: '10.0.0.1', port: 1 };

  it('names the master of each range, a node without a name where it was asked', () => {
    const reply = [
      [
        0,
        99,
        [Buffer.from('10.0.0.2'), 2, Buffer.from('id')],
        [Buffer.from('10.0.0.3'), 3, Buffer.from('id')],
      ],
      [100, 16_383, [Buffer.from(''), 4, Buffer.from('id')]],
    ];
    assert.deepEqual(slotRanges(reply, asked), [
      { first: 0, last: 99, master: { host: '10.0.0.2', port: 2 } },
      { first: 100, last: 16_383, master: { host: '10.0.0.1', port: 4 } },
    ]);
  });

  it('is corrected by a refusal, also to an address of IPv6', () => {
    assert.deepEqual(redirection('MOVED 3999 10.0.0.7:6379', asked), { host: '10.0.0.7', port: 6_379 });
    assert.deepEqual(redirection('ASK 3999 ::1:6379', asked), { host: '::1', port: 6_379 });
    assert.deepEqual(redirection('MOVED 3999 :6379', asked), { host: '10.0.0.1', port: 6_379 });
  });
});

describe('an error reply', () => {
  const wrapped = (code: string) =>
    `ERR Error running script (call to f_1b9e): @user_script:9: @user_script: 9: -${code} what it says`;

  it('is known by its first word, also where Redis 6 wraps that of a script', () => {
    assert.equal(replyCode(new ErrorReply('NOSCRIPT No matching script')), 'NOSCRIPT');
    assert.equal(replyCode(new ErrorReply(wrapped('READONLY'))), 'READONLY');
    assert.equal(replyCode(new ErrorReply('ERR Error running script (call to f_1): -bad')), 'ERR');
    assert.equal(replyCode(new Error('MOVED 1 a:1')), undefined);
  });

  const reasons = {
    STORE_FULL: ['OOM'],
    STORE_UNREACHABLE: [
      ...['READONLY', 'LOADING', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN', 'MOVED', 'ASK', 'NOREPLICAS'],
      ...['BUSY', 'MISCONF', 'NOAUTH', 'NOPERM'],
    ],
    INTERNAL: ['WRONGTYPE', 'CROSSSLOT', 'ERR'],
  } as const;
  it('means STORE_UNREACHABLE where a script is refused without a code', () => {
    for (const text of [
      'ERR Script attempted to access a non local key in a cluster node script: 1b9e, on @user_script:9.',
      "ERR The user executing the script can't run this command or subcommand script: 1b9e, on @user_script:9.",
    ]) {
      assert.ok(
        hasReason(callFailure(new ErrorReply(text), { changes: true }, 'cache'), 'STORE_UNREACHABLE'),
        text,
      );
    }
  });

  for (const [reason, codes] of Object.entries(reasons)) {
    it(`means ${reason} to the caller: ${codes.join(', ')}`, () => {
      for (const code of codes) {
        for (const text of [`${code} what it says`, wrapped(code)]) {
          // It is an answer: the outcome of a write is known.
          const failed = callFailure(new ErrorReply(text), { changes: true }, 'cache');
          assert.ok(hasReason(failed, reason as keyof typeof reasons), `${text}: ${failed}`);
        }
      }
    });
  }
});

describe('a server that is greeted', () => {
  const time = () => [String(Math.floor(Date.now() / 1_000)), '0'];
  const server = (info: string, role = 'master') => {
    const replies = new Map<string, Reply>([
      ['PING', 'PONG'],
      ['TIME', time()],
      ['ROLE', [Buffer.from(role)]],
      ['INFO', Buffer.from(info)],
    ]);
    return async ([command]: readonly (string | Buffer)[]) => replies.get(String(command)) ?? null;
  };
  const ask = (info: string, role?: string) =>
    askFacts(server(info, role), { cluster: false, clockOffsetMs: 0 }, systemClock);

  it('tells whether it appends and by which policy it drops entries', async () => {
    const info =
      'redis_version:7.2.4\r\naof_enabled:1\r\nmaxmemory:1000\r\nmaxmemory_policy:volatile-lru\r\n';
    const { appends, evictionPolicy } = await ask(info);
    assert.deepEqual([appends, evictionPolicy], [true, 'volatile-lru']);
  });

  it('has another clock only where the way there and back cannot explain that', async () => {
    const offsetOf = async (aheadMs: number, wayMs: number, clockOffsetMs = 0) => {
      let now = 1_700_000_000_000;
      const clock: Clock = { ...systemClock, now: () => now };
      const replies = server('');
      const send = async (args: readonly (string | Buffer)[]) => {
        if (String(args[0]) !== 'TIME') return replies(args);
        const theirs = now + aheadMs;
        now += wayMs;
        return [String(Math.floor(theirs / 1_000)), String((theirs % 1_000) * 1_000)];
      };
      return (await askFacts(send, { cluster: false, clockOffsetMs }, clock)).clockOffsetMs;
    };
    assert.equal(await offsetOf(0, 900), 0);
    assert.equal(await offsetOf(200, 0), 0);
    assert.equal(await offsetOf(60_000, 10), 59_995);
    assert.equal(await offsetOf(-60_000, 900), -60_450);
    // What is known well is not given up for what is known worse.
    assert.equal(await offsetOf(60_000, 4_000, 59_995), 59_995);
    assert.equal(await offsetOf(0, 10, 59_995), 0);
  });

  it('is not known when the connection is lost on the way, and without INFO and ROLE where those are refused', async () => {
    const ask = (error: Error) => {
      const replies = server('aof_enabled:1\r\n');
      const send = async (args: readonly (string | Buffer)[]) => {
        if (['ROLE', 'INFO'].includes(String(args[0]))) throw error;
        return replies(args);
      };
      return askFacts(send, { cluster: false, clockOffsetMs: 0 }, systemClock);
    };
    await assert.rejects(ask(new Error('lost')), /lost/);
    assert.equal((await ask(new ErrorReply('NOPERM no'))).appends, false);
  });

  it('drops nothing while its memory has no bound', async () => {
    assert.equal((await ask('maxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n')).evictionPolicy, undefined);
  });

  it('is refused as a replica, as a node of a Cluster and below version 6.2', async () => {
    await assert.rejects(ask('', 'slave'), /slave/);
    await assert.rejects(ask('redis_mode:cluster\r\n'), /redis\+cluster/);
    await assert.rejects(ask('redis_version:6.0.16\r\n'), /6\.0\.16/);
  });
});
