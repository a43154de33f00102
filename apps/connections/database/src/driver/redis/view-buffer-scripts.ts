/** The scripts of buffers: one operation more, their end, and what waits. */
import { RedisScript } from './redis-script.ts';
import { linesOf, now } from './view-lua.ts';

/** Added to the time of the first operation: the place in the index of what has no expiry, after all that has one. */
const lasting = 2 ** 42;

/**
 * KEYS: epoch, lease, entry, buffer, dirty, bytes, index. ARGV: not before, not after; how many entries there have to be,
 * incarnation, revision and mark of it; name; new mark, status, import name and rest; operation; most keys, bytes,
 * operations and milliseconds. Reply: the outcome and the time. The first write may need memory: a full Redis refuses it,
 * and with it the whole. A buffer without its entry is of an image that something was evicted from.
 */
export const appendOperation = new RedisScript(
  `${linesOf}${now}
if now < tonumber(ARGV[1]) or now > tonumber(ARGV[2]) then return {'LATE', now} end
local epoch, entry = unpack(redis.call('MGET', KEYS[1], KEYS[3]))
local count, incarnation, revision, mark, bytes, ring = '0', '', '', '', 0, '[]'
if entry then
  local at, i, r, m, b, _, _, l = linesOf(entry)
  if m ~= '' or at == epoch then
    count, incarnation, revision, mark, bytes, ring = '1', i, r, m, tonumber(b) or 0, l
  end
end
if count ~= ARGV[3] or incarnation ~= ARGV[4] or revision ~= ARGV[5] or mark ~= ARGV[6] then
  return {'CHANGED', now}
end
local buffered = mark ~= ''
local before = buffered and bytes + #entry or 0
bytes = bytes + #ARGV[12]
local after = table.concat(
  {epoch or '', incarnation, revision, ARGV[8], bytes, ARGV[9], ARGV[10], ring, ARGV[11]}, '\\n')
local grown = bytes + #after - before
local oldest = redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')[2]
local full = (not buffered and redis.call('ZCARD', KEYS[5]) >= tonumber(ARGV[13]))
  or (redis.call('GET', KEYS[6]) or 0) + grown > tonumber(ARGV[14])
  or (buffered and redis.call('LLEN', KEYS[4]) >= tonumber(ARGV[15]))
  or (oldest and now - oldest > tonumber(ARGV[16]))
if full then return {'FULL', now} end
redis.call('SET', KEYS[3], after)
redis.call('DEL', KEYS[2])
if not buffered then
  redis.call('DEL', KEYS[4])
  redis.call('ZADD', KEYS[5], now, ARGV[7])
  redis.call('ZADD', KEYS[7], now + ${lasting}, ARGV[7])
end
redis.call('RPUSH', KEYS[4], ARGV[12])
redis.call('INCRBY', KEYS[6], grown)
return {'APPENDED', now}`,
  { changes: true },
);

/**
 * KEYS: entry, lease, buffer, dirty, bytes, index. ARGV: name, mark. Reply: 0 when the mark is another. An entry whose
 * operations are gone is of an image that something was evicted from: nothing of it can come home.
 */
export const dropBuffer = new RedisScript(
  `${linesOf}
local entry = redis.call('GET', KEYS[1])
local mark, bytes = '', 0
if entry then
  local _
  _, _, _, mark, bytes = linesOf(entry)
end
if mark ~= '' then
  if mark ~= ARGV[2] and redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('ZREM', KEYS[6], ARGV[1])
  redis.call('DECRBY', KEYS[5], bytes + #entry)
end
redis.call('DEL', KEYS[3])
redis.call('ZREM', KEYS[4], ARGV[1])
if redis.call('EXISTS', KEYS[4]) == 0 then redis.call('DEL', KEYS[5]) end
return 1`,
  { changes: true },
);

/** KEYS: dirty, bytes. ARGV: how many names. Reply: how many there are, their bytes, and the oldest with their times. */
export const readDirty = new RedisScript(
  `
local last = math.max(tonumber(ARGV[1]), 1) - 1
return {
  redis.call('ZCARD', KEYS[1]),
  tonumber(redis.call('GET', KEYS[2]) or 0),
  redis.call('ZRANGE', KEYS[1], 0, last, 'WITHSCORES')
}`,
  { changes: false },
);
