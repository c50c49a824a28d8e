import { Injectable } from '@nestjs/common';
import { PartitionKeeper } from '#libs/database';
import { Probe, type ProbeResult } from '#libs/health';
import { Relay } from './relay.js';

/** Whether events leave, and whether tables have room for the days to come. Never critical: the outbox keeps what waits. */
@Injectable()
export class OutboxProbe extends Probe {
  override readonly name = 'outbox';
  override readonly critical = false;

  constructor(
    private readonly relay: Relay,
    private readonly partitions: PartitionKeeper,
  ) {
    super();
  }

  override async check(): Promise<ProbeResult> {
    const { lanes, healthy, horizonWaitMs } = this.relay;
    const { tablesRunningShort } = this.partitions;
    const isWell = healthy && tablesRunningShort.length === 0 && horizonWaitMs < MAX_HORIZON_WAIT_MS;
    return { status: isWell ? 'up' : 'degraded', details: { lanes, healthy, horizonWaitMs, tablesRunningShort } };
  }
}

/** A transaction that holds the horizon longer than this was left open, in ms. */
export const MAX_HORIZON_WAIT_MS = 5_000;
