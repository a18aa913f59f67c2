export * from './affine.js';
export * from './autocontrast.js';
export * from './blend.js';
export * from './box-blur.js';
export * from './box-safe-crop.js';
export * from './brightness.js';
export * from './catalogue.js';
export * from './center-crop.js';
export * from './channel-drop.js';
export * from './channel-shuffle.js';
export * from './choose.js';
export * from './clahe.js';
export * from './coarse-dropout.js';
export * from './color-jitter.js';
export * from './color-temperature.js';
export * from './contrast.js';
export * from './cutout.js';
export * from './defocus.js';
export * from './downscale.js';
export * from './elastic.js';
export * from './emboss.js';
export * from './equalize.js';
export * from './export/index.js';
export * from './fisheye.js';
export * from './flip.js';
export * from './fog.js';
export * from './fourier-domain-adaptation.js';
export * from './gamma.js';
export * from './gaussian-blur.js';
export * from './gaussian-noise.js';
export * from './glass-blur.js';
export * from './grayscale.js';
export * from './grid-distortion.js';
export * from './grid-mask.js';
export { guardedBatch, PluginError, tried } from './guard.js';
export * from './hide-and-seek.js';
export * from './histogram-matching.js';
export * from './hue.js';
export * from './hue-saturation-value.js';
export * from './invert.js';
export * from './iso-noise.js';
export * from './jpeg-compression.js';
export * from './longest-max-size.js';
export { mainThreadIn, mainThreadMark } from './main-thread.js';
export * from './median-blur.js';
export * from './mix/index.js';
export * from './motion-blur.js';
export * from './multiplicative-noise.js';
export * from './normalize.js';
export * from './optical-distortion.js';
export { ownerOf, titleOf } from './owners.js';
export * from './pad-crop.js';
export * from './pad-to.js';
export * from './pca-jitter.js';
export * from './perspective.js';
export * from './pixel-dropout.js';
export * from './plan/describe.js';
export * from './plan/engine.js';
export * from './plan/execute.js';
export * from './plan/plan.js';
export * from './plasma-brightness.js';
export * from './plasma-contrast.js';
export * from './plasma-shadow.js';
export {
  addPlugin,
  definePlugin,
  type Plugin,
  type PluginSpec,
  pluginIn,
} from './plugin.js';
export * from './policies/index.js';
export * from './posterize.js';
export * from './progressive-resize.js';
export * from './quarter-turn.js';
export * from './rain.js';
export * from './random-crop.js';
export * from './random-erasing.js';
export * from './random-resized-crop.js';
export * from './random-scale.js';
export * from './recipe.js';
export * from './resize.js';
export * from './rgb-shift.js';
export * from './rotate.js';
export * from './safe-rotate.js';
export * from './salt-and-pepper.js';
export * from './saturation.js';
export * from './sepia.js';
export * from './serialize.js';
export * from './shadow.js';
export * from './sharpen.js';
export * from './sharpness.js';
export * from './shear.js';
export * from './shift-scale-rotate.js';
export * from './shot-noise.js';
export * from './smallest-max-size.js';
export * from './snow.js';
export * from './solarize.js';
export * from './solarize-add.js';
export * from './spatter.js';
export * from './speckle-noise.js';
export * from './sun-flare.js';
export * from './superpixels.js';
export * from './targets/index.js';
export * from './thin-plate-spline.js';
export * from './to-gray.js';
export {
  asOperator,
  type BoundTransform,
  defineTransform,
  type Op,
  type SampleOperator,
  type TransformSpec,
} from './transform.js';
export * from './translate.js';
export * from './transpose.js';
export * from './unsharp-mask.js';
export * from './vertical-flip.js';
export * from './webp-compression.js';
export * from './zoom-blur.js';
