import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** `host:port` of a broker. */
export type BrokerAddress = `${string}:${number}`;

/** What a broker and we show each other (mTLS). */
export type BrokerTls = { readonly ca: string; readonly cert?: string; readonly key?: string };

/** `kafka-1=host:9092` or `host:9092` → `host:9092`. */
export const addressOf = (setting: string): BrokerAddress => setting.slice(setting.indexOf('=') + 1) as BrokerAddress;

/** Opens a connection to a broker. */
export function openSocket(address: BrokerAddress, tls: BrokerTls | undefined, onConnect: () => void): Socket {
  const colon = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, colon), Number(address.slice(colon + 1))];
  if (tls === undefined) return connectTcp({ host, port }, onConnect);
  return connectTls({ host, port, servername: isIP(host) ? '' : host, minVersion: 'TLSv1.2', ...tls }, onConnect);
}
