#!/bin/sh
# Writes Patroni's configuration from the environment and the secrets, then becomes Patroni, which waits for etcd itself.
#   PG_NODE      this node's name, which is its host name as well
#   PG_SITE      its site
#   ETCD_HOSTS   host:port of the etcd members, comma separated
#   PG_SYNC      quorum (default) | off: off where there is one node only
set -eu
umask 077
secret() { cat "/run/secrets/pg_$1"; }
strict=true
[ "${PG_SYNC:-quorum}" = quorum ] || strict=false

# ttl, loop_wait and retry_timeout are the smallest that Patroni accepts: they are most of the time a failover takes.
# "quorum" with two synchronous standbys of three, two nodes a site: every acknowledged commit lies in the other site too.
# wal_keep_size is twice max_wal_size: a crashed leader that is rewound starts from the last checkpoint it shares with the new one,
# up to max_wal_size back, and gets that log from nobody else. With 128MB it waited for a removed segment for ever.
# strict: a primary without a standby waits and acknowledges nothing, rather than acknowledging what could be lost.
cat > /tmp/patroni.yml <<YML
scope: twofold
name: $PG_NODE
log: {level: WARNING}
etcd3: {hosts: "$ETCD_HOSTS"}
restapi:
  listen: 0.0.0.0:8008
  connect_address: $PG_NODE:8008
  authentication: {username: patroni, password: "$(secret patroni)"}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 1
    retry_timeout: 3
    primary_start_timeout: 0
    maximum_lag_on_failover: 1048576
    failsafe_mode: true
    synchronous_mode: ${PG_SYNC:-quorum}
    synchronous_mode_strict: $strict
    synchronous_node_count: 2
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters:
        max_connections: 160
        shared_buffers: 96MB
        wal_level: replica
        hot_standby: "on"
        wal_log_hints: "on"
        max_wal_senders: 10
        max_replication_slots: 10
        wal_keep_size: 1GB
        max_wal_size: 512MB
        wal_compression: lz4
        wal_sender_timeout: 3s
        wal_receiver_timeout: 5s
        wal_retrieve_retry_interval: 500ms
        tcp_keepalives_idle: 5
        tcp_keepalives_interval: 2
        tcp_keepalives_count: 2
        tcp_user_timeout: 5s
        max_worker_processes: 6
        max_parallel_workers: 0
        autovacuum_max_workers: 2
        jit: "off"
        timezone: UTC
        log_timezone: UTC
  initdb: [{encoding: UTF8}, {locale: C.UTF-8}, data-checksums]
  post_bootstrap: /usr/local/bin/patroni-post-bootstrap
postgresql:
  listen: 0.0.0.0:5432
  connect_address: $PG_NODE:5432
  data_dir: /data/pg
  bin_dir: /usr/lib/postgresql/17/bin
  pgpass: /tmp/pgpass
  use_unix_socket: true
  use_unix_socket_repl: true
  parameters: {unix_socket_directories: /tmp}
  # without the second line a thawed leader cannot rejoin through its own socket
  pg_hba:
    - local all all trust
    - local replication all trust
    - host replication twofold_replication samenet scram-sha-256
    - host all all samenet scram-sha-256
  authentication:
    superuser: {username: postgres, password: "$(secret superuser)"}
    replication: {username: twofold_replication, password: "$(secret replication)"}
  create_replica_methods: [basebackup]
  basebackup: [{checkpoint: fast}]
  remove_data_directory_on_rewind_failure: true
  remove_data_directory_on_diverged_timelines: true
tags: {site: "$PG_SITE"}
YML
exec patroni /tmp/patroni.yml
