/** Tasks of the first implementation on Redis. The keys are found by SCAN, and nothing is written. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type Ending, limits } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { LegacyHash, LegacyKeys, LegacyTasks } from '../../port/legacy-tasks.ts';
import { RedisCalls } from './redis-calls.ts';
import type { Reply } from './redis-connection.ts';
import { replyCode } from './redis-errors.ts';
import { RedisScript } from './redis-script.ts';
import type { CommandTarget, RedisServers } from './redis-servers.ts';

/** What one step of SCAN looks at: it holds up everybody else on that server. */
const scanCount = '500';
/** A page ends after the step that brings so many keys, or after so many steps. */
const keysPerPage = 500;
const stepsPerPage = 100;
/** The state of a task, and as many fields beside it. */
const maxFields = limits.taskDataKeys + 4;

const otherType = -1;
const tooManyFields = -2;
const tooManyBytes = -3;

/** KEYS: one key, of whatever type. ARGV: the most fields and bytes. Reply: the hash, or which of the numbers above says why not. */
const readHash = new RedisScript(
  `
local count = redis.pcall('HLEN', KEYS[1])
if type(count) == 'table' then
  return string.find(count.err, 'WRONGTYPE') and ${otherType} or count
end
if count > tonumber(ARGV[1]) then return ${tooManyFields} end
local bytes = 0
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  bytes = bytes + #field + redis.call('HSTRLEN', KEYS[1], field)
end
if bytes > tonumber(ARGV[2]) then return ${tooManyBytes} end
return redis.call('HGETALL', KEYS[1])`,
  { changes: false },
);

/** Where a page ended: on which of the masters, and which those were. */
type Place = readonly [servers: string, master: number, cursor: string];

export class RedisLegacyTasks implements LegacyTasks, AsyncDisposable {
  readonly #calls: RedisCalls;

  constructor(servers: RedisServers) {
    this.#calls = new RedisCalls(servers, 'task');
  }

  async page(after: string | undefined, signal: Ending): Promise<LegacyKeys> {
    const masters = await this.#calls.masters(signal);
    const servers = await this.#identityOf(masters, signal);
    const [begunOn, begunAt, begunFrom] =
      after === undefined ? ([servers, 0, '0'] as const) : (JSON.parse(after) as Place);
    // A cursor means nothing to another server, nor to the same one after a restart.
    if (begunOn !== servers) throw failure('LEGACY_SCAN_LOST', {});
    const keys: string[] = [];
    let cursor = begunFrom;
    let steps = 0;
    for (const [at, master] of masters.entries()) {
      if (at < begunAt) continue;
      do {
        if (keys.length >= keysPerPage || steps++ >= stepsPerPage) {
          return { keys, next: JSON.stringify([servers, at, cursor] satisfies Place) };
        }
        const step = ['SCAN', cursor, 'MATCH', '*:task:*', 'COUNT', scanCount];
        const [next, found] = (await this.#calls.readFrom(master, step, signal)) as [
          Reply,
          readonly Buffer[],
        ];
        keys.push(...found.filter(isLegacy).map(String));
        cursor = String(next);
      } while (cursor !== '0');
    }
    return { keys, next: undefined };
  }

  async read(key: string, maxBytes: number, signal: Ending): Promise<LegacyHash> {
    const reply = await this.#calls.run(readHash, [key], [`${maxFields}`, `${maxBytes}`], signal);
    if (reply === tooManyBytes) return { outcome: 'LARGE' };
    if (reply === otherType) return unreadable('it is no hash');
    if (reply === tooManyFields) return unreadable(`it has more than ${maxFields} fields`);
    const texts = reply as readonly Buffer[];
    if (texts.length === 0) return { outcome: 'GONE' };
    if (!texts.every((text) => isUtf8(text))) return unreadable('it is no UTF-8 text');
    const fields = new Map<string, string>();
    for (let at = 0; at < texts.length; at += 2) fields.set(String(texts[at]), String(texts[at + 1]));
    return { outcome: 'FOUND', fields };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#calls.close();
  }

  /** Another one after any of them has restarted or been replaced; as far as our user may ask. */
  async #identityOf(masters: readonly CommandTarget[], signal: Ending): Promise<string> {
    const runs = await Promise.all(masters.map((master) => this.#runOf(master, signal)));
    return createHash('sha256').update(runs.join()).digest('base64url');
  }

  async #runOf(master: CommandTarget, signal: Ending): Promise<string> {
    const info = await this.#calls.readFrom(master, ['INFO', 'server'], signal).catch((error) => {
      if (replyCode(error.cause) !== 'NOPERM') throw error;
      return '';
    });
    return /^run_id:(\w+)/m.exec(String(info))?.[1] ?? '';
  }
}

function unreadable(problem: string): LegacyHash {
  return { outcome: 'UNREADABLE', problem };
}

/** Ours are none, and what is no text was no name of the wire contract. */
function isLegacy(key: Buffer): boolean {
  return isUtf8(key) && !key.subarray(0, 3).equals(Buffer.from('cs:'));
}
