import { isOpen, type Payment } from './payment.js';

/** What a worker does next for a payment it has claimed. */
export type Step =
  | { readonly kind: 'charge' | 'void' | 'query' | 'refund'; readonly provider: string }
  | { readonly kind: 'give-up' }
  | { readonly kind: 'wait' };

/** Kind of a step that asks a provider. */
export type AskingStep = Extract<Step, { provider: string }>;

/** A payment as its next step needs it. Times are ages by the database's clock. */
export type Claimed = Payment & {
  /** Since the first attempt at any provider; none yet: 0. */
  readonly firstAskedAgoMs: number;
  /** Since the first attempt at the present provider. */
  readonly askedAgoMs: number;
};

/** What a payment has tried at a provider so far. */
export type Tried = { readonly provider: string; readonly attempts: number; readonly isVoided: boolean };

/** A provider as it stands: how many more calls it takes now. */
export type Room = {
  readonly provider: string;
  readonly room: number;
  /** Its circuit is open, and the one call it takes decides whether it closes. */
  readonly isTrial?: boolean;
};

/** How long to insist. */
export type StepPolicy = {
  /** How long a provider remembers a key. */
  readonly keyLifetimeMs: number;
  /** After so long without an answer the key is voided, so that another provider may be asked. */
  readonly voidAfterMs: number;
  /** After so long without any provider to reach, with proof, the payment is given up. */
  readonly giveUpAfterMs: number;
};

/**
 * The next step. The same provider under the same key as long as its charge may be there: only proof leads away (R18).
 * @param rooms all providers, the preferred one first
 */
export function nextStep(payment: Claimed, tried: readonly Tried[], rooms: readonly Room[], policy: StepPolicy): Step {
  if (payment.status === 'REFUNDING' && payment.provider !== undefined)
    return { kind: 'refund', provider: payment.provider };
  if (!isOpen(payment)) return { kind: 'wait' };
  if (payment.provider === undefined) return chooseProvider(payment, tried, rooms, policy);
  return { kind: insist(payment, policy), provider: payment.provider };
}

function insist(payment: Claimed, policy: StepPolicy): 'charge' | 'void' | 'query' {
  // A key used after the provider forgot it would charge again; half the time is the margin for clocks and slow calls.
  if (payment.askedAgoMs >= policy.keyLifetimeMs / 2) return 'query';
  return payment.unwanted || payment.askedAgoMs >= policy.voidAfterMs ? 'void' : 'charge';
}

function chooseProvider(payment: Claimed, tried: readonly Tried[], rooms: readonly Room[], policy: StepPolicy): Step {
  if (payment.unwanted) return { kind: 'give-up' };
  const attempts = (name: string): number => tried.find(({ provider }) => provider === name)?.attempts ?? 0;
  const usable = rooms.filter(({ provider }) => !tried.some((one) => one.provider === provider && one.isVoided));
  if (usable.length === 0) return { kind: 'give-up' };
  const isAllTried = usable.every(({ provider }) => attempts(provider) > 0);
  if (isAllTried && payment.firstAskedAgoMs >= policy.giveUpAfterMs) return { kind: 'give-up' };
  const [best] = usable.filter(({ room }) => room > 0).sort((a, b) => attempts(a.provider) - attempts(b.provider));
  return best ? { kind: 'charge', provider: best.provider } : { kind: 'wait' };
}

const FIRST_PAUSE_MS = 400;
/** Longest pause between two attempts, so that thousands are final soon after a provider is back. */
export const MAX_PAUSE_MS = 10_000;

/**
 * How long to wait after the `attempts`-th attempt: doubling from 0.4 s to 10 s, give or take a quarter, so that the
 * payments of one outage do not come back as one.
 */
export function pauseMs(attempts: number, random: () => number = Math.random): number {
  const full = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(Math.max(attempts - 1, 0), 10));
  return Math.round(full * (0.75 + random() / 2));
}
