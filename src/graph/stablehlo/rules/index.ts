/** How each kernel is written in StableHLO: what is not here cannot be. */
import { activations } from './activation.js';
import { batchNorms } from './batch-norm.js';
import { convolutions } from './convolution.js';
import { elementwise } from './elementwise.js';
import { gathers } from './gather.js';
import { matrices } from './matrix.js';
import { moves } from './move.js';
import { pools } from './pool.js';
import { randoms } from './random.js';
import { reductions } from './reduce.js';
import { resizing } from './resize.js';
import type { Rules } from './rule.js';

export const rules: Rules = {
  ...elementwise,
  ...activations,
  ...reductions,
  ...moves,
  ...gathers,
  ...matrices,
  ...convolutions,
  ...pools,
  ...batchNorms,
  ...randoms,
  ...resizing,
};
