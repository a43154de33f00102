/** The scripts by which one of us repairs a partition: who it is, and its steps. */
import { RedisScript } from './redis-script.ts';
import { linesOf, sweep } from './view-lua.ts';

/** Members of the index that a step takes out where they have expired: there is a step a second, also where nobody writes. */
const swept = 64;

/** Without an epoch no entry counts: whatever the checkpoint is, it is that of nothing. */
const known = `
local epoch, checkpoint = unpack(redis.call('MGET', KEYS[1], KEYS[2]))
if not epoch then checkpoint = false end`;

/** KEYS: epoch, checkpoint, holder. ARGV: holder, milliseconds. Reply: 1 if it is the one, and the checkpoint. */
export const claimPartition = new RedisScript(
  `${known}
local holder = redis.call('GET', KEYS[3])
if holder and holder ~= ARGV[1] then return {0, checkpoint} end
redis.call('DEL', KEYS[3])
redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[2])
return {1, checkpoint}`,
  { changes: true },
);

/**
 * KEYS: epoch, checkpoint, index; of an event lease, entry. ARGV: to, a new epoch, 1 to forget, how many checkpoints
 * there have to be, which; of an event name, incarnation and revision of what is not to be dropped. Reply: 1 if it was done.
 */
export const advancePartition = new RedisScript(
  `${linesOf}${sweep}${known}
if ARGV[4] == '0' then
  if checkpoint then return 0 end
elseif checkpoint ~= ARGV[5] then
  return 0
end
local drops = false
local entry = #KEYS > 3 and redis.call('GET', KEYS[5])
if entry then
  local at, incarnation, revision, mark = linesOf(entry)
  local stays = at == epoch and incarnation == ARGV[7] and (tonumber(revision) or 0) >= tonumber(ARGV[8])
  drops = mark == '' and not stays
end
redis.call('DEL', KEYS[2])
if #KEYS > 3 then redis.call('DEL', KEYS[4]) end
if drops then
  redis.call('DEL', KEYS[5])
  redis.call('ZREM', KEYS[3], ARGV[6])
end
sweep(KEYS[3], ${swept})
if ARGV[3] == '1' or not checkpoint then redis.call('SET', KEYS[1], ARGV[2]) end
redis.call('SET', KEYS[2], ARGV[1])
return 1`,
  { changes: true },
);
