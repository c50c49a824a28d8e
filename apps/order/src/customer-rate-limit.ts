import { Injectable } from '@nestjs/common';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { RateLimiter } from '#libs/redis';
import { orderConfig } from './order.config.js';
import { rateLimited } from './order.errors.js';

/** Keeps one customer from taking the shop away from the others. Counting that fails lets everybody in. */
@Injectable()
export class CustomerRateLimit {
  constructor(
    private readonly limiter: RateLimiter,
    @InjectConfig(orderConfig) private readonly config: ConfigOf<typeof orderConfig>,
  ) {}

  /** @throws AppError `rate-limited` */
  async take(customerId: string): Promise<void> {
    const { rateLimit, rateWindowMs } = this.config;
    const decision = await this.limiter.take(`customer:${customerId}`, rateLimit, rateWindowMs);
    if (!decision.allowed) throw rateLimited(decision.retryAfterMs);
  }
}
