import { Injectable } from '@nestjs/common';
import { Probe } from '#libs/health';
import { EventBus } from './event-bus.js';

/** Whether events come and go. Never critical: orders are taken without the bus, and their events wait in the outbox. */
@Injectable()
export class BusProbe extends Probe {
  override readonly name = 'bus';
  override readonly critical = false;

  constructor(private readonly bus: EventBus) {
    super();
  }

  override async check() {
    return this.bus.health();
  }
}
