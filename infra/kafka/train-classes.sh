#!/bin/sh
# Runs one broker during the build, so that the JVM writes an archive of the classes it loaded: a broker that maps the
# archive starts with a third of the processor time.
set -eu
mkdir -p /tmp/train
cat > /tmp/train.properties <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:9093
controller.listener.names=CONTROLLER
listeners=CLIENT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
log.dirs=/tmp/train/log
offsets.topic.replication.factor=1
CONF
kafka-tool kafka.tools.StorageTool format --cluster-id AAAAAAAAAAAAAAAAAAAAAA --config /tmp/train.properties > /dev/null
java -Xms256m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xlog:cds=off -Xlog:cds+dynamic=off \
  -XX:ArchiveClassesAtExit=/opt/kafka/cds/kafka.jsa -Dlog4j2.configurationFile=/opt/kafka/config/log4j2.yaml \
  -cp '/opt/kafka/libs/*' kafka.Kafka /tmp/train.properties > /tmp/train/out 2>&1 &
broker=$!
tries=0
until grep -q 'Kafka Server started' /tmp/train/out; do
  tries=$((tries + 1))
  if [ "$tries" -gt 240 ]; then
    cat /tmp/train/out >&2
    exit 1
  fi
  sleep 0.5
done
kafka-tool org.apache.kafka.tools.TopicCommand --bootstrap-server 127.0.0.1:9092 --create --topic train --partitions 1
kill -TERM "$broker"
wait "$broker" || true
test -s /opt/kafka/cds/kafka.jsa
rm -rf /tmp/train /tmp/train.properties
