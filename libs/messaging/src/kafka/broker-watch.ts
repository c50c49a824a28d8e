import type { Socket } from 'node:net';

/** How a broker is watched. */
export type BrokerWatchOptions = {
  readonly open: (onConnect: () => void) => Socket;
  readonly onVerdict: (answers: boolean) => void;
  /** Pause between an answer and the next question. @default 800 */
  readonly everyMs?: number;
  /**
   * Without an answer for so long the broker counts as frozen. Well under the 3 s after which the cluster itself gives its
   * partitions to others, so it costs nothing to be patient. @default 2000
   */
  readonly limitMs?: number;
};

const EVERY_MS = 800;
const LIMIT_MS = 2_000;
/** A verdict that comes so late says that this process stood still, not the broker, in ms. */
const MAX_OWN_LAG_MS = 300;

/** ApiVersions v0, the one request that needs no authority. @see https://kafka.apache.org/protocol#The_Messages_ApiVersions */
const QUESTION = question('gate');

function question(clientId: string): Buffer {
  const body = Buffer.alloc(10 + clientId.length);
  body.writeInt16BE(18, 0);
  body.writeInt16BE(0, 2);
  body.writeInt32BE(1, 4);
  body.writeInt16BE(clientId.length, 8);
  body.write(clientId, 10, 'ascii');
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

/** Asks one broker again and again, on a connection of its own, whether it answers. */
export class BrokerWatch {
  private socket: Socket | undefined;
  private limit: NodeJS.Timeout | undefined;
  private next: NodeJS.Timeout | undefined;
  private left = 0;
  private stopped = false;

  constructor(private readonly options: BrokerWatchOptions) {
    this.ask();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.limit);
    clearTimeout(this.next);
    this.drop();
  }

  private ask(): void {
    this.waitForAnswer();
    if (this.socket) this.socket.write(QUESTION);
    else this.connect();
  }

  private waitForAnswer(): void {
    const limitMs = this.options.limitMs ?? LIMIT_MS;
    const dueAtMs = performance.now() + limitMs;
    this.limit = setTimeout(() => {
      if (performance.now() - dueAtMs > MAX_OWN_LAG_MS) this.waitForAnswer();
      else this.conclude(false);
    }, limitMs);
  }

  private connect(): void {
    const socket = this.options.open(() => socket.write(QUESTION));
    this.socket = socket;
    this.left = 0;
    socket.on('data', (chunk) => this.read(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => this.onClose(socket));
  }

  /** Counts through answers by their length prefix; what they say does not matter. */
  private read(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      // A prefix cut in two would be misread: start anew then, which costs one connection.
      if (this.left === 0 && rest.length < 4) return this.conclude(false);
      if (this.left === 0) this.left = rest.readInt32BE(0) + 4;
      const taken = Math.min(this.left, rest.length);
      this.left -= taken;
      rest = rest.subarray(taken);
      if (this.left === 0) this.conclude(true);
    }
  }

  private onClose(socket: Socket): void {
    if (socket !== this.socket) return;
    this.socket = undefined;
    if (this.limit !== undefined) this.conclude(false);
  }

  private conclude(answers: boolean): void {
    clearTimeout(this.limit);
    this.limit = undefined;
    if (this.stopped) return;
    if (!answers) this.drop();
    this.options.onVerdict(answers);
    clearTimeout(this.next);
    this.next = setTimeout(() => this.ask(), this.options.everyMs ?? EVERY_MS);
  }

  private drop(): void {
    const { socket } = this;
    this.socket = undefined;
    socket?.destroy();
  }
}
