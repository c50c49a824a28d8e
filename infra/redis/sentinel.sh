#!/bin/sh
# A Sentinel. Its configuration is its memory of the cluster: written to the volume once, then its own.
#   SENTINEL_NODE       this node's name, which is its host name as well
#   REDIS_FIRST_MASTER  who is master of an empty cluster
#   REDIS_REPLICAS      how many replicas must be attached before the first start
#   SENTINEL_QUORUM     how many Sentinels must agree that the master is gone (default 2)
set -eu
umask 077
secret() { cat "/run/secrets/redis_$1"; }
conf=/data/sentinel.conf
attached() {
  REDISCLI_AUTH=$(secret sentinel) timeout 2 redis-cli -h "$REDIS_FIRST_MASTER" --user sentinel --no-auth-warning info replication \
    | tr -d '\r' | sed -n 's/^connected_slaves://p'
}
if [ ! -s "$conf" ]; then
  # A Sentinel that starts before the replicas are attached knows none, and its first failover fails with no-good-slave.
  tries=0
  while [ "$(attached || true)" != "${REDIS_REPLICAS:-2}" ] && [ "$tries" -lt 60 ]; do
    tries=$((tries + 1))
    sleep 1
  done
  cat > "$conf.new" <<CONF
port 26379
bind * -::*
protected-mode yes
dir /data
requirepass $(secret sentinel)
sentinel sentinel-pass $(secret sentinel)
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $SENTINEL_NODE
sentinel announce-port 26379
sentinel monitor mymaster $REDIS_FIRST_MASTER 6379 ${SENTINEL_QUORUM:-2}
sentinel auth-user mymaster sentinel
sentinel auth-pass mymaster $(secret sentinel)
sentinel down-after-milliseconds mymaster 2000
sentinel failover-timeout mymaster 10000
sentinel parallel-syncs mymaster 2
CONF
  mv "$conf.new" "$conf"
fi
exec redis-sentinel "$conf"
