export * from './affine.js';
export * from './brightness.js';
export * from './catalogue.js';
export * from './center-crop.js';
export * from './choose.js';
export * from './color-jitter.js';
export * from './contrast.js';
export * from './cutout.js';
export * from './equalize.js';
export * from './flip.js';
export * from './gaussian-blur.js';
export * from './gaussian-noise.js';
export * from './grayscale.js';
export * from './hue.js';
export * from './mix/index.js';
export * from './normalize.js';
export * from './pad-crop.js';
export * from './perspective.js';
export * from './plan/describe.js';
export * from './plan/engine.js';
export * from './plan/execute.js';
export * from './plan/plan.js';
export * from './quarter-turn.js';
export * from './random-crop.js';
export * from './random-erasing.js';
export * from './random-resized-crop.js';
export * from './recipe.js';
export * from './resize.js';
export * from './saturation.js';
export * from './targets/index.js';
export {
  asOperator,
  type BoundTransform,
  defineTransform,
  type Op,
  type SampleOperator,
  type TransformSpec,
} from './transform.js';
export * from './vertical-flip.js';
