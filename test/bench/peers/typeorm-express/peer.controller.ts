import {
  Body,
  type CanActivate,
  ConflictException,
  Controller,
  type ExecutionContext,
  Headers,
  Injectable,
  NotFoundException,
  Post,
  Req,
  UseGuards,
} from '@nestjs/common';
import { DataSource, type EntityManager, In } from 'typeorm';
import { TokenVerifier } from '#libs/security';
import { PlaceOrderBody } from './place-order.body.js';
import { IdempotencyKey, Order, OutboxEvent, Product } from './shop.entity.js';

type Request = { headers: Record<string, string | undefined>; customerId: string };

@Injectable()
export class TokenGuard implements CanActivate {
  constructor(private readonly verifier: TokenVerifier) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    request.customerId = (this.verifier.known(token) ?? (await this.verifier.verify(token))).customerId;
    return true;
  }
}

@Controller('orders')
@UseGuards(TokenGuard)
export class PeerController {
  constructor(private readonly source: DataSource) {}

  @Post()
  async place(
    @Req() request: Request,
    @Headers('idempotency-key') key: string,
    @Body() body: PlaceOrderBody,
  ): Promise<unknown> {
    return await this.source.transaction((manager) => place(manager, `${request.customerId}:${key}`, request, body));
  }
}

async function place(manager: EntityManager, key: string, request: Request, body: PlaceOrderBody): Promise<unknown> {
  const known = await manager.findOneBy(IdempotencyKey, { key });
  if (known) return JSON.parse(known.body);
  const skus = body.items.map(({ sku }) => sku);
  const products = await manager.find(Product, {
    where: { sku: In(skus) },
    order: { sku: 'ASC' },
    lock: { mode: 'pessimistic_write' },
  });
  const items = body.items.map(({ sku, quantity }) => {
    const product = products.find((found) => found.sku === sku);
    if (!product) throw new NotFoundException(sku);
    if (product.available < quantity) throw new ConflictException(sku);
    product.available -= quantity;
    return { sku, quantity, unitPriceMinor: product.unitPriceMinor };
  });
  await manager.save(products);
  const order = await manager.save(
    manager.create(Order, {
      customerId: request.customerId,
      paymentToken: body.paymentToken,
      currency: 'KRW',
      totalMinor: items.reduce((sum, item) => sum + item.quantity * item.unitPriceMinor, 0),
      items,
    }),
  );
  const answer = JSON.stringify({ ...order, status: 'PLACED' });
  await manager.save(manager.create(OutboxEvent, { topic: 'order-events', value: answer }));
  await manager.save(manager.create(IdempotencyKey, { key, orderId: order.id, body: answer }));
  return JSON.parse(answer);
}
