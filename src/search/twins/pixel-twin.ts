/**
 * Twins of ops that change pixels where they are. What they show is rendered by the stream's own kernels, so it is what
 * training will see, to the byte; what they add is the gradient, written by hand on plain arrays. Rounding to bytes
 * passes it straight through.
 */
import { fold } from '../../core/index.js';
import type { PixelTwin } from '../space/search-op.js';
import { type ArrayRule, applyRules, withRule } from './array-rule.js';

export type { Backward } from './array-rule.js';

/** A twin from what the stream does and how its gradient is computed. Each image has a key of its own. */
export const pixelTwin = (rule: ArrayRule): PixelTwin =>
  withRule(
    {
      kind: 'pixels',
      apply: (images, magnitude, key) =>
        applyRules(
          images,
          magnitude,
          Array.from({ length: images.shape[0] }, (_, i) => ({ rule, key: fold(key, i) })),
        ),
    },
    rule,
  );
