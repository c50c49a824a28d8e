import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { config, drillEnvironment, renderConfigurationDoc, renderEnvExample, setting, variableName } from './index.js';

const section = config('payment-worker', {
  batchSize: setting(z.int().min(1).max(500), 100, 'Rows per step.'),
  mode: setting(z.enum(['a', 'b']), 'a', 'How it works: a | b.'),
  nodes: setting.required(z.array(z.string()), 'Whom to ask.'),
  password: setting.required(z.string(), 'Password.', { secret: true }),
});

describe(renderConfigurationDoc.name, () => {
  describe('for a section', () => {
    it('lists every variable with its range, default and meaning', () => {
      const doc = renderConfigurationDoc([section, section]);
      expect(doc.match(/^## payment-worker$/gm)).toHaveLength(1);
      expect(doc).toContain('| `PAYMENT_WORKER_BATCH_SIZE` | whole number 1 to 500 | `100` | Rows per step. |');
      expect(doc).toContain('| `PAYMENT_WORKER_MODE` | `a`, `b` | `a` | How it works: a \\| b. |');
      expect(doc).toContain('| `PAYMENT_WORKER_NODES` | list, comma-separated (text) | **required** | Whom to ask. |');
      expect(doc).toContain('`PAYMENT_WORKER_PASSWORD` or `PAYMENT_WORKER_PASSWORD_FILE`');
    });
  });
});

describe(renderEnvExample.name, () => {
  describe('for a section', () => {
    it('comments defaults out and leaves what is required open', () => {
      const lines = renderEnvExample([section]).split('\n');
      expect(lines).toContain('#PAYMENT_WORKER_BATCH_SIZE=100');
      expect(lines).toContain('PAYMENT_WORKER_NODES=');
      expect(lines).toContain('#PAYMENT_WORKER_PASSWORD_FILE=');
    });
  });
});

describe(variableName.name, () => {
  describe('for names with digits and dashes', () => {
    it.each([
      ['http', 'port', 'HTTP_PORT'],
      ['sentinel', 'redis6Url', 'SENTINEL_REDIS6_URL'],
    ])('%s, %s', (name, key, variable) => {
      expect(variableName(name, key)).toBe(variable);
    });
  });
});

describe(drillEnvironment.name, () => {
  describe('when a crash is ordered', () => {
    it('reads the point, the pass and the rules to break', () => {
      const env = { DRILL_CRASH_AT: 'after-publish-before-mark:3', DRILL_SWITCH_OFF: 'inbox,provider-key' };
      expect(drillEnvironment(env)).toEqual({
        crashAt: 'after-publish-before-mark',
        crashAtPass: 3,
        switchedOff: new Set(['inbox', 'provider-key']),
      });
      expect(drillEnvironment({})).toEqual({ crashAt: undefined, crashAtPass: 1, switchedOff: new Set() });
    });
  });
});
