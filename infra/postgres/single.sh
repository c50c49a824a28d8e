#!/bin/sh
# One Postgres by itself, without Patroni: what the shop of 2019 had.
set -eu
umask 077
data=/data/pg
if [ ! -s "$data/PG_VERSION" ]; then
  rm -rf "$data.new"
  initdb -D "$data.new" -U postgres -E UTF8 --locale=C.UTF-8 -k --pwfile=/run/secrets/pg_superuser \
    --auth-local=trust --auth-host=scram-sha-256 > /dev/null
  echo 'host all all samenet scram-sha-256' >> "$data.new/pg_hba.conf"
  pg_ctl -D "$data.new" -w -l /dev/null -o "-k /tmp -c listen_addresses=''" start > /dev/null
  patroni-post-bootstrap 'host=/tmp user=postgres dbname=postgres'
  pg_ctl -D "$data.new" -w -m fast stop > /dev/null
  mv "$data.new" "$data"
fi
exec postgres -D "$data" -k /tmp -c 'listen_addresses=*' -c max_connections=160 -c shared_buffers=96MB -c jit=off \
  -c timezone=UTC -c log_timezone=UTC
