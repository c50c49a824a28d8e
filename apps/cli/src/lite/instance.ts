import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compose, loadConfig } from '#libs/config';
import { twofoldConfig } from '../cli.config.js';

/** Ports of instance 0; instance n has them higher by n times {@link PORTS_PER_INSTANCE}. */
const BASE_PORTS = {
  'order-1': 8080,
  'order-2': 8081,
  'payment-1': 8082,
  'payment-2': 8083,
  'psp-acme': 8084,
  'psp-borealis': 8085,
  'pg-1': 8086,
  'monitor-1': 8090,
} as const;
const PORTS_PER_INSTANCE = 100;
/** The management port, with the metrics, lies above a service's own by this much. */
const MANAGEMENT_OFFSET = 1000;

/** A process of the lite topology. */
export type LiteName = keyof typeof BASE_PORTS;

/** One system on this machine: where its data lies and which ports it has. */
export type Instance = {
  readonly number: number;
  /** The checkout. */
  readonly root: string;
  /** Everything it writes: `.twofold`, or `.twofold/instance-n`. */
  readonly folder: string;
  port(name: LiteName): number;
  managementPort(name: LiteName): number;
  url(name: LiteName): string;
};

export function instanceOf(number: number, root: string = checkoutRoot()): Instance {
  const port = (name: LiteName): number => BASE_PORTS[name] + number * PORTS_PER_INSTANCE;
  return {
    number,
    root,
    folder: number === 0 ? join(root, '.twofold') : join(root, '.twofold', `instance-${number}`),
    port,
    managementPort: (name) => port(name) + MANAGEMENT_OFFSET,
    url: (name) => `http://127.0.0.1:${port(name)}`,
  };
}

/** The instance that `TWOFOLD_INSTANCE` names. */
export function currentInstance(): Instance {
  return instanceOf(loadConfig(compose({ twofold: twofoldConfig })).twofold.instance);
}

/** The folder with package.json above this file, whether it runs from the sources or from dist. */
export function checkoutRoot(from: string = import.meta.dirname): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error(`There is no package.json above ${import.meta.dirname}.`);
  return checkoutRoot(parent);
}
