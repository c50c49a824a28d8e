import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Inject,
  type MessageEvent,
  Param,
  Post,
  Query,
  Sse,
  UseGuards,
} from '@nestjs/common';
import { Observable } from 'rxjs';
import { z } from 'zod';
import type { MonitorState } from '#libs/contracts';
import { OperatorGuard, Public } from '#libs/security';
import { metricsText } from '#libs/telemetry';
import { type Incident, incidentsOf } from './incident.js';
import { type KeptDecision, MAX_DECISIONS_KEPT } from './kept-decision.js';
import { MonitorDesk } from './monitor-desk.js';

const page = z.strictObject({ limit: z.coerce.number().int().min(1).max(MAX_DECISIONS_KEPT).default(100) });
const targetName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);
const maintenanceBody = z.strictObject({
  targets: z.array(targetName).max(100),
  minutes: z.number().int().min(1).max(1_440).default(30),
});
type Page = z.infer<typeof page>;

/** What the monitor knows, for the dashboard and the command line; and what operators may tell it. */
@UseGuards(OperatorGuard)
@Controller('api')
export class MonitorController {
  constructor(@Inject(MonitorDesk) private readonly desk: MonitorDesk) {}

  @Public()
  @Get('state')
  state(): Promise<MonitorState> {
    return this.desk.state();
  }

  /** Newest first. */
  @Public()
  @Get('decisions')
  async decisions(@Query({ schema: page }) { limit }: Page): Promise<{ items: KeptDecision[] }> {
    return { items: (await this.desk.decisions()).slice(-limit).reverse() };
  }

  /** Newest first. */
  @Public()
  @Get('incidents')
  async incidents(@Query({ schema: page }) { limit }: Page): Promise<{ items: readonly Incident[] }> {
    return { items: incidentsOf(await this.desk.decisions()).slice(0, limit) };
  }

  @Public()
  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async metrics(): Promise<string> {
    return (await metricsText()).text;
  }

  @Public()
  @Sse('events')
  events(): Observable<MessageEvent> {
    return new Observable((listener) =>
      this.desk.follow((decision) => listener.next({ id: String(decision.seq), type: 'decision', data: decision })),
    );
  }

  @Post('targets/:target/restart')
  @HttpCode(202)
  restart(@Param('target', { schema: targetName }) target: string): Promise<KeptDecision> {
    return this.desk.act('restart', target);
  }

  /** Lets an instance that was set aside take work again. */
  @Post('targets/:target/return')
  @HttpCode(202)
  takeBack(@Param('target', { schema: targetName }) target: string): Promise<KeptDecision> {
    return this.desk.act('return', target);
  }

  /**
   * Takes an instance out; its twin serves alone, until this one was well for 60 s or the twin fails. Maintenance of it keeps it
   * out longer.
   */
  @Post('targets/:target/set-aside')
  @HttpCode(202)
  setAside(@Param('target', { schema: targetName }) target: string): Promise<KeptDecision> {
    return this.desk.act('switch', target);
  }

  /** Asks Patroni for a planned change of the primary. */
  @Post('targets/:target/switchover')
  @HttpCode(202)
  switchover(@Param('target', { schema: targetName }) target: string): Promise<KeptDecision> {
    return this.desk.act('switchover', target);
  }

  /** Asks Patroni to copy a standby anew. */
  @Post('targets/:target/reinitialize')
  @HttpCode(202)
  reinitialize(@Param('target', { schema: targetName }) target: string): Promise<KeptDecision> {
    return this.desk.act('reinitialize', target);
  }

  /** Nothing is done to these targets (or to `all`) for a while; an empty list ends it. */
  @Post('maintenance')
  @HttpCode(202)
  maintenance(@Body({ schema: maintenanceBody }) body: z.infer<typeof maintenanceBody>): Promise<KeptDecision> {
    return this.desk.maintain(body.targets, body.minutes);
  }
}
