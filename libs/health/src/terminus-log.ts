import { Injectable, type LoggerService } from '@nestjs/common';
import { logger } from '#libs/telemetry';

const log = logger('health');

/** Terminus reports each failed check as an error; balancers ask every second, so here it is debug: metrics say it better. */
@Injectable()
export class TerminusLog implements LoggerService {
  log(message: unknown): void {
    log.debug({}, String(message));
  }

  error(message: unknown): void {
    log.debug({}, String(message));
  }

  warn(message: unknown): void {
    log.debug({}, String(message));
  }
}
