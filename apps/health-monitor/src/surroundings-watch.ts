import { setTimeout as pause } from 'node:timers/promises';
import type { Target } from '#libs/contracts';
import type { ClusterFacts, KafkaView } from '#libs/messaging';
import { logger } from '#libs/telemetry';
import type { Surroundings } from './alert/alarms-of.js';
import { gatherEvidence, noEvidence } from './observe/evidence.js';
import type { SyntheticOrder, SyntheticResult } from './observe/synthetic-order.js';

const log = logger('surroundings');

/** What is looked at beside single targets, and how often, in ms. */
export type SurroundingsParts = {
  readonly targets: readonly Target[];
  readonly evidenceIntervalMs: number;
  readonly limitMs: number;
  readonly synthetic: SyntheticOrder | undefined;
  readonly syntheticIntervalMs: number;
  readonly kafka: KafkaView | undefined;
};

const KAFKA_LIMIT_MS = 4_000;

/** Callers' evidence, test orders, and what the log holds as a whole: each at its own pace. */
export class SurroundingsWatch {
  private evidence = noEvidence;
  private facts: ClusterFacts | undefined;
  private failures = 0;
  private last: SyntheticResult | undefined;
  private readonly ended = new AbortController();

  constructor(private readonly parts: SurroundingsParts) {}

  get now(): Surroundings {
    const { evidence, facts: kafka, failures: syntheticFailures } = this;
    return { evidence, kafka, syntheticFailures, syntheticDetail: this.last?.detail ?? '' };
  }

  get syntheticOrder(): SyntheticResult | undefined {
    return this.last;
  }

  start(): void {
    const { parts } = this;
    this.every(parts.evidenceIntervalMs, async () => {
      this.evidence = await gatherEvidence(parts.targets, parts.limitMs);
    });
    if (parts.synthetic) this.every(parts.syntheticIntervalMs, () => this.placeOrder());
    if (parts.kafka) this.every(parts.evidenceIntervalMs, () => this.lookAtKafka());
  }

  stop(): void {
    this.ended.abort();
    this.parts.kafka?.close();
  }

  private async placeOrder(): Promise<void> {
    const result = await this.parts.synthetic?.place();
    if (!result) return;
    this.last = result;
    this.failures = result.ok ? 0 : this.failures + 1;
    if (!result.ok) log.warn(result, 'a synthetic order failed');
  }

  private async lookAtKafka(): Promise<void> {
    this.facts = await this.parts.kafka?.look(KAFKA_LIMIT_MS).catch(() => undefined);
  }

  private every(ms: number, work: () => Promise<void>): void {
    const { signal } = this.ended;
    const run = async (): Promise<void> => {
      while (!signal.aborted) {
        await pause(ms, undefined, { signal });
        await work();
      }
    };
    run().catch((error: unknown) => {
      if (!signal.aborted) log.error({ err: error }, 'a watch ended by itself');
    });
  }
}
