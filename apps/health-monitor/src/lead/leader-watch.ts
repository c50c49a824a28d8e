import { setTimeout as pause } from 'node:timers/promises';
import type { Target } from '#libs/contracts';
import { type LeaderWitness, LoopMeter } from '#libs/database';
import { type EtcdStore, hedge } from '#libs/registry';
import { counter, logger } from '#libs/telemetry';
import { askHttp } from '../observe/ask-http.js';
import { SSL_REQUEST } from '../observe/postgres-observer.js';
import { talk } from '../observe/tcp-talk.js';
import { hear, isSilent, type Silence, VERDICT_MS, type WatchedLeadership } from './silence.js';

const log = logger('leader-watch');
const votesCast = counter('monitor_votes_total', 'Votes for revoking the lease of a silent database leader.');
const revocations = counter('monitor_revocations_total', 'Leases of database leaders revoked.');

const LOOK_EVERY_MS = 500;
const PROBE_LIMIT_MS = 900;
const HEDGE_AFTER_MS = 200;
/** Looks overlap: one that waits for a silent leader must not hold up the next. */
const MAX_LOOKS = 2;
/** A vote counts for this long: it is cast again while the leader stays silent. */
const VOTE_SECONDS = 3;
/** At most one revocation in this time, whoever does it. */
const GAP_SECONDS = 10;
const VOTES = '/twofold/fence/votes/';
const LAST = '/twofold/fence/last';

/** What the watch needs. */
export type LeaderWatchParts = {
  readonly self: string;
  readonly store: EtcdStore;
  readonly witness: LeaderWitness;
  /** Patroni's leader key. */
  readonly leaderKey: string;
  readonly nodes: readonly Target[];
  /** Votes needed: more than half of all monitors. */
  readonly majority: number;
  readonly onRevoked: (leadership: WatchedLeadership, voters: readonly string[]) => void;
};

/**
 * Every monitor watches the leader of the database. When both its Patroni and its Postgres have been silent for 3 s, it votes;
 * with the votes of most, the lease of exactly that leadership is revoked, and Patroni's own safe race elects the next. This
 * chooses nobody. A healthy leader revoked by mistake takes its key again within half a second.
 */
export class LeaderWatch {
  private silence: Silence = { leadership: undefined, heardMs: performance.now(), lookedMs: performance.now() };
  private looks = 0;
  private votedMs = Number.NEGATIVE_INFINITY;
  private readonly meter = new LoopMeter();
  private readonly ended = new AbortController();

  constructor(private readonly parts: LeaderWatchParts) {}

  start(): void {
    this.meter.start(() => undefined);
    this.run().catch((error: unknown) => log.error({ err: error }, 'the watch of the database leader ended'));
  }

  stop(): void {
    this.ended.abort();
    this.meter.stop();
  }

  private async run(): Promise<void> {
    const { signal } = this.ended;
    while (!signal.aborted) {
      if (this.looks < MAX_LOOKS) void this.tryToLook();
      await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async tryToLook(): Promise<void> {
    this.looks += 1;
    try {
      await this.look(performance.now());
    } catch (error) {
      log.debug({ err: error }, 'could not look at the leader');
    } finally {
      this.looks -= 1;
    }
  }

  private async look(sinceMs: number): Promise<void> {
    const leadership = await this.parts.witness.leader();
    const node = this.parts.nodes.find(({ name }) => name === leadership?.name);
    const heard = node ? await answers(node) : true;
    const answer = this.meter.laggedSince(sinceMs) ? 'void' : heard ? 'heard' : 'silent';
    this.silence = hear(this.silence, { leadership, answer, nowMs: performance.now() });
    if (leadership && isSilent(this.silence, performance.now())) await this.accuse(leadership, sinceMs);
  }

  private async accuse(leadership: WatchedLeadership, lookedMs: number): Promise<void> {
    const { store, self, leaderKey, majority, onRevoked } = this.parts;
    const { name, revision } = leadership;
    const ballot = `${VOTES}${name}/${revision}/`;
    const same = { [leaderKey]: revision };
    if (performance.now() - this.votedMs > (VOTE_SECONDS * 1_000) / 3) {
      this.votedMs = performance.now();
      votesCast.inc();
      log.warn({ leader: name, revision }, 'the database leader is silent: voting to revoke its lease');
      await store.commit({ when: same, put: { [ballot + self]: 'silent' }, forSeconds: VOTE_SECONDS });
    }
    const voters = (await store.list(ballot)).map(({ key }) => key.slice(ballot.length));
    if (voters.length < majority) return;
    const won = await store.commit({ when: { [LAST]: '0', ...same }, put: { [LAST]: self }, forSeconds: GAP_SECONDS });
    // Frozen between look and act: the leader may be back by now, so look again.
    if (!won || performance.now() - lookedMs > VERDICT_MS) return;
    if (!(await store.revokeHolder(leaderKey, revision))) return;
    revocations.inc();
    onRevoked(leadership, voters);
  }
}

/** Either answer is a sign of life. Postgres is asked only when Patroni hesitates: each question costs it a process. */
async function answers({ url }: Target): Promise<boolean> {
  const patroni = askHttp(new URL(`http://${url.hostname}:8008/liveness`), PROBE_LIMIT_MS);
  const isComplete = ({ length }: Buffer) => length > 0;
  const askPostgres = () => [talk(url, { say: SSL_REQUEST, isComplete, limitMs: PROBE_LIMIT_MS - HEDGE_AFTER_MS })];
  return hedge<unknown>(patroni, askPostgres, HEDGE_AFTER_MS).then(
    () => true,
    () => false,
  );
}
