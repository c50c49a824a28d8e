import { request } from 'node:http';

const LIMIT_MS = 20_000;
const NAME = /^[a-z0-9][a-z0-9_-]{0,100}$/;

/**
 * The only thing of ours that touches the engine's socket, and `POST /containers/<name>/restart?t=0` is all it can say:
 * no grace, for a graceful stop would thaw a frozen process first. It cannot list, inspect, create, run or remove.
 */
export class DockerDoor {
  constructor(private readonly socketPath: string) {}

  /** @throws Error when the name is no container's name, or the engine refuses */
  restart(container: string): Promise<void> {
    if (!NAME.test(container)) return Promise.reject(new Error(`${JSON.stringify(container)} is no container's name`));
    const path = `/containers/${container}/restart?t=0`;
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(LIMIT_MS);
      const asked = request({ socketPath: this.socketPath, method: 'POST', path, signal }, (response) => {
        response.resume();
        if (response.statusCode === 204) resolve();
        else reject(new Error(`the engine answers ${response.statusCode}`));
      });
      asked.on('error', reject);
      asked.end();
    });
  }
}
