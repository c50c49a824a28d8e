/** Why a session ended before it answered. */
export type LossReason = 'no-answer' | 'connection-lost' | 'no-longer-primary' | 'closing';

/** The session is gone; what it was doing may or may not have happened. */
export class SessionLostError extends Error {
  constructor(
    readonly reason: LossReason,
    node: string,
    cause?: unknown,
  ) {
    super(`Session with ${node} lost: ${reason}.`, cause === undefined ? undefined : { cause });
    this.name = SessionLostError.name;
  }
}

/** SQLSTATEs of severity ERROR after which a commit may nevertheless have happened (R8). */
const UNKNOWN = /^(08|40003|57P)/;
/** Serialization failure, deadlock, a primary that is none: nothing happened, and the same again may work. */
const CONFLICT = new Set(['40001', '40P01', '25006']);
/** A replica cancels a read for replay, or for the DETACH of a partition it reads: another node can serve it. */
const CANCELLED_READ = new Set(['40001', '40P01', '57014']);

type ServerError = Error & { code: string; severity: string };

/** The server's own error inside `error`, also when TypeORM wrapped it. */
function serverError(error: unknown): ServerError | undefined {
  if (!(error instanceof Error)) return undefined;
  const inner = (error as { driverError?: unknown }).driverError ?? error;
  const { code, severity } = inner as Partial<ServerError>;
  return typeof code === 'string' && typeof severity === 'string' ? (inner as ServerError) : undefined;
}

/**
 * SQLSTATE of an error that Postgres sent, through TypeORM or not; undefined for any other error.
 * @see https://www.postgresql.org/docs/17/errcodes-appendix.html
 */
export const sqlStateOf = (error: unknown): string | undefined => serverError(error)?.code;

/** Name of the violated constraint, when Postgres named one. */
export const constraintOf = (error: unknown): string | undefined =>
  (serverError(error) as { constraint?: string } | undefined)?.constraint;

/**
 * Whether `error` proves that nothing was committed (R8): severity ERROR, and not one of the states in which the server
 * itself may not know. Everything else, a lost socket above all, leaves the outcome open.
 */
export function provesRollback(error: unknown): boolean {
  const sent = serverError(error);
  return sent !== undefined && sent.severity === 'ERROR' && !UNKNOWN.test(sent.code);
}

/** Whether the same transaction may succeed when run again at once. */
export const isConflict = (error: unknown): boolean => CONFLICT.has(sqlStateOf(error) ?? '');

/** Whether a read failed for what its node does, not for what it asks. */
export function isServedElsewhere(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state !== undefined && (CANCELLED_READ.has(state) || /^(08|57P|53)/.test(state));
}

/** Whether a notice during COMMIT says that the commit may not have reached the standbys: class 01, "warning" (R8). */
export const isDoubtfulNotice = (code: string | undefined): boolean => code?.startsWith('01') ?? false;
