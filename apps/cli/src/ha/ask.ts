import { connect } from 'node:net';

/** A member that answers later than this is as good as down. */
export const ASK_TIMEOUT_MS = 1_500;
/** SSLRequest: length 8, code 80877103. Postgres answers one byte, without log-in. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
/** ApiVersions v0 of a client `ping`, the one request to Kafka that needs no authority. */
const API_VERSIONS = Buffer.from([0, 0, 0, 14, 0, 18, 0, 0, 0, 0, 0, 1, 0, 4, 112, 105, 110, 103]);

/** Whether a Postgres listens and answers there; a standby does too. */
export const postgresAnswers = (address: string): Promise<boolean> => answers(address, SSL_REQUEST);

/** Whether a Kafka broker listens and answers there. */
export const kafkaAnswers = (address: string): Promise<boolean> => answers(address, API_VERSIONS);

/** The status of `GET url`, or undefined without an answer. */
export async function statusOf(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}

/** A frozen server still accepts connections: only an answer counts. */
function answers(address: string, question: Buffer): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  const place = { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
  return new Promise((resolve) => {
    const socket = connect(place, () => socket.write(question));
    const settle = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ASK_TIMEOUT_MS, settle(false));
    socket.once('error', settle(false));
    socket.once('close', settle(false));
    socket.once('data', settle(true));
  });
}
