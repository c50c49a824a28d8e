import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  UseGuards,
} from '@nestjs/common';
import { type CustomTransportStrategy, EventPattern, Payload, Server } from '@nestjs/microservices';
import { HealthModule, Probe, type ProbeResult } from '#libs/health';
import {
  authConfig,
  Customer,
  CustomerGuard,
  createKeyPair,
  OperatorGuard,
  Public,
  SecurityModule,
  signToken,
} from '#libs/security';
import { createService, runService, type Service } from './index.js';

const story: string[] = [];

@Injectable()
class StubBus extends Server implements CustomTransportStrategy {
  listen(callback: () => void): void {
    callback();
  }

  close(): void {
    story.push('bus stopped');
  }

  async deliver(type: string, payload: unknown): Promise<void> {
    await this.getHandlerByPattern(type)?.(payload);
  }

  on(): never {
    throw new Error('not used');
  }

  unwrap(): never {
    throw new Error('not used');
  }
}

@Injectable()
class StubDatabase implements OnModuleDestroy, OnApplicationShutdown {
  onModuleDestroy(): void {
    story.push('modules destroyed');
  }

  onApplicationShutdown(): void {
    story.push('database closed');
  }
}

@Injectable()
class DatabaseProbe extends Probe {
  static found: ProbeResult = { status: 'up' };
  readonly name = 'database';
  readonly critical = true;

  check(): Promise<ProbeResult> {
    return Promise.resolve(DatabaseProbe.found);
  }
}

@Controller()
@UseGuards(CustomerGuard)
class MineController {
  @Get('mine')
  mine(@Customer() customerId: string) {
    return { customerId };
  }

  @Get('open')
  @Public()
  open() {
    return { open: true };
  }

  @Get('slow')
  @Public()
  async slow() {
    await new Promise((resolve) => setTimeout(resolve, 200));
    story.push('request answered');
    return {};
  }

  @Get('operated')
  @UseGuards(OperatorGuard)
  operated() {
    return {};
  }

  @EventPattern('order.placed')
  heard(@Payload() payload: { orderId: string }) {
    story.push(`heard ${payload.orderId}`);
  }
}

@Module({
  imports: [SecurityModule, HealthModule.with([DatabaseProbe])],
  controllers: [MineController],
  providers: [StubBus, StubDatabase, DatabaseProbe],
})
class MineModule {}

describe(runService.name, () => {
  const folder = mkdtempSync(join(tmpdir(), 'twofold-service-'));
  let service: Service;
  let url: string;
  let privateJwk: string;

  beforeAll(async () => {
    const keys = await createKeyPair('k1');
    privateJwk = keys.privateJwk;
    const jwksFile = join(folder, 'jwks.json');
    writeFileSync(jwksFile, keys.publicJwks);
    const env = { AUTH_JWKS_FILE: jwksFile, SERVICE_DRAIN_MS: '300', LOG_LEVEL: 'silent' };
    service = await createService(MineModule, { name: 'mine', config: { auth: authConfig } }, env);
    await service.app.startAllMicroservices();
    await service.app.listen(0, '127.0.0.1');
    url = await service.app.getUrl();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const get = async (path: string, token?: string) => {
    const answer = await fetch(`${url}${path}`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
  };

  describe('when somebody calls', () => {
    it('lets a customer in under the name in the token, the second time from memory', async () => {
      const token = await signToken(privateJwk, { subject: 'ann' });
      for (let i = 0; i < 2; i++) expect((await get('/mine', token)).body).toEqual({ customerId: 'ann' });
    });

    it('lets nobody else in, but opens what is public', async () => {
      const refused = await get('/mine');
      expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 401, code: 'unauthenticated' });
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
      expect((await get('/open')).status).toBe(200);
    });

    it('tells operators from customers', async () => {
      expect((await get('/operated', await signToken(privateJwk, { subject: 'ann' }))).body.code).toBe('forbidden');
      expect((await get('/operated', await signToken(privateJwk, { subject: 'o', role: 'operator' }))).status).toBe(
        200,
      );
    });
  });

  describe('when an event arrives', () => {
    it('hands it to its handler, past the guards of HTTP', async () => {
      await service.app.get(StubBus).deliver('order.placed', { orderId: 'o-1' });
      expect(story).toContain('heard o-1');
    });
  });

  describe('when something it needs is in trouble', () => {
    it.each([
      ['degraded', 200, { status: 'degraded', down: [] }],
      ['down', 503, { status: 'error', down: ['database'] }],
    ] as const)('is %s: ready answers %i, live answers 200', async (found, status, shown) => {
      DatabaseProbe.found = { status: found, details: { reason: 'no primary' } };
      await new Promise((resolve) => setTimeout(resolve, 600));
      const ready = await get('/health/ready');
      expect([ready.status, ready.body]).toEqual([status, shown]);
      expect((await get('/health')).body).toMatchObject({
        details: { database: { status: found, reason: 'no primary' } },
      });
      expect((await get('/health/live')).status).toBe(200);
    });
  });

  describe('when it is told to stop', () => {
    it('stops the bus first, serves while it drains, finishes what it began, and lets the database go last', async () => {
      story.length = 0;
      const closed = service.app.close();
      await new Promise((resolve) => setTimeout(resolve, 150));
      const [late, ready] = await Promise.all([get('/slow'), get('/health/ready')]);
      expect(late.status).toBe(200);
      expect([ready.status, ready.body]).toEqual([503, { status: 'shutting_down', down: ['database'] }]);
      await closed;
      expect(story[0]).toBe('bus stopped');
      expect(story.indexOf('request answered')).toBeLessThan(story.indexOf('database closed'));
      expect(story.at(-1)).toBe('database closed');
    });
  });
});
