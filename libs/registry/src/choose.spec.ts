import { describe, expect, it } from '@jest/globals';
import { chooseInstance } from './choose.js';
import { type Instance, parseInstance } from './instance.js';
import { EJECT_AFTER, EJECTION_MS, Outliers } from './outliers.js';
import { NoAvailableInstance } from './registry.errors.js';
import { StaticRegistry } from './static-registry.js';

const near = parseInstance('payment-1@seoul=http://10.0.0.1:3000');
const far = parseInstance('payment-2@tokyo=http://10.0.0.2:3000');
const weighing = (instance: Instance, weight: number): Instance => ({ ...instance, weight });

describe(chooseInstance.name, () => {
  it.each<[string, Instance[], number, string | undefined]>([
    ['the own site first', [far, near], 0.99, 'payment-1'],
    ['another site when none is left here', [far], 0.5, 'payment-2'],
    ['nobody of weight 0', [weighing(near, 0), far], 0, 'payment-2'],
    ['nobody when there is nobody', [], 0, undefined],
  ])('takes %s', (_, instances, chance, name) => expect(chooseInstance(instances, 'seoul', chance)?.name).toBe(name));

  it('shares calls by weight', () => {
    const third = { ...near, name: 'payment-3', weight: 300 };
    const chosen = [0, 0.24, 0.26, 0.99].map((chance) => chooseInstance([near, third], 'seoul', chance)?.name);
    expect(chosen).toEqual(['payment-1', 'payment-1', 'payment-3', 'payment-3']);
  });
});

describe(Outliers.name, () => {
  it('ejects after failures in a row, gives one trial, and ejects for longer when that fails too', () => {
    let nowMs = 0;
    const outliers = new Outliers(() => nowMs);
    for (let n = 1; n < EJECT_AFTER; n++) outliers.failed('a');
    expect(outliers.isEjected('a')).toBe(false);
    outliers.failed('a');
    expect(outliers.isEjected('a')).toBe(true);
    nowMs = EJECTION_MS;
    expect(outliers.isEjected('a')).toBe(false);
    outliers.failed('a');
    nowMs += EJECTION_MS + 1;
    expect(outliers.isEjected('a')).toBe(true);
    outliers.succeeded('a');
    expect(outliers.isEjected('a')).toBe(false);
  });
});

describe(StaticRegistry.name, () => {
  describe('when instances fail several times in a row', () => {
    it('goes to the other site, and then has nobody', async () => {
      const registry = new StaticRegistry('seoul', [near, far]);
      const failing = (name: string) => async (chosen: Instance) => {
        expect(chosen.name).toBe(name);
        throw new Error('down');
      };
      const fail = async (name: string): Promise<void> => {
        for (let n = 0; n < EJECT_AFTER; n++)
          await expect(registry.call('payment', failing(name))).rejects.toThrow('down');
      };
      await fail('payment-1');
      expect(registry.choose('payment').name).toBe('payment-2');
      await fail('payment-2');
      expect(() => registry.choose('payment')).toThrow(NoAvailableInstance);
    });
  });
});
