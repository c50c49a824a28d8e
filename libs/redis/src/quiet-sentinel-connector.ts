import { type Redis, SentinelConnector } from 'ioredis';

type SentinelClient = Pick<Redis, 'on' | 'subscribe'>;
type Connector = { connectToSentinel(endpoint: unknown, options?: unknown): SentinelClient };

/** The method is private to the driver, and looked at in 6.0.0 only. */
const Inherited = SentinelConnector as unknown as new (options: object) => Connector;

/**
 * ioredis 6.0.0 has no listener for errors of the connections over which it hears of failovers, and prints each of them to
 * standard error, several a second while a Sentinel is gone. The next Sentinel answers; nobody needs those lines.
 *
 * Nor does it look at how subscribing anew ends after such a connection was lost: closed in that moment, as at the next
 * failover, it would end the process by an unhandled rejection.
 */
export class QuietSentinelConnector extends Inherited {
  override connectToSentinel(endpoint: unknown, options?: unknown): SentinelClient {
    const client = super.connectToSentinel(endpoint, options);
    client.on('error', ignore);
    const subscribe = client.subscribe.bind(client) as (...channels: string[]) => Promise<unknown>;
    const subscribeSafely = (...channels: string[]): Promise<unknown> => {
      const subscribed = subscribe(...channels);
      subscribed.catch(ignore);
      return subscribed;
    };
    return Object.assign(client, { subscribe: subscribeSafely });
  }
}

function ignore(): void {}
