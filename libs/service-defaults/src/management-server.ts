import { createServer, type Server } from 'node:http';
import { logger, metricsText } from '#libs/telemetry';

const log = logger('management');

/** Serves `/metrics` on a port of its own, so that it is never reachable through the front door. */
export async function startManagementServer(host: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Only GET /metrics is served here.\n');
      return;
    }
    metricsText().then(
      ({ text, contentType }) => response.writeHead(200, { 'content-type': contentType }).end(text),
      (error: unknown) => {
        log.error({ err: error }, 'metrics could not be collected');
        response.writeHead(500).end();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  // Metrics never keep a process alive.
  return server.unref();
}
