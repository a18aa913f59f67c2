/**
 * What plugins are made of: `import { definePlugin, defineTransform, z } from 'rxaug/plugin'`. All that a worker
 * has loaded anyway, so that it costs no time there; `rxaug` itself would bring the trainer along.
 */
export { z } from 'zod';
export * from './augment/index.js';
export {
  between,
  color,
  intBetween,
  interval,
  intInterval,
  plusMinus,
  size,
} from './augment/transform/options.js';
export * from './core/index.js';
export { type SourceOptions, samples, sourceOptions } from './stream/source.js';
