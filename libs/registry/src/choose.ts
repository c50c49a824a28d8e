import type { Instance } from './instance.js';

/**
 * Picks one of `instances` by weight: those of `site` first, others only when none is left there.
 * @param chance 0 (inclusive) to 1 (exclusive)
 */
export function chooseInstance(instances: readonly Instance[], site: string, chance: number): Instance | undefined {
  const willing = instances.filter((each) => each.weight > 0);
  const here = willing.filter((each) => each.site === site);
  return byWeight(here.length > 0 ? here : willing, chance);
}

function byWeight(instances: readonly Instance[], chance: number): Instance | undefined {
  const total = instances.reduce((sum, each) => sum + each.weight, 0);
  let left = chance * total;
  return instances.find((each) => {
    left -= each.weight;
    return left < 0;
  });
}
