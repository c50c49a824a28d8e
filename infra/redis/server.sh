#!/bin/sh
# A Redis server. Redis and Sentinel rewrite this configuration (who is master), so it lies on the volume and is written
# there once: after that what they recorded wins.
#   REDIS_NODE          this node's name, which is its host name as well
#   REDIS_FIRST_MASTER  who is master of an empty cluster
#   REDIS_MIN_REPLICAS  replicas that must be attached for a write (default 1; 0 where there is one node only)
set -eu
umask 077
secret() { cat "/run/secrets/redis_$1"; }
conf=/data/server.conf
# what a service may do: its data, channels and scripts under one prefix; nothing that administers or blocks the server
service='~twofold:* &twofold:* +@all -@admin -@dangerous +info +role'
if [ ! -s "$conf" ]; then
  cat > "$conf.new" <<CONF
port 6379
bind * -::*
protected-mode yes
dir /data
appendonly yes
appendfsync everysec
save ""
maxmemory 64mb
maxmemory-policy noeviction
requirepass $(secret admin)
user orders on >$(secret orders) $service
user payments on >$(secret payments) $service
user monitor on >$(secret monitor) +ping +info +role
user replica on >$(secret replica) +psync +replconf +ping
user sentinel on >$(secret sentinel) allchannels +multi +slaveof +ping +exec +subscribe +config|rewrite +role +publish +info +client|setname +client|kill +script|kill
masteruser replica
masterauth $(secret replica)
replica-announce-ip $REDIS_NODE
replica-announce-port 6379
repl-diskless-sync-delay 0
repl-timeout 10
repl-ping-replica-period 1
min-replicas-to-write ${REDIS_MIN_REPLICAS:-1}
min-replicas-max-lag 5
CONF
  [ "$REDIS_NODE" = "$REDIS_FIRST_MASTER" ] || echo "replicaof $REDIS_FIRST_MASTER 6379" >> "$conf.new"
  mv "$conf.new" "$conf"
fi
exec redis-server "$conf"
