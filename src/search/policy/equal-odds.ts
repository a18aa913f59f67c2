/** Policies given by a few numbers: every op of the space with equal odds, as in RandAugment and TrivialAugment. */
import type { Magnitude, SearchOp } from '../space/search-op.js';
import type { SearchSpace } from '../space/search-space.js';
import { withStages } from './batch-stages.js';
import type { OpSetting, PolicySetting } from './policy.js';

export interface EqualOdds {
  /** Ops in a row. */
  readonly stages: number;
  /** Share of images to which nothing is done, in [0, 1]. */
  readonly untouched: number;
  /** How far magnitudes go, as a share of the way from neutral to the bounds. */
  readonly cap: number;
  /** 'upTo': uniform between neutral and the cap, as TrivialAugment; 'at': all at the cap, as RandAugment. */
  readonly magnitudes: 'upTo' | 'at';
}

/**
 * One sub-policy, of whose every stage each op is as likely. Each stage applies with p = 1 − untouched^(1/stages), so that
 * just the given share of images stays as it is. Magnitudes are scaled about neutral and kept within the bounds of the op.
 * Stages of batches are further stages in that row: p is their share, too, and their strength is that at the cap, or half
 * of the way there with 'upTo'.
 *
 * @example
 * const space = searchSpace({ only: ['rotate'] });
 * equalOdds(space, { stages: 1, untouched: 0.5, cap: 0.2, magnitudes: 'upTo' }).subPolicies[0]?.stages[0]
 * // → [{ op: 'rotate', weight: 1, p: 0.5, low: -9, high: 9 }]
 */
export function equalOdds(space: SearchSpace, setting: EqualOdds): PolicySetting {
  const { stages, untouched, cap, magnitudes } = setting;
  const p = 1 - untouched ** (1 / (stages + (space.batchStages?.length ?? 0)));
  const stage = space.ops.flatMap(({ name, magnitude }: SearchOp): OpSetting[] => {
    if (!magnitude) return [{ op: name, weight: 1, p }];
    const ranges = magnitudes === 'upTo' ? [upTo(magnitude, cap)] : at(magnitude, cap);
    return ranges.map(([low, high]) => ({ op: name, weight: 1 / ranges.length, p, low, high }));
  });
  const along = magnitudes === 'upTo' ? cap / 2 : cap;
  return {
    subPolicies: [{ weight: 1, stages: Array.from({ length: stages }, () => stage) }],
    ...withStages(space.batchStages, ({ strength }) => [
      p,
      strength && Math.max(strength.low, scaled(strength, strength.high, along)),
    ]),
  };
}

type Range = readonly [low: number, high: number];

function upTo(magnitude: Magnitude, cap: number): Range {
  const { low, high, neutral } = magnitude;
  const ends = [neutral, scaled(magnitude, low, cap), scaled(magnitude, high, cap)];
  // Where neutral is out of bounds only what lies within them can be drawn.
  const within = ends.map((end) => Math.min(high, Math.max(low, end)));
  return [Math.min(...within), Math.max(...within)];
}

/** On both sides of neutral where there are two, and with equal odds. */
function at(magnitude: Magnitude, cap: number): readonly Range[] {
  const { low, high, neutral } = magnitude;
  const far = [low < neutral, high > neutral].flatMap((is, side) =>
    is ? [[low, high][side] as number] : [],
  );
  if (far.length === 0) return [[low, high]]; // nothing but neutral is allowed
  return far.map((end) => {
    const one = Math.min(high, Math.max(low, scaled(magnitude, end, cap)));
    return [one, one] as const;
  });
}

const scaled = ({ neutral }: Magnitude, end: number, cap: number) => neutral + cap * (end - neutral);
