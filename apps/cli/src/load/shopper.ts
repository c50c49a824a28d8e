import { randomUUID } from 'node:crypto';
import type { PlaceOrderBody } from '#libs/contracts';
import type { Random } from './random.js';
import type { Customer, ReferenceClient, RequestEnd } from './reference-client.js';

/** What shoppers do. */
export type ShopperStep = 'browse' | 'order' | 'read' | 'cancel';

/** Most orders remembered for later reads and cancellations. */
export const MAX_REMEMBERED_ORDERS = 10_000;

export type ShopperChoices = {
  step: (random: Random) => ShopperStep;
  customer: (random: Random) => Customer;
  sku: (random: Random) => string;
  paymentToken: (random: Random) => string;
  /** Distinct SKUs an order has at most; every order has 1 to this many, evenly. */
  maxLines: number;
};

type Placed = { customer: Customer; orderId: string };

/** One visitor after the other, each doing one thing: looking, ordering, looking at an own order, cancelling one. */
export class Shopper {
  private readonly placed: Placed[] = [];

  constructor(
    private readonly client: ReferenceClient,
    private readonly choices: ShopperChoices,
    private readonly random: Random,
  ) {}

  /** Does one thing. What needs an order before there is one places it. */
  async act(): Promise<{ step: ShopperStep; end: RequestEnd }> {
    const step = this.choices.step(this.random);
    if (step === 'browse') return { step, end: await this.client.browse(this.pageToBrowse()) };
    const own = this.placed[Math.floor(this.random() * this.placed.length)];
    if (step === 'order' || !own) return { step: 'order', end: await this.order() };
    if (step === 'read') return { step, end: await this.client.read(own.customer, own.orderId) };
    return { step, end: await this.client.cancel(own.customer, own.orderId) };
  }

  private async order(): Promise<RequestEnd> {
    const customer = this.choices.customer(this.random);
    const end = await this.client.place(customer, randomUUID(), this.basket());
    if (end.status === 201 && end.orderId) this.remember({ customer, orderId: end.orderId });
    return end;
  }

  private basket(): PlaceOrderBody {
    const wanted = 1 + Math.floor(this.random() * this.choices.maxLines);
    const skus = new Set<string>();
    for (let i = 0; i < wanted; i++) skus.add(this.choices.sku(this.random));
    const items = [...skus].map((sku) => ({ sku, quantity: 1 }));
    return { items, paymentToken: this.choices.paymentToken(this.random) };
  }

  private pageToBrowse(): string {
    return this.random() < 0.5 ? '/products' : `/products/${this.choices.sku(this.random)}`;
  }

  private remember(order: Placed): void {
    if (this.placed.length < MAX_REMEMBERED_ORDERS) this.placed.push(order);
    else this.placed[Math.floor(this.random() * MAX_REMEMBERED_ORDERS)] = order;
  }
}
