#!/bin/sh
# One combined broker and controller.
#   KAFKA_NODE          its number, from 1; its host name is kafka-<number>
#   KAFKA_NODES         how many there are (default 3)
#   KAFKA_CLUSTER_ID    the same 22 characters on every node
#   KAFKA_HOST_PORT     its port on the host's loopback: what it tells clients that come in by the HOST listener
#   KAFKA_JVM           further JVM options
set -eu
umask 077
nodes=${KAFKA_NODES:-3}
min_isr=$((nodes > 2 ? 2 : 1))
voters=
number=1
while [ "$number" -le "$nodes" ]; do
  voters="${voters:+$voters,}$number@kafka-$number:9093"
  number=$((number + 1))
done
conf=/tmp/server.properties
cp /opt/kafka/config/server.properties "$conf"
cat >> "$conf" <<CONF
node.id=$KAFKA_NODE
controller.quorum.voters=$voters
listeners=CLIENT://:9092,CONTROLLER://:9093,HOST://:$KAFKA_HOST_PORT
advertised.listeners=CLIENT://kafka-$KAFKA_NODE:9092,HOST://127.0.0.1:$KAFKA_HOST_PORT
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT,HOST:PLAINTEXT
default.replication.factor=$nodes
min.insync.replicas=$min_isr
offsets.topic.replication.factor=$nodes
transaction.state.log.replication.factor=$nodes
transaction.state.log.min.isr=$min_isr
share.coordinator.state.topic.replication.factor=$nodes
share.coordinator.state.topic.min.isr=$min_isr
CONF
if [ ! -e /data/kafka/meta.properties ]; then
  kafka-tool kafka.tools.StorageTool format --cluster-id "$KAFKA_CLUSTER_ID" --config "$conf" >&2
fi
# -Xmx256m and the first compiler alone hold a broker at about 200 MiB; for real load give it memory and leave C2 on
# shellcheck disable=SC2086
exec java -Xms256m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 ${KAFKA_JVM:-} \
  -XX:SharedArchiveFile=/opt/kafka/cds/kafka.jsa -XX:-UsePerfData -XX:MaxMetaspaceSize=128m \
  -XX:MaxDirectMemorySize=64m -XX:+ExitOnOutOfMemoryError -Djava.io.tmpdir=/tmp \
  -Dlog4j2.configurationFile=/opt/kafka/config/log4j2.yaml -cp '/opt/kafka/libs/*' kafka.Kafka "$conf"
