import { chooseInstance } from './choose.js';
import type { Instance } from './instance.js';
import { Outliers } from './outliers.js';
import { NoAvailableInstance } from './registry.errors.js';

/** Knows the running instances of every service, from a local copy that outlives whoever keeps the truth. */
export abstract class Registry {
  private readonly outliers = new Outliers();

  /** @param site where this process runs: instances there come first */
  constructor(private readonly site: string) {}

  /** Instances registered for `service`, ejected ones included. */
  abstract instancesOf(service: string): readonly Instance[];

  /** Makes `self` known until disposed, and again after every loss. Does not wait for etcd. */
  abstract register(self: Instance): AsyncDisposable;

  /**
   * One instance to call: of the own site first, by weight, without those that failed several times in a row.
   * @throws NoAvailableInstance
   */
  choose(service: string): Instance {
    const fit = this.instancesOf(service).filter((each) => !this.outliers.isEjected(each.name));
    const chosen = chooseInstance(fit, this.site, Math.random());
    if (!chosen) throw new NoAvailableInstance(service);
    return chosen;
  }

  /**
   * Calls one instance and remembers how it went. Let `call` throw only for what is the instance's fault.
   * @throws NoAvailableInstance, or whatever `call` throws
   */
  async call<T>(service: string, call: (chosen: Instance) => Promise<T>): Promise<T> {
    const chosen = this.choose(service);
    try {
      const answer = await call(chosen);
      this.outliers.succeeded(chosen.name);
      return answer;
    } catch (error) {
      this.outliers.failed(chosen.name);
      throw error;
    }
  }

  /** Stops watching. */
  abstract close(): Promise<void>;
}
