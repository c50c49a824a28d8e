import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { AppError } from '#libs/errors';
import { type ConfigOf, compose, config, loadConfig, setting } from './index.js';

const relay = config('relay', {
  batchSize: setting(z.int().min(1).max(500), 100, 'Events per send.'),
  lanes: setting(z.array(z.string()), ['a'], 'Lanes.'),
  enabled: setting(z.boolean(), true, 'Whether it runs.'),
});
const database = config('database', {
  nodes: setting.required(z.string().min(3), 'Node list.'),
  password: setting.required(z.string().min(8), 'Password of the role.', { secret: true }),
});
const composed = compose({ relay, database });

const faultsOf = (env: Record<string, string>): string => {
  try {
    loadConfig(composed, env);
  } catch (error) {
    return (error as AppError).message;
  }
  return '';
};

describe(loadConfig.name, () => {
  const folder = mkdtempSync(join(tmpdir(), 'twofold-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  describe('when everything is set', () => {
    const values = loadConfig(composed, {
      RELAY_BATCH_SIZE: '7',
      RELAY_LANES: 'a, b',
      RELAY_ENABLED: 'false',
      DATABASE_NODES: 'pg-1',
      DATABASE_PASSWORD: 'correct horse',
    });

    it('converts text to the types of the schema', () => {
      const typed: ConfigOf<typeof relay> = values.relay;
      expect(typed).toEqual({ batchSize: 7, lanes: ['a', 'b'], enabled: false });
    });

    it('is frozen, lists included', () => {
      expect(() => Object.assign(values.relay, { batchSize: 1 })).toThrow(TypeError);
      expect(() => values.relay.lanes.push('c')).toThrow(TypeError);
    });

    it('shows no secret, however it is printed', () => {
      const shown = `${inspect(values, { depth: 9 })}${JSON.stringify(values)}${String(values.database.password)}`;
      expect(shown).not.toContain('horse');
      expect(values.database.password.reveal()).toBe('correct horse');
    });
  });

  describe('when several settings are wrong', () => {
    it('names every variable, its value and the cure at once', () => {
      const faults = faultsOf({ RELAY_BATCH_SIZE: '0', RELAY_ENABLED: 'maybe' });
      expect(faults).toContain('RELAY_BATCH_SIZE="0"');
      expect(faults).toContain('RELAY_ENABLED="maybe"');
      expect(faults).toContain('DATABASE_NODES is missing. Node list.');
      expect(faults).toContain('DATABASE_PASSWORD_FILE');
    });

    it('never repeats a secret', () => {
      const faults = faultsOf({ DATABASE_NODES: 'pg-1', DATABASE_PASSWORD: 'short' });
      expect(faults).toContain('DATABASE_PASSWORD=[secret]');
      expect(faults).not.toContain('short');
    });
  });

  describe('when a secret is in a file', () => {
    const path = join(folder, 'password');
    writeFileSync(path, 'correct horse\n');

    it('reads it without the line end', () => {
      const values = loadConfig(composed, { DATABASE_NODES: 'pg-1', DATABASE_PASSWORD_FILE: path });
      expect(values.database.password.reveal()).toBe('correct horse');
    });

    it('says so when the file is missing, or the variable is set as well', () => {
      expect(faultsOf({ DATABASE_NODES: 'pg-1', DATABASE_PASSWORD_FILE: `${path}-gone` })).toContain('ENOENT');
      const both = { DATABASE_NODES: 'pg-1', DATABASE_PASSWORD: 'correct horse', DATABASE_PASSWORD_FILE: path };
      expect(faultsOf(both)).toContain('Unset one');
    });
  });
});
