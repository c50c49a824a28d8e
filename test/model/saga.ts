import { ORDER_EVENTS, PAYMENT_COMPENSATION, PAYMENT_EVENTS } from '#libs/contracts';
import { ModelLog, Reader } from './model-log.js';
import { IllegalMove, ModelOrder } from './model-order.js';
import { ModelPayment, type Weather } from './model-payment.js';
import { ModelProvider } from './model-provider.js';
import { Random } from './random.js';

/** Rules that a negative control may switch off. */
export type Controls = { readonly inbox: boolean; readonly providerKey: boolean };
export const ALL_ON: Controls = { inbox: true, providerKey: true };

/** Steps of bad weather, and the bound on the good weather after it. */
const MAX_STORM_STEPS = 60;
const MAX_CALM_STEPS = 400;

/** What one run came to: `faults` is empty when every invariant held. */
export type Run = {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly trace: readonly string[];
  /** How it ended: statuses of order and payment. */
  readonly end: string;
};

/** One order and its payment through a storm of crashes, doubled, late and reordered messages, then calm. */
export function runSaga(seed: number, controls: Controls = ALL_ON): Run {
  const saga = new Saga(seed, controls);
  const faults: string[] = [];
  try {
    saga.storm();
    saga.calm();
    faults.push(...saga.faults());
  } catch (error) {
    faults.push(String(error));
  }
  return { seed, faults, trace: saga.trace, end: saga.end };
}

class Saga {
  readonly trace: string[] = [];
  private readonly random: Random;
  private readonly log = new ModelLog();
  private readonly providers: ModelProvider[];
  private readonly order: ModelOrder;
  private readonly payment: ModelPayment;
  private readonly toPayment: Reader;
  private readonly toOrder: Reader[];
  private attempt = 0;

  constructor(
    seed: number,
    private readonly controls: Controls,
  ) {
    const random = new Random(seed);
    this.random = random;
    const declines = random.happens(0.25);
    this.providers = ['acme', 'borealis'].map((name) => new ModelProvider(name, declines));
    this.order = new ModelOrder(this.log, () => random.happens(0.1));
    const key = () => (controls.providerKey ? 'key' : `key-${this.attempt++}`);
    this.payment = new ModelPayment(this.log, this.providers, random, key);
    this.toPayment = new Reader(this.log, ORDER_EVENTS, controls.inbox);
    this.toOrder = ([PAYMENT_EVENTS, PAYMENT_COMPENSATION] as const).map(
      (topic) => new Reader(this.log, topic, controls.inbox),
    );
  }

  storm(): void {
    const steps = this.random.below(MAX_STORM_STEPS);
    for (let i = 0; i < steps; i++) this.stormStep();
  }

  calm(): void {
    for (let i = 0; i < MAX_CALM_STEPS; i++) {
      this.deliver(this.toPayment, false);
      for (const reader of this.toOrder) this.deliver(reader, false);
      this.payment.work('answered', false);
      if (i % 20 === 19) this.order.askAgain();
      if (i > 40 && this.isQuiet()) return;
    }
  }

  faults(): string[] {
    const { status } = this.order.state;
    const charged = this.providers.reduce((sum, one) => sum + one.charged, 0);
    const refunded = this.providers.reduce((sum, one) => sum + one.refunded, 0);
    const faults: string[] = [];
    if (status !== 'CONFIRMED' && status !== 'CANCELLED') faults.push(`I3: the order ended as ${status}`);
    if (charged > 1) faults.push(`I2: charged ${charged} times`);
    if (charged - refunded !== (status === 'CONFIRMED' ? 1 : 0))
      faults.push(`I2: charged ${charged}, refunded ${refunded}, but the order is ${status}`);
    if (this.order.taken !== (status === 'CONFIRMED' ? 1 : 0))
      faults.push(`I6: ${this.order.taken} pieces taken, but the order is ${status}`);
    if (!this.isQuiet()) faults.push('I8: events are left over');
    return faults;
  }

  get end(): string {
    return `${this.order.state.status}/${this.payment.payment?.status ?? 'none'}`;
  }

  private stormStep(): void {
    const weather = this.random.pick<Weather>(['answered', 'answered', 'answer-lost', 'refused', 'crash']);
    const loses = this.random.happens(0.2);
    const steps: [string, () => void][] = [
      ['order events', () => this.deliver(this.toPayment, loses)],
      ['payment events', () => this.deliver(this.random.pick(this.toOrder), loses)],
      [`work, ${weather}`, () => this.payment.work(weather, this.random.happens(0.2))],
      ['webhook', () => this.payment.webhook()],
      ['customer cancels', () => this.random.happens(0.2) && this.order.cancelByCustomer()],
      ['sweeper', () => this.random.happens(0.3) && this.order.askAgain()],
      ['new owner', () => this.random.pick([this.toPayment, ...this.toOrder]).rewind(1 + this.random.below(5))],
    ];
    const [name, step] = this.random.pick(steps);
    this.trace.push(name);
    step();
  }

  private deliver(reader: Reader, loses: boolean): void {
    const isPayment = reader === this.toPayment;
    try {
      reader.step((event) => {
        if (isPayment) this.payment.handle(event);
        else this.order.handle(event, this.controls.inbox);
      }, loses);
    } catch (error) {
      if (error instanceof IllegalMove) throw error;
      this.trace.push(`waits: ${String(error)}`);
    }
  }

  private isQuiet(): boolean {
    const isRead = [this.toPayment, ...this.toOrder].every((reader) => reader.isDone);
    return isRead && this.payment.payment?.status !== 'REFUNDING' && this.order.state.status !== 'PLACED';
  }
}
