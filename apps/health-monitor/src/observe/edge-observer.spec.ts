import { describe, expect, it } from '@jest/globals';
import { talliesIn } from './edge-observer.js';

describe(talliesIn.name, () => {
  it('counts what ended at each server, and what of that failed', () => {
    const page = `# TYPE haproxy_server_http_responses_total counter
haproxy_server_http_responses_total{proxy="order",server="order-1",code="2xx"} 1030
haproxy_server_http_responses_total{proxy="order",server="order-1",code="4xx"} 24
haproxy_server_http_responses_total{proxy="order",server="order-1",code="5xx"} 3
haproxy_server_http_responses_total{proxy="order",server="order-2",code="2xx"} 7
haproxy_server_client_aborts_total{proxy="order",server="order-1"} 120
haproxy_server_retry_warnings_total{proxy="order",server="order-1"} 2
haproxy_server_connection_errors_total{proxy="order",server="order-2"} 1
`;
    expect(talliesIn(page, 'edge-1')).toEqual([
      { caller: 'edge-1', about: 'order-1', ended: 1_179, failed: 125 },
      { caller: 'edge-1', about: 'order-2', ended: 8, failed: 1 },
    ]);
  });
});
