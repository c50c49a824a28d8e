import type { Target } from '#libs/contracts';

const PORT = 8008;
const LIMIT_MS = 15_000;

/** Asks Patroni for what only it may decide. Never `/failover`: that ignores how far a standby has come. */
export class PatroniDoor {
  constructor(
    private readonly user: string,
    private readonly password: string | undefined,
  ) {}

  /** Patroni chooses the best standby itself. @throws Error when it refuses */
  switchover({ name, url }: Target): Promise<void> {
    return this.post(url, '/switchover', { leader: name });
  }

  /** The standby copies the primary anew. @throws Error when it refuses */
  reinitialize({ url }: Target): Promise<void> {
    return this.post(url, '/reinitialize', { force: true });
  }

  private async post({ hostname }: URL, path: string, body: object): Promise<void> {
    if (this.password === undefined) throw new Error('the gate has no password of Patroni');
    const authorization = `Basic ${Buffer.from(`${this.user}:${this.password}`).toString('base64')}`;
    const response = await fetch(`http://${hostname}:${PORT}${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    if (!response.ok) throw new Error(`Patroni answers ${response.status}: ${(await response.text()).slice(0, 200)}`);
  }
}
