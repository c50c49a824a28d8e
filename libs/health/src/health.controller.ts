import { Controller, Get, Inject, type OnModuleInit, Res, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { type HealthCheckResult, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import type { Probe } from './probe.js';
import { ProbeRunner } from './probe-runner.js';
import { PUBLIC_ROUTE } from './public-route.js';

/** Token of the probe classes of a service. */
export const PROBES = Symbol.for('twofold.health.probes');

/** Differs for every life of the process: a monitor counts restarts by it. */
const STARTED_AT = new Date(performance.timeOrigin).toISOString();

type Reply = { code(status: number): unknown };

/**
 * `live`: the process answers, nothing else, so that a database that is down restarts nobody. `ready`: it can serve, 503
 * when a critical probe is down (`down` names which) or the process is stopping. `/health`: the same with all details.
 */
@ApiTags('health')
@Controller('health')
@PUBLIC_ROUTE
export class HealthController implements OnModuleInit {
  private runners: readonly ProbeRunner[] = [];

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly finder: ModuleRef,
    @Inject(PROBES) private readonly probes: readonly Type<Probe>[],
  ) {}

  /** Not in a factory: while providers are still being made, Nest hands out shells without their dependencies. */
  onModuleInit(): void {
    this.runners = this.probes.map((probe) => new ProbeRunner(this.finder.get(probe, { strict: false })));
  }

  @Get('live')
  @ApiOperation({ summary: 'Whether the process is alive, whatever it depends on' })
  @ApiOkResponse()
  live(): { status: 'ok'; startedAt: string } {
    return { status: 'ok', startedAt: STARTED_AT };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether this instance can serve; degraded is ready' })
  @ApiOkResponse()
  @ApiServiceUnavailableResponse()
  async ready(@Res({ passthrough: true }) reply: Reply): Promise<{ status: string; down: string[] }> {
    const { status, error } = await this.check(reply);
    return { status, down: Object.keys(error ?? {}) };
  }

  @Get()
  @ApiOperation({ summary: 'Everything this instance knows about what it needs' })
  @ApiOkResponse()
  @ApiServiceUnavailableResponse()
  all(@Res({ passthrough: true }) reply: Reply): Promise<HealthCheckResult> {
    return this.check(reply);
  }

  /** The document is the answer in every case, 503 included: a problem document would hide which probe it was. */
  private async check(reply: Reply): Promise<HealthCheckResult> {
    const result = await this.health.check(this.runners.map((runner) => () => this.indicate(runner))).catch(resultOf);
    if (result.status !== 'ok' && result.status !== 'degraded') reply.code(503);
    return result;
  }

  private async indicate(runner: ProbeRunner) {
    const { status, details } = await runner.look();
    const facts = { ...details, critical: runner.probe.critical };
    const indicator = this.indicators.check(runner.probe.name);
    if (status === 'up') return indicator.up(facts);
    return status === 'degraded' ? indicator.degraded(facts) : indicator.down(facts);
  }
}

/** Terminus throws its result when something is down. */
function resultOf(error: unknown): HealthCheckResult {
  const response = (error as { getResponse?: () => unknown }).getResponse?.();
  if (response && typeof response === 'object' && 'status' in response) return response as HealthCheckResult;
  throw error;
}
