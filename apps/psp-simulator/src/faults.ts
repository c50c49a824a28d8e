import type { PspFaultBody, PspFaultName } from '#libs/contracts';

/** Told when a fault begins and ends, for the one that closes the door. */
export type FaultListener = (name: PspFaultName, isOn: boolean) => void;

type Active = { body: PspFaultBody; timer: NodeJS.Timeout };

/** What is broken on purpose right now. Every fault ends by itself; a restart ends all of them. */
export class Faults {
  private readonly active = new Map<PspFaultName, Active>();
  private readonly listeners: FaultListener[] = [];

  constructor(private readonly random: () => number = Math.random) {}

  onChange(listener: FaultListener): void {
    this.listeners.push(listener);
  }

  switchOn(name: PspFaultName, body: PspFaultBody): void {
    this.switchOff(name);
    const timer = setTimeout(() => this.switchOff(name), body.expiresInMs);
    timer.unref();
    this.active.set(name, { body, timer });
    for (const tell of this.listeners) tell(name, true);
  }

  switchOff(name: PspFaultName): void {
    const known = this.active.get(name);
    if (!known) return;
    clearTimeout(known.timer);
    this.active.delete(name);
    for (const tell of this.listeners) tell(name, false);
  }

  /** The fault's settings if it is on and hits this call (by its ratio). */
  strikes(name: PspFaultName): PspFaultBody | undefined {
    const body = this.active.get(name)?.body;
    return body && this.random() < body.ratio ? body : undefined;
  }

  list(): { name: PspFaultName; settings: PspFaultBody }[] {
    return [...this.active].map(([name, { body }]) => ({ name, settings: body }));
  }
}
