#!/bin/sh
# Runs once in the life of the cluster, on the node that bootstraps it; $1 is a superuser's connection string.
set -eu
secret() { cat "/run/secrets/pg_$1"; }
exec psql -X -q -f /usr/local/share/twofold/roles.sql \
  -v owner="$(secret owner)" -v orders="$(secret orders)" -v payments="$(secret payments)" \
  -v monitor="$(secret monitor)" -v checker="$(secret checker)" "$1"
