/** A small space of real transforms, for strategies that need no twins. */
import { brightness, horizontalFlip, posterize, rotate } from '../../../src/augment/index.js';
import type { SearchOp } from '../../../src/search/space/search-op.js';
import type { SearchSpace } from '../../../src/search/space/search-space.js';

export const flip: SearchOp = { name: 'flip', make: () => horizontalFlip({ p: 1 }) };
export const rotation: SearchOp = {
  name: 'rotate',
  magnitude: { low: -30, high: 30, neutral: 0, unit: 'degrees' },
  make: (low, high) => rotate({ angle: [low, high] }),
};
export const light: SearchOp = {
  name: 'brightness',
  magnitude: { low: 0.4, high: 1.9, neutral: 1, unit: 'factor' },
  make: (low, high) => brightness({ factor: [low, high] }),
};
/** Its neutral magnitude lies at an end. */
export const bits: SearchOp = {
  name: 'posterize',
  magnitude: { low: 2, high: 8, neutral: 8, unit: 'bits' },
  make: (low, high) => posterize({ bits: [Math.round(low), Math.round(high)], p: 1 }),
};

export const toySpace = (shape: Partial<SearchSpace> = {}): SearchSpace => ({
  ops: [rotation, light, flip, bits],
  subPolicies: 1,
  stages: 2,
  ...shape,
});
