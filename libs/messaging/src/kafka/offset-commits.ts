import type { EachBatchPayload } from 'kafkajs';
import { logger } from '#libs/telemetry';
import { withDeadline } from './deadline.js';

const log = logger('messaging');

/** What is done is committed so late at most. */
export const COMMIT_WITHIN_MS = 500;
const COMMIT_DEADLINE_MS = 1_000;

/**
 * Commits the offsets of all lanes of a member in one request, twice a second: a commit per batch was a third of what the
 * brokers did. Offsets are only marks, for the inbox makes effects once; so no lane ever waits for a commit, and a failed one
 * is made up for by the next.
 */
export class OffsetCommits {
  private timer: NodeJS.Timeout | undefined;
  private payload: Pick<EachBatchPayload, 'uncommittedOffsets' | 'commitOffsetsIfNecessary'> | undefined;

  /** Some lane has resolved a record. */
  due(payload: EachBatchPayload): void {
    this.payload = payload;
    this.timer ??= setTimeout(() => void this.flush(), COMMIT_WITHIN_MS);
  }

  /** Commits what is due now: before a member leaves. Never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { payload } = this;
    this.payload = undefined;
    if (!payload) return;
    try {
      const commit = payload.commitOffsetsIfNecessary(payload.uncommittedOffsets());
      await withDeadline(commit, COMMIT_DEADLINE_MS, 'the commit of offsets');
    } catch (error) {
      log.debug({ err: error }, 'offsets not committed: records may come again');
    }
  }
}
