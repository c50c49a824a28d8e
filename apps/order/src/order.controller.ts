import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import {
  MAX_IDEMPOTENCY_KEY,
  type OrderView,
  orderView,
  type Page,
  type PageQuery,
  type PlaceOrderBody,
  PROBLEM_CONTENT_TYPE,
  pageQuery,
  placeOrderBody,
} from '#libs/contracts';
import { Customer, CustomerGuard } from '#libs/security';
import { RequestContext } from '#libs/telemetry';
import { CancelOrder } from './cancel-order.js';
import { CustomerRateLimitGuard } from './customer-rate-limit.guard.js';
import { FindOrder } from './find-order.js';
import { FindPayment, paymentAnswer } from './find-payment.js';
import { keyMissing } from './order.errors.js';
import { cancellationBody, orderPage, problemAnswer } from './order.schemas.js';
import { PlaceOrder, type PlaceOrderAnswer } from './place-order.js';

/** Orders of the customer whose token is sent. */
@ApiTags('orders')
@ApiBearerAuth()
@ApiResponse(problemAnswer(401, 'No token, or not a good one'))
@ApiResponse(problemAnswer(429, 'Too many requests; see `Retry-After`'))
@ApiResponse(problemAnswer(503, 'Not now; send the same request again after `Retry-After` seconds'))
@Controller('orders')
@UseGuards(CustomerGuard, CustomerRateLimitGuard)
export class OrderController {
  constructor(
    private readonly placeOrder: PlaceOrder,
    private readonly findOrder: FindOrder,
    private readonly cancelOrder: CancelOrder,
    private readonly findPayment: FindPayment,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Place an order',
    description:
      'Sending the same key with the same body again answers the first answer, byte for byte, with `Idempotent-Replayed: true`.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, schema: { type: 'string', maxLength: MAX_IDEMPOTENCY_KEY } })
  @ApiResponse({ status: 201, description: 'Placed; `Location` is its address', standardSchema: orderView })
  @ApiResponse(problemAnswer(400, 'Malformed, or no key'))
  @ApiResponse(problemAnswer(404, '`unknown-sku`'))
  @ApiResponse(problemAnswer(409, '`stock-exhausted`, or `idempotency-in-flight` with `Retry-After`'))
  @ApiResponse(problemAnswer(422, 'The key was first used with another body'))
  async place(
    @Customer() customerId: string,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Body({ schema: placeOrderBody }) body: PlaceOrderBody,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!idempotencyKey || idempotencyKey.length > MAX_IDEMPOTENCY_KEY) throw keyMissing();
    const { correlationId } = RequestContext.current();
    const isGone = () => reply.raw.destroyed;
    send(reply, await this.placeOrder.execute({ customerId, idempotencyKey, body, correlationId, isGone }));
  }

  @Get()
  @ApiOperation({ summary: 'Your orders, newest first' })
  @ApiResponse({ status: 200, description: 'A page', standardSchema: orderPage })
  @ApiResponse(problemAnswer(400, 'Malformed `limit` or `after`'))
  async page(@Customer() customerId: string, @Query({ schema: pageQuery }) query: PageQuery): Promise<Page<OrderView>> {
    return await this.findOrder.page(customerId, query);
  }

  @Get(':orderId')
  @ApiOperation({ summary: 'One of your orders' })
  @ApiResponse({ status: 200, description: 'The order', standardSchema: orderView })
  @ApiResponse(problemAnswer(404, 'You have no such order'))
  async one(@Customer() customerId: string, @Param('orderId') orderId: string): Promise<OrderView> {
    return await this.findOrder.one(orderId, customerId);
  }

  @Get(':orderId/payment')
  @ApiOperation({
    summary: 'How the payment of an order stands',
    description:
      'As the payment service says now; `stale` when it cannot be asked: then it is what the order last heard.',
  })
  @ApiResponse({ status: 200, description: 'The payment', standardSchema: paymentAnswer })
  @ApiResponse(problemAnswer(404, 'You have no such order'))
  async payment(
    @Customer() customerId: string,
    @Param('orderId') orderId: string,
  ): Promise<z.infer<typeof paymentAnswer>> {
    return await this.findPayment.execute(orderId, customerId);
  }

  @Post(':orderId/cancellation')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Cancel an order; what was paid is refunded',
    description: 'Repeating it answers the same.',
  })
  @ApiResponse({ status: 200, description: 'Cancelled', standardSchema: orderView })
  @ApiResponse(problemAnswer(404, 'You have no such order'))
  @ApiResponse(problemAnswer(409, '`not-cancellable`: it is neither PLACED nor CONFIRMED'))
  async cancel(
    @Customer() customerId: string,
    @Param('orderId') orderId: string,
    @Body({ schema: cancellationBody }) _body: unknown,
  ): Promise<OrderView> {
    return await this.cancelOrder.execute(orderId, customerId);
  }
}

/** The stored bytes themselves: nothing may parse and write them again (R3). */
function send(reply: FastifyReply, answer: PlaceOrderAnswer): void {
  if (answer.location !== undefined) void reply.header('location', answer.location);
  if (answer.replayed) void reply.header('idempotent-replayed', 'true');
  void reply
    .code(answer.status)
    .type(answer.status < 400 ? 'application/json; charset=utf-8' : PROBLEM_CONTENT_TYPE)
    .serializer(asIs)
    .send(answer.body);
}

const asIs = (body: unknown): string => body as string;
