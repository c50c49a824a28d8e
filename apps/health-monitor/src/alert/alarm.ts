/** Kinds of alerts, each with a runbook of its name. */
export const ALARMS = [
  'instance-out',
  'many-targets-sick',
  'data-member-dark',
  'no-primary',
  'replication-lag',
  'cache-without-master',
  'log-under-replicated',
  'etcd-without-majority',
  'outbox-stuck',
  'synthetic-order-fails',
  'provider-circuit-open',
  'instance-flaps',
] as const;
/** @see ALARMS */
export type AlarmKind = (typeof ALARMS)[number];

/** Something a person should know, for as long as it is so. */
export type Alarm = {
  readonly kind: AlarmKind;
  /** Kind and subject: `instance-out:order-2`. One alert per key, however often it is found. */
  readonly key: string;
  readonly sentence: string;
};

/** Makes the alarm of `kind` about `subject`. */
export const alarm = (kind: AlarmKind, subject: string, sentence: string): Alarm => ({
  kind,
  key: subject === '' ? kind : `${kind}:${subject}`,
  sentence,
});
