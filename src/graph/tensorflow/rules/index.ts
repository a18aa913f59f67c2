/** How each kernel of tfjs is written in TensorFlow: what is not here cannot be. */
import { convolutions } from './convolution.js';
import { elementwise } from './elementwise.js';
import { matrices } from './matrix.js';
import { normalizations } from './normalization.js';
import { pools } from './pool.js';
import { random } from './random.js';
import { reductions } from './reduce.js';
import { resizing } from './resize.js';
import type { Rules } from './rule.js';
import { shapes } from './shape.js';

export const rules: Rules = {
  ...elementwise,
  ...reductions,
  ...shapes,
  ...matrices,
  ...convolutions,
  ...pools,
  ...normalizations,
  ...resizing,
  ...random,
};
