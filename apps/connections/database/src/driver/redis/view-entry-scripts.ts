/**
 * The scripts of the view on one entry. They check before the first write. Those that only take away or replace delete
 * before they set, which a full Redis allows; one that inserts sets first, which a full Redis refuses, whole.
 */
import { RedisScript } from './redis-script.ts';
import { linesOf, sweep } from './view-lua.ts';

/** Members of the index that a write takes out where they have expired: more than it puts in. */
const swept = 4;

/** KEYS: epoch, entry, buffer. Reply: nil, or entry, epoch and operations. */
export const readWholeEntry = new RedisScript(
  `${linesOf}
local epoch, entry = unpack(redis.call('MGET', KEYS[1], KEYS[2]))
if not entry then return nil end
local at, _, _, mark = linesOf(entry)
if mark ~= '' then return {entry, epoch, redis.call('LRANGE', KEYS[3], 0, -1)} end
if at ~= epoch then return nil end
return {entry, epoch, {}}`,
  { changes: false },
);

/** KEYS: epoch, checkpoint, lease, entry. ARGV: an id, milliseconds. Reply: 0 denied, 1 held, or lease and checkpoint. */
export const leaseEntry = new RedisScript(
  `${linesOf}
local epoch, checkpoint, held, entry = unpack(redis.call('MGET', unpack(KEYS)))
if not epoch or not checkpoint then return 0 end
if entry then
  local at, _, _, mark = linesOf(entry)
  if mark ~= '' or at == epoch then return 0 end
end
local prefix = epoch .. ':'
if held and string.sub(held, 1, #prefix) == prefix then return 1 end
redis.call('SET', KEYS[3], prefix .. ARGV[1], 'PX', ARGV[2])
return {prefix .. ARGV[1], checkpoint}`,
  { changes: true },
);

/** KEYS: epoch, lease, entry, index. ARGV: lease, lines, milliseconds, name. Reply: 1 if it was set. */
export const fillEntry = new RedisScript(
  `${sweep}
local epoch, lease = unpack(redis.call('MGET', KEYS[1], KEYS[2]))
if not epoch or lease ~= ARGV[1] or string.sub(lease, 1, #epoch + 1) ~= epoch .. ':' then return 0 end
redis.call('SET', KEYS[3], epoch .. '\\n' .. ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
redis.call('ZADD', KEYS[4], now + ARGV[3], ARGV[4])
sweep(KEYS[4], ${swept})
return 1`,
  { changes: true },
);

/** KEYS: epoch, lease, entry, index. ARGV: name; unless it was removed incarnation, revision, lines, milliseconds. */
export const tellEntry = new RedisScript(
  `${linesOf}${sweep}
local epoch, entry = unpack(redis.call('MGET', KEYS[1], KEYS[3]))
local stays, same = true, false
if entry then
  local at, incarnation, revision, mark = linesOf(entry)
  same = at == epoch and incarnation == ARGV[2]
  stays = mark ~= '' or (same and tonumber(revision) >= tonumber(ARGV[3]))
end
redis.call('DEL', KEYS[2])
if stays then return end
redis.call('DEL', KEYS[3])
if same then
  redis.call('SET', KEYS[3], epoch .. '\\n' .. ARGV[4], 'PX', ARGV[5])
  redis.call('ZADD', KEYS[4], now + ARGV[5], ARGV[1])
else
  redis.call('ZREM', KEYS[4], ARGV[1])
end
sweep(KEYS[4], ${swept})`,
  { changes: true },
);
