import { setTimeout as pause } from 'node:timers/promises';
import type { FencedLease, Term } from '#libs/registry';
import { gauge, logger } from '#libs/telemetry';

const log = logger('leadership');
const leads = gauge('monitor_leads', '1 on the monitor that acts.');

/** How often a monitor that does not lead tries to. */
const TRY_EVERY_MS = 500;

/** What happens when a term begins and ends. */
export type TermListener = {
  begin(term: Term): Promise<void>;
  end(): Promise<void>;
};

/** Leads whenever nobody else does; what only one monitor may do runs inside of a term. */
export class Leadership {
  private current: Term | undefined;
  private readonly stopped = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly lease: FencedLease,
    private readonly name: string,
    private readonly listener: TermListener,
  ) {}

  get term(): Term | undefined {
    return this.current?.signal.aborted === true ? undefined : this.current;
  }

  /** Who leads, as far as can be known. */
  async leader(): Promise<{ holder: string; token: string } | undefined> {
    return this.term ?? (await this.lease.current().catch(() => undefined));
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      const term = await this.lease.tryToLead(this.name).catch((error: unknown) => {
        log.debug({ err: error }, 'could not try to lead');
        return undefined;
      });
      if (term) await this.serve(term);
      else await pause(TRY_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async serve(term: Term): Promise<void> {
    this.current = term;
    leads.set(1);
    const over = new Promise<void>((resolve) => {
      for (const signal of [term.signal, this.stopped.signal])
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      await this.listener.begin(term);
      await over;
    } catch (error) {
      log.error({ err: error }, 'the term could not begin');
    }
    this.current = undefined;
    leads.set(0);
    await this.listener.end();
    await term.end().catch(() => undefined);
    log.info({ term: term.token }, 'the term is over');
  }
}
