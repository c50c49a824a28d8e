import type { EachBatchPayload, KafkaMessage } from 'kafkajs';

/** Twice per `heartbeatInterval`, because kafkajs drops a beat that comes early, in ms. */
const BEAT_MS = 500;

/** How far a batch got; beats while it runs, and so finds out when the lane may be another member's. */
export class BatchProgress {
  /** Why the lane may be another member's now. */
  lost: Error | undefined;
  /** Offset after the last record done. */
  next: string | undefined;
  private readonly beat: NodeJS.Timeout;

  constructor(private readonly payload: EachBatchPayload) {
    const lose = (error: Error) => {
      this.lost ??= error;
    };
    this.beat = setInterval(() => void payload.heartbeat().catch(lose), BEAT_MS);
  }

  /** All records up to this one are done. */
  resolved({ offset }: KafkaMessage): void {
    this.payload.resolveOffset(offset);
    this.next = String(BigInt(offset) + 1n);
  }

  end(): void {
    clearInterval(this.beat);
  }
}
