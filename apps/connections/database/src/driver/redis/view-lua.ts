/** What the scripts of the view share. Lines of an entry: view-entry.ts. */

/** Time stands still inside a script. */
export const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** epoch, incarnation, revision, mark, bytes, status, import name and ring of an entry. */
export const linesOf = `
local function linesOf(entry)
  return string.match(entry, '^${'([^\\n]*)\\n'.repeat(8)}')
end`;

/** Takes out of the index, at most `count` of them, what has expired. */
export const sweep = `${now}
local function sweep(index, count)
  local expired = redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, count)
  if #expired > 0 then redis.call('ZREM', index, unpack(expired)) end
end`;
