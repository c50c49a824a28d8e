import { request } from 'node:http';

const LIMIT_MS = 20_000;
const NAME = /^[a-z0-9][a-z0-9_-]{0,100}$/;

/**
 * The only thing of ours that touches the engine's socket, and `POST /containers/<name>/restart?t=0` and `…/start` are all it
 * can say: no grace, for a graceful stop would thaw a frozen process first. It cannot list, inspect, create, run or remove.
 */
export class DockerDoor {
  constructor(private readonly socketPath: string) {}

  /** @throws Error when the name is no container's name, or the engine refuses */
  async restart(container: string): Promise<void> {
    const status = await this.post(container, 'restart?t=0');
    if (status !== 204) throw new Error(`the engine answers ${status}`);
  }

  /** Starts it unless it runs. Whether it was stopped. @throws Error as {@link restart} */
  async start(container: string): Promise<boolean> {
    const status = await this.post(container, 'start');
    if (status !== 204 && status !== 304) throw new Error(`the engine answers ${status}`);
    return status === 204;
  }

  private post(container: string, verb: 'restart?t=0' | 'start'): Promise<number | undefined> {
    if (!NAME.test(container)) return Promise.reject(new Error(`${JSON.stringify(container)} is no container's name`));
    const path = `/containers/${container}/${verb}`;
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(LIMIT_MS);
      const asked = request({ socketPath: this.socketPath, method: 'POST', path, signal }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on('error', reject);
      asked.end();
    });
  }
}
