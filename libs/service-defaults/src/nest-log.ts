import type { LoggerService } from '@nestjs/common';
import { logger } from '#libs/telemetry';

/** Nest's own messages in our log: its start-up chatter as debug, the rest at its level. */
export class NestLog implements LoggerService {
  log(message: unknown, ...rest: unknown[]): void {
    logger('nest').debug({ context: rest.at(-1) }, String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    const fields = { context: rest.at(-1), stack: rest.length > 1 ? rest[0] : undefined };
    if (message instanceof Error) logger('nest').error({ ...fields, err: message }, message.message);
    else logger('nest').error(fields, String(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    logger('nest').warn({ context: rest.at(-1) }, String(message));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    logger('nest').debug({ context: rest.at(-1) }, String(message));
  }
}
