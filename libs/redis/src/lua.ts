/** Every key of ours, as the servers' access rules have it. */
export const KEY_PREFIX = 'twofold:';

/**
 * Scripts that run in Redis, each in one step. Their keys all lie on the one master. A master that was just promoted does
 * not know them yet: the client then sends their text (so no auto-pipelining, which would not).
 */
export const scripts = {
  /** The sliding window of `slide` and `decide` on the server's clock. → [is allowed, current, previous, elapsed ms] */
  takeOne: {
    numberOfKeys: 1,
    lua: `
      local clock = redis.call('TIME')
      local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
      local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
      local start = now - now % window
      local known = redis.call('HMGET', KEYS[1], 's', 'c', 'p')
      local began, current, previous = tonumber(known[1]), tonumber(known[2]) or 0, tonumber(known[3]) or 0
      if began ~= start then
        previous = (began == start - window) and current or 0
        current = 0
      end
      local used = previous * (1 - (now - start) / window) + current
      if used + 1 > limit then return { 0, current, previous, now - start } end
      redis.call('HSET', KEYS[1], 's', start, 'c', current + 1, 'p', previous)
      redis.call('PEXPIRE', KEYS[1], window * 2)
      return { 1, current + 1, previous, now - start }`,
  },
  /** All lines or none; counters that are not there do not count. → 0 bypassed, 1 admitted, 2 refused */
  admitLines: {
    lua: `
      local counters = redis.call('MGET', unpack(KEYS))
      local verdict = 0
      for i = 1, #KEYS do
        if counters[i] then
          verdict = 1
          if tonumber(counters[i]) < tonumber(ARGV[i]) then return 2 end
        end
      end
      for i = 1, #KEYS do
        if counters[i] then redis.call('DECRBY', KEYS[i], ARGV[i]) end
      end
      return verdict`,
  },
  /** Adds pieces to the counters that are there. */
  returnLines: {
    lua: `
      for i = 1, #KEYS do
        if redis.call('EXISTS', KEYS[i]) == 1 then redis.call('INCRBY', KEYS[i], ARGV[i]) end
      end
      return 1`,
  },
  /** Sets counters; the last argument is how long they live without being set again, in ms. */
  setCounters: {
    lua: `
      for i = 1, #KEYS do redis.call('SET', KEYS[i], ARGV[i], 'PX', ARGV[#ARGV]) end
      return 1`,
  },
} as const;
