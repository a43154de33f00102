/** The script that lists entries of a partition. */
import { RedisScript } from './redis-script.ts';
import { linesOf, now } from './view-lua.ts';

/**
 * KEYS: index, epoch. ARGV: what the keys of entries begin with; score and name of the last one looked at, or two empty
 * texts; what their names begin with; status and import name, empty for any; how many entries, how many bytes, 1 when the page has entries
 * already; how many members to look at, how many bytes. Reply: what comes after (0 nothing, 1 unknown: look on, 2 an entry
 * that the page has no room for), score and name of the last one looked at, and score, name and bytes of each entry.
 *
 * The index is in the order of expiry: what is rewritten between two pages may be on both. A member that has left its
 * place is looked for by its score alone.
 */
export const listEntries = new RedisScript(
  `${linesOf}${now}
local index = KEYS[1]
local first = redis.call('ZCOUNT', index, '-inf', '(' .. now)
if ARGV[3] ~= '' then
  local stands = redis.call('ZSCORE', index, ARGV[3]) == ARGV[2]
  local at = stands and redis.call('ZRANK', index, ARGV[3]) + 1
    or redis.call('ZCOUNT', index, '-inf', '(' .. ARGV[2])
  first = math.max(first, at)
end
local entries, bytes, hasSome = tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9] == '1'
local look, budget = tonumber(ARGV[10]), tonumber(ARGV[11])
local epoch = redis.call('GET', KEYS[2])
local members = redis.call('ZRANGE', index, first, first + look - 1, 'WITHSCORES')
local after = #members == 2 * look and 1 or 0
local name, score, found = ARGV[3], ARGV[2], {}
for i = 1, #members, 2 do
  if string.sub(members[i], 1, #ARGV[4]) == ARGV[4] then
    local entry = redis.call('GET', ARGV[1] .. members[i])
    if entry then
      local at, _, _, mark, _, status, import = linesOf(entry)
      if (mark ~= '' or at == epoch) and status ~= ''
        and (ARGV[5] == '' or ARGV[5] == status) and (ARGV[6] == '' or ARGV[6] == import) then
        local size = #members[i] + #entry
        if entries == 0 or (hasSome and size > bytes) then
          after = 2
          break
        end
        entries, bytes, hasSome = entries - 1, bytes - size, true
        found[#found + 1] = members[i + 1]
        found[#found + 1] = members[i]
        found[#found + 1] = entry
      end
      budget = budget - #entry
    end
  end
  name, score = members[i], members[i + 1]
  if budget < 0 and i + 1 < #members then
    after = 1
    break
  end
end
return {after, score, name, found}`,
  { changes: false },
);
