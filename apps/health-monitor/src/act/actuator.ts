import type { Target } from '#libs/contracts';

/** Does what was decided, through whoever may do it. Nothing here touches a process itself. */
export abstract class Actuator {
  /**
   * Restarts at once, without a graceful stop that would thaw a frozen process first.
   * @throws Error when it was refused, or nobody is there to do it
   */
  abstract restart(target: Target): Promise<void>;
  /** Starts what has exited and whose engine does not do it. `false`: it runs already. @throws Error as {@link restart} */
  abstract start(target: Target): Promise<boolean>;
  /** Takes the instance out, so that its twin serves alone. @throws Error as {@link restart} */
  abstract setAside(target: Target): Promise<void>;
  /** Lets it take work again. @throws Error as {@link restart} */
  abstract takeBack(target: Target): Promise<void>;
}
