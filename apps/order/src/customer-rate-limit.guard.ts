import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { RateLimiter } from '#libs/redis';
import type { Identity } from '#libs/security';
import { orderConfig } from './order.config.js';
import { rateLimited } from './order.errors.js';

/** Keeps one customer from taking the shop away from the others; behind `CustomerGuard`. Counting that fails lets everybody in. */
@Injectable()
export class CustomerRateLimitGuard implements CanActivate {
  constructor(
    private readonly limiter: RateLimiter,
    @InjectConfig(orderConfig) private readonly config: ConfigOf<typeof orderConfig>,
  ) {}

  /** @throws AppError `rate-limited` */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { identity } = context.switchToHttp().getRequest<{ identity: Identity }>();
    const { rateLimit, rateWindowMs } = this.config;
    const decision = await this.limiter.take(`customer:${identity.customerId}`, rateLimit, rateWindowMs);
    if (!decision.allowed) throw rateLimited(decision.retryAfterMs);
    return true;
  }
}
