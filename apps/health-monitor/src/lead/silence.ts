/** One leadership of the database: the same node leads again under another revision. */
export type WatchedLeadership = { readonly name: string; readonly revision: string };

/** How long the leader of the database has been silent, in our eyes alone. `lookedMs`: end of the last look. */
export type Silence = {
  readonly leadership: WatchedLeadership | undefined;
  readonly heardMs: number;
  readonly lookedMs: number;
};

/** What one look found: who leads, and whether it answered; `void` when our own loop was late meanwhile. */
export type LeaderLook = {
  readonly leadership: WatchedLeadership | undefined;
  readonly answer: 'heard' | 'silent' | 'void';
  readonly nowMs: number;
};

/** Both Patroni and Postgres silent for so long: the leader is as good as dead, and its lease would last for 17 s more. */
export const SILENT_AFTER_MS = 3_000;
/** After so long without any look (etcd did not say who leads) everything may have stood still, so counting starts anew. */
export const BLIND_AFTER_MS = 2_500;
/** What was found is worth something for so long: whoever was frozen meanwhile must look again. */
export const VERDICT_MS = 2_000;

/** Takes a look in. A new leadership starts with credit; a void look neither accuses nor absolves the past. Pure. */
export function hear(silence: Silence, { leadership, answer, nowMs }: LeaderLook): Silence {
  const isSame =
    leadership !== undefined &&
    leadership.name === silence.leadership?.name &&
    leadership.revision === silence.leadership.revision;
  const wasBlind = nowMs - silence.lookedMs > BLIND_AFTER_MS;
  if (!isSame || wasBlind || answer !== 'silent') return { leadership, heardMs: nowMs, lookedMs: nowMs };
  return { ...silence, lookedMs: nowMs };
}

/** Whether to vote for revoking its lease. Pure. */
export const isSilent = ({ leadership, heardMs }: Silence, nowMs: number): boolean =>
  leadership !== undefined && nowMs - heardMs >= SILENT_AFTER_MS;
