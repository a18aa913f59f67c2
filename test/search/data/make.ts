/** Small sets of made images: a class is a brightness. */
import { type Dataset, Draws, fold, keyOf } from '../../../src/core/index.js';
import type { SearchProblem } from '../../../src/search/problem.js';
import { cnn } from '../../../src/train/models/index.js';

export interface MadeOptions {
  readonly count?: number;
  readonly size?: number;
  readonly classes?: readonly string[];
  /** Another one gives other images. */
  readonly from?: number;
  readonly channels?: 1 | 3;
  readonly name?: string;
}

export function made({
  count = 20,
  size = 8,
  classes = ['dark', 'bright'],
  from = 0,
  channels = 3,
  name = 'made',
}: MadeOptions = {}): Dataset {
  return {
    name,
    classes,
    length: count,
    item(i) {
      const label = i % classes.length;
      const draws = new Draws(fold(keyOf(1), i + from));
      const low = (label * 100) / Math.max(1, classes.length - 1);
      const data = Uint8Array.from({ length: size * size * channels }, () => draws.uniform(low, low + 150));
      return {
        id: `${name}/${i + from}`,
        image: { kind: 'pixels', data, width: size, height: size, channels },
        label,
      };
    },
  };
}

/** A small problem over them. */
export const problem = (changes: Partial<SearchProblem> = {}): SearchProblem => ({
  train: made({ count: 40 }),
  test: made({ count: 10, from: 1000 }),
  space: { ops: [], subPolicies: 2, stages: 2 },
  size: 8,
  channels: 3,
  statistics: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  base: [],
  trial: { model: cnn({ filters: [4] }), epochs: 2, batch: 8, learningRate: 0.1, weightDecay: 0 },
  ...changes,
});
