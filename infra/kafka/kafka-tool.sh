#!/bin/sh
# kafka-tool CLASS ARG... : one of Kafka's command line tools in a small JVM
class=$1
shift
exec java -Xmx96m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Djava.io.tmpdir=/tmp \
  -Dlog4j2.configurationFile=/opt/kafka/config/log4j2.yaml -cp '/opt/kafka/libs/*' "$class" "$@"
