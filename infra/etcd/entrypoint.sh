#!/bin/sh
# One member of the consensus tier.
#   ETCD_MEMBER   this member's name, which is its host name as well
#   ETCD_MEMBERS  all member names, space separated
set -eu
cluster=
for member in $ETCD_MEMBERS; do
  cluster="${cluster:+$cluster,}$member=http://$member:2380"
done
# Heartbeat and election are the defaults: 100 ms and 1 s elect a new leader in 0.4 to 0.7 s, and a busy machine keeps them.
exec etcd --name "$ETCD_MEMBER" --data-dir /data/etcd \
  --initial-cluster "$cluster" --initial-cluster-token "${ETCD_TOKEN:-twofold}" --initial-cluster-state new \
  --listen-peer-urls http://0.0.0.0:2380 --initial-advertise-peer-urls "http://$ETCD_MEMBER:2380" \
  --listen-client-urls http://0.0.0.0:2379 --advertise-client-urls "http://$ETCD_MEMBER:2379" \
  --heartbeat-interval 100 --election-timeout 1000 \
  --auto-compaction-mode periodic --auto-compaction-retention 1h --quota-backend-bytes 268435456 --log-level warn
