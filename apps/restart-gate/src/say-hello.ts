import { get } from 'node:http';
import { connect } from 'node:net';
import type { ServiceGroup, Target } from '#libs/contracts';

/** Engines answer these before any log-in: an SSLRequest, a PING, an ApiVersions. A frozen one accepts and says nothing. */
const GREETINGS: Partial<Record<ServiceGroup, Buffer>> = {
  postgres: Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]),
  redis: Buffer.from('PING\r\n'),
  sentinel: Buffer.from('PING\r\n'),
  kafka: Buffer.from([0, 0, 0, 14, 0, 18, 0, 0, 0, 0, 0, 1, 0, 4, 112, 105, 110, 103]),
};
const PATHS: Partial<Record<ServiceGroup, string>> = { etcd: '/health', edge: '/live' };
const LIMIT_MS = 800;

/** Names of those that answer. */
export async function answeringOf(targets: readonly Target[]): Promise<ReadonlySet<string>> {
  const found = await Promise.all(targets.map(answers));
  return new Set(targets.filter((_, index) => found[index]).map(({ name }) => name));
}

/** Whether the target answers in its own language, within a short time. */
function answers({ group, url }: Target): Promise<boolean> {
  const greeting = GREETINGS[group];
  if (greeting) return greets(url, greeting);
  return fetches(new URL(PATHS[group] ?? '/health/ready', url));
}

function greets({ hostname, port }: URL, greeting: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(greeting));
    const timer = setTimeout(() => settle(false), LIMIT_MS);
    const settle = (answer: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    socket.on('data', () => settle(true));
    socket.on('error', () => settle(false));
    socket.on('close', () => settle(false));
  });
}

function fetches(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(url, { agent: false, signal: AbortSignal.timeout(LIMIT_MS) }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
  });
}
