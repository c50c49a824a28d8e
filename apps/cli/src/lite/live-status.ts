import { stdout } from 'node:process';
import { liteStatus } from '../status/lite-status.js';
import { statusLine } from '../status/status-table.js';
import type { Instance } from './instance.js';

const REFRESH_MS = 2_000;
const CLEAR_LINE = '\r\x1b[2K';

/** A last line that says every 2 s how the parts are; news scroll by above it. Without a terminal, news only. */
export class LiveStatus {
  private timer?: NodeJS.Timeout | undefined;
  private line = '';
  private readonly startedMs = Date.now();

  constructor(private readonly instance: Instance) {}

  start(): void {
    if (!stdout.isTTY) return;
    this.timer = setInterval(() => void this.refresh(), REFRESH_MS);
    void this.refresh();
  }

  /** Writes a line of news above the status. */
  say(text: string): void {
    stdout.write(`${this.line === '' ? '' : CLEAR_LINE}${text}\n${this.line}`);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.line !== '') stdout.write(CLEAR_LINE);
    this.line = '';
  }

  private async refresh(): Promise<void> {
    const { services } = await liteStatus(this.instance);
    if (this.timer === undefined) return;
    this.line = `${upTime(Date.now() - this.startedMs)}  ${statusLine(services)}  · Ctrl-C stops everything`;
    stdout.write(CLEAR_LINE + this.line);
  }
}

function upTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
