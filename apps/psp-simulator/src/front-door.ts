import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { logger } from '#libs/telemetry';
import { Faults } from './faults.js';

/** Lets the answer to the fault's own request leave before the door closes. */
const CLOSE_AFTER_MS = 50;

/**
 * Closes the port while the fault `down` is on, so that callers get "connection refused", the only failure that proves that
 * nothing happened (R18). Nobody can switch it off early: the door opens when the fault expires.
 */
@Injectable()
export class FrontDoor implements OnApplicationBootstrap {
  private readonly log = logger('front-door');
  private address: AddressInfo | undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly faults: Faults,
  ) {}

  onApplicationBootstrap(): void {
    this.faults.onChange((name, isOn) => {
      if (name !== 'down') return;
      if (isOn) setTimeout(() => this.close(), CLOSE_AFTER_MS);
      else this.open();
    });
  }

  private close(): void {
    const server = this.server();
    if (!server.listening) return;
    this.address = server.address() as AddressInfo;
    server.close();
    server.closeAllConnections();
    this.log.warn({ port: this.address.port }, 'port closed on purpose');
  }

  private open(): void {
    if (!this.address || this.server().listening) return;
    this.server().listen(this.address.port, this.address.address);
    this.log.warn({ port: this.address.port }, 'port open again');
  }

  private server(): Server {
    return this.host.httpAdapter.getHttpServer() as Server;
  }
}
