import { nextStep, type Room, type StepPolicy, type Tried } from '../../apps/payment/src/next-step.js';
import { answersTo, learn, type News, type Payment, type PaymentEventType } from '../../apps/payment/src/payment.js';
import type { ModelEvent, ModelLog } from './model-log.js';
import type { ModelProvider } from './model-provider.js';
import type { Random } from './random.js';

/** Provider keys outlive every run; a key is voided, and payment given up, when chance says that enough time has gone by. */
const POLICY: StepPolicy = { keyLifetimeMs: 1e9, voidAfterMs: 1000, giveUpAfterMs: 1000 };

/** How a call ends for the caller. Whatever it says, the provider may have acted. */
export type Weather = 'answered' | 'answer-lost' | 'refused' | 'crash';

/** The payment service around the real `learn`, `nextStep` and `answersTo`: one payment, its attempts, its events. */
export class ModelPayment {
  payment: Payment | undefined;
  private seq = 0;
  private orderSeq = 0;
  private readonly tried = new Map<string, { attempts: number; isVoided: boolean; reached: boolean }>();

  constructor(
    private readonly log: ModelLog,
    private readonly providers: readonly ModelProvider[],
    private readonly random: Random,
    private readonly keyOf: () => string,
  ) {}

  handle(event: ModelEvent): void {
    if (event.seq <= this.orderSeq) return;
    if (event.seq > this.orderSeq + 1) throw new Error(`waits for ${this.orderSeq + 1}`);
    this.orderSeq = event.seq;
    if (event.type === 'order.cancelled') return this.cancelled();
    if (!this.payment && event.type !== 'order.confirmed')
      this.payment = { status: 'REQUESTED', provider: undefined, unwanted: false };
    else if (this.payment && event.type === 'order.settlement-requested')
      for (const type of answersTo(this.payment.status)) this.tell(type);
  }

  /** A worker takes the payment, writes its attempt down, asks, and records the answer, or dies before it could. */
  work(weather: Weather, hasWaited: boolean): void {
    if (!this.payment) return;
    const step = nextStep(this.claimed(hasWaited), this.triedList(), this.rooms(), POLICY);
    if (step.kind === 'wait') return;
    if (step.kind === 'give-up') return this.learned({ kind: 'given-up' });
    const { provider: name } = step;
    if (step.kind !== 'refund') this.learned({ kind: 'started', provider: name });
    const tried = this.tried.get(name) ?? { attempts: 0, isVoided: false, reached: false };
    this.tried.set(name, { ...tried, attempts: tried.attempts + 1, reached: tried.reached || weather !== 'refused' });
    const news = this.ask(step.kind, name, weather);
    if (weather !== 'crash') this.learned(news);
  }

  /** What the providers know, told at any time, as often as they like. */
  webhook(): void {
    const provider = this.random.pick(this.providers);
    for (const charge of provider.known()) this.learned({ kind: charge, provider: provider.name });
  }

  private ask(kind: 'charge' | 'void' | 'query' | 'refund', name: string, weather: Weather): News {
    const provider = this.providers.find((one) => one.name === name);
    if (!provider) throw new Error(`There is no provider ${name}.`);
    if (weather === 'refused') {
      const isProven = !this.tried.get(name)?.reached;
      return { kind: isProven ? 'unreachable' : 'unanswered', provider: name };
    }
    if (kind === 'refund') provider.refund(`${this.keyOf()}:refund`);
    const outcome = kind === 'refund' ? 'refunded' : provider[kind === 'void' ? 'void' : 'charge'](this.keyOf());
    return weather === 'answered' ? { kind: outcome, provider: name } : { kind: 'unanswered', provider: name };
  }

  private learned(news: News): void {
    if (!this.payment) return;
    const verdict = learn(this.payment, news);
    if (verdict.kind === 'stray') throw new Error(`stray ${news.kind}`);
    if (verdict.kind !== 'changed') return;
    this.payment = verdict.payment;
    if (news.kind === 'voided') this.tried.set(news.provider, { attempts: 1, reached: true, isVoided: true });
    if (verdict.event) this.tell(verdict.event);
  }

  private cancelled(): void {
    if (this.payment) return this.learned({ kind: 'order-cancelled' });
    this.payment = { status: 'FAILED', provider: undefined, unwanted: true };
    this.tell('payment.failed');
  }

  private tell(type: PaymentEventType): void {
    this.seq += 1;
    this.log.publish(type, this.seq, this.random.happens(0.1));
  }

  private claimed(hasWaited: boolean) {
    const agoMs = hasWaited ? POLICY.voidAfterMs : 0;
    return { ...(this.payment as Payment), firstAskedAgoMs: agoMs, askedAgoMs: agoMs };
  }

  private triedList(): Tried[] {
    return [...this.tried].map(([provider, { attempts, isVoided }]) => ({ provider, attempts, isVoided }));
  }

  private rooms(): Room[] {
    return this.providers.map(({ name }) => ({ provider: name, room: 1 }));
  }
}
