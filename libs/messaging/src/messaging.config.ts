import { z } from 'zod';
import { config, setting } from '#libs/config';

/** A broker as `kafka-1=host:port` or `host:port`. */
const broker = z.string().regex(/^([\w-]+=)?[^=:\s]+:\d{1,5}$/, 'a broker looks like kafka-1=host:9092');

/** How events travel. */
export const busConfig = config('messaging', {
  bus: setting(z.enum(['embedded', 'kafka']), 'embedded', 'The event bus: on Postgres (lite), or Kafka.'),
  brokers: setting(z.array(broker), [], 'Kafka brokers, `name=host:port`, all of them. Needed when the bus is kafka.'),
  caFile: setting.optional(z.string(), 'PEM file of the authority that signs the brokers; switches TLS on.'),
  certFile: setting.optional(z.string(), 'PEM file of this service’s certificate.'),
  keyFile: setting.optional(z.string(), 'PEM file of this service’s private key, PKCS#8.'),
  replicationFactor: setting(z.int().min(1).max(5), 3, 'Replicas a Kafka topic must have; the start fails on fewer.'),
  minInSyncReplicas: setting(z.int().min(1).max(5), 2, 'Replicas that must have an event before it counts as sent.'),
  batchSize: setting(z.int().min(1).max(500), 100, 'Records taken from one lane at a time.'),
  pollMs: setting(
    z.int().min(100).max(10_000),
    1000,
    'Embedded bus: looks for records this often when nobody wakes it.',
  ),
  lingerMs: setting(z.int().min(0).max(100), 3, 'Embedded bus: least time between two looks, so that a burst is one.'),
  leaseMs: setting(
    z.int().min(1500).max(60_000),
    4000,
    'Embedded bus: a silent owner loses its lanes after this time.',
  ),
});
