#!/bin/sh
# Brings the schemas of both services up to date and adds the first products. Each part finds what is done and leaves it,
# and waits for the database for as long as its own limit says.
set -eu
for task in order/src/migrate payment/src/migrate order/src/seed; do
  node --enable-source-maps "dist/apps/$task.js"
done
