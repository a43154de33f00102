/** The scripts of the cache. Those of a namespace touch its index, and entries named by the index key, `:` and a key. */
import { RedisScript } from './redis-script.ts';

/** Bytes before the value of an entry in a namespace with an index: its expiry. */
export const headerBytes = 6;

// Redis before 7.2 reads its clock anew for each command of a script: what is left of a life makes the same expiry at every
// reading only where the clock says the same before and after.
const clock = `
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local now = clock()`;
const expiryOf = `
local function expiryOf(key)
  while true do
    local left = redis.call('PTTL', key)
    if left < 0 then return left end
    local before = now
    now = clock()
    if now == before then return now + left end
  end
end`;

/** KEYS: plain keys. Reply: for each its value or nil, and its expiry or -1. */
export const readPlain = new RedisScript(
  `${clock}${expiryOf}
local found = {}
for i, key in ipairs(KEYS) do
  local value = redis.pcall('GET', key)
  local there = type(value) == 'string'
  found[2 * i - 1] = there and value
  found[2 * i] = there and expiryOf(key) or -1
end
return found`,
  { changes: false },
);

/** KEYS: plain keys. Reply: for each its expiry, -1 without one, -2 without an entry, and the bytes of its value. */
export const lookAtPlain = new RedisScript(
  `${clock}${expiryOf}
local found = {}
for i, key in ipairs(KEYS) do
  local length = redis.pcall('STRLEN', key)
  local there = type(length) == 'number'
  found[2 * i - 1] = there and expiryOf(key) or -2
  found[2 * i] = there and length or 0
end
return found`,
  { changes: false },
);

/**
 * KEYS: index, entries. ARGV: for each entry its key, its bytes and its expiry by this server's clock. The index lives
 * as long as the last of its entries. Each write looks at two members at random for each entry it sets, and drops those
 * that have expired: no more than half of an index stay dead, also where nobody lists.
 */
export const writeIndexed = new RedisScript(
  `${clock}
local last = 0
for i = 2, #KEYS do
  local at = 3 * (i - 2)
  local expiry = tonumber(ARGV[at + 3])
  if expiry > now then
    redis.call('SET', KEYS[i], ARGV[at + 2], 'PXAT', ARGV[at + 3])
    redis.call('ZADD', KEYS[1], 0, ARGV[at + 1])
    last = math.max(last, expiry)
  else
    redis.call('UNLINK', KEYS[i])
    redis.call('ZREM', KEYS[1], ARGV[at + 1])
  end
end
if last == 0 then return end
local left = redis.call('PTTL', KEYS[1])
if left < 0 or now + left < last then
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last))
end
for _, member in ipairs(redis.call('ZRANDMEMBER', KEYS[1], 2 * (#KEYS - 1))) do
  if redis.call('EXISTS', KEYS[1] .. ':' .. member) == 0 then redis.call('ZREM', KEYS[1], member) end
end`,
  { changes: true },
);

/** KEYS: index, entries. ARGV: the keys of the entries. Reply: how many were there. */
export const removeIndexed = new RedisScript(
  `
local count = 0
for i = 2, #KEYS do
  count = count + redis.call('UNLINK', KEYS[i])
  redis.call('ZREM', KEYS[1], ARGV[i - 1])
end
return count`,
  { changes: true },
);

/**
 * KEYS: index. ARGV: from, to, how many entries, how many bytes, 1 for keys only, 1 when the page has entries already,
 * how many members to look at. Reply: what comes after (0 nothing, 1 another entry, 2 unknown: look on), the member to go
 * on after, and for each entry its key and its bytes. Members without an entry leave the index.
 */
export const pageIndexed = new RedisScript(
  `
local entries, bytes = tonumber(ARGV[3]), tonumber(ARGV[4])
local keysOnly, hasSome = ARGV[5] == '1', ARGV[6] == '1'
local members = redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[2], 'BYLEX', 'LIMIT', 0, ARGV[7])
local found, gone, last = {}, {}, ''
local after = #members == tonumber(ARGV[7]) and 2 or 0
for _, member in ipairs(members) do
  local key = KEYS[1] .. ':' .. member
  local length = redis.call('STRLEN', key)
  if length == 0 then
    gone[#gone + 1] = member
  else
    local size = #member + (keysOnly and 0 or length - ${headerBytes})
    if entries == 0 or (hasSome and size > bytes) then
      after = 1
      break
    end
    entries, bytes, hasSome = entries - 1, bytes - size, true
    found[#found + 1] = member
    found[#found + 1] = redis.call('GETRANGE', key, 0, keysOnly and ${headerBytes - 1} or -1)
  end
  last = member
end
if #gone > 0 then redis.call('ZREM', KEYS[1], unpack(gone)) end
return {after, last, found}`,
  { changes: false },
);

/** KEYS: index. ARGV: how many to remove. Reply: how many it found to remove. */
export const clearIndexed = new RedisScript(
  `
local members = redis.call('ZRANGE', KEYS[1], 0, ARGV[1] - 1)
if #members == 0 then return 0 end
local keys = {}
for i, member in ipairs(members) do keys[i] = KEYS[1] .. ':' .. member end
redis.call('UNLINK', unpack(keys))
redis.call('ZREM', KEYS[1], unpack(members))
return #members`,
  { changes: true },
);
