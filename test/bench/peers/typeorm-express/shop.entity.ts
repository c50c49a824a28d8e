import { Column, Entity, ManyToOne, OneToMany, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

@Entity({ schema: 'peer' })
export class Product {
  @PrimaryColumn()
  sku: string;

  @Column()
  unitPriceMinor: number;

  @Column()
  available: number;
}

@Entity({ schema: 'peer' })
export class Order {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column()
  customerId: string;

  @Column()
  paymentToken: string;

  @Column({ default: 'PLACED' })
  status: string;

  @Column()
  currency: string;

  @Column()
  totalMinor: number;

  @OneToMany('OrderItem', 'order', { cascade: true })
  items: OrderItem[];

  @Column({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}

@Entity({ schema: 'peer' })
export class OrderItem {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @ManyToOne('Order', 'items')
  order: Order;

  @Column()
  sku: string;

  @Column()
  quantity: number;

  @Column()
  unitPriceMinor: number;
}

@Entity({ schema: 'peer' })
export class IdempotencyKey {
  @PrimaryColumn()
  key: string;

  @Column()
  orderId: string;

  @Column('text')
  body: string;
}

@Entity({ schema: 'peer' })
export class OutboxEvent {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column()
  topic: string;

  @Column('text')
  value: string;
}

export const entities = [Product, Order, OrderItem, IdempotencyKey, OutboxEvent];
