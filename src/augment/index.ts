export * from './blur/box-blur.js';
export * from './blur/defocus.js';
export * from './blur/emboss.js';
export * from './blur/gaussian-blur.js';
export * from './blur/glass-blur.js';
export * from './blur/median-blur.js';
export * from './blur/motion-blur.js';
export * from './blur/sharpen.js';
export * from './blur/sharpness.js';
export * from './blur/superpixels.js';
export * from './blur/unsharp-mask.js';
export * from './blur/zoom-blur.js';
export * from './color/autocontrast.js';
export * from './color/brightness.js';
export * from './color/channel-dropout.js';
export * from './color/channel-shuffle.js';
export * from './color/clahe.js';
export * from './color/color-jitter.js';
export * from './color/color-temperature.js';
export * from './color/contrast.js';
export * from './color/equalize.js';
export * from './color/fourier-domain-adaptation.js';
export * from './color/gamma.js';
export * from './color/grayscale.js';
export * from './color/histogram-matching.js';
export * from './color/hue.js';
export * from './color/hue-saturation-value.js';
export * from './color/invert.js';
export * from './color/normalize.js';
export * from './color/pca-jitter.js';
export * from './color/plasma-brightness.js';
export * from './color/plasma-contrast.js';
export * from './color/posterize.js';
export * from './color/rgb-shift.js';
export * from './color/saturation.js';
export * from './color/sepia.js';
export * from './color/solarize.js';
export * from './color/solarize-add.js';
export * from './color/to-gray.js';
export * from './crop/box-safe-crop.js';
export * from './crop/center-crop.js';
export * from './crop/longest-max-size.js';
export * from './crop/pad-crop.js';
export * from './crop/pad-to.js';
export * from './crop/progressive-resize.js';
export * from './crop/random-crop.js';
export * from './crop/random-resized-crop.js';
export * from './crop/random-scale.js';
export * from './crop/resize.js';
export * from './crop/smallest-max-size.js';
export * from './dropout/coarse-dropout.js';
export * from './dropout/cutout.js';
export * from './dropout/grid-mask.js';
export * from './dropout/hide-and-seek.js';
export * from './dropout/pixel-dropout.js';
export * from './dropout/random-erasing.js';
export * from './export/index.js';
export * from './geometric/affine.js';
export * from './geometric/elastic.js';
export * from './geometric/fisheye.js';
export * from './geometric/grid-distortion.js';
export * from './geometric/horizontal-flip.js';
export * from './geometric/optical-distortion.js';
export * from './geometric/perspective.js';
export * from './geometric/random-rotate-90.js';
export * from './geometric/rotate.js';
export * from './geometric/safe-rotate.js';
export * from './geometric/shear.js';
export * from './geometric/shift-scale-rotate.js';
export * from './geometric/thin-plate-spline.js';
export * from './geometric/translate.js';
export * from './geometric/transpose.js';
export * from './geometric/vertical-flip.js';
export * from './mix/index.js';
export * from './noise/downscale.js';
export * from './noise/gaussian-noise.js';
export * from './noise/iso-noise.js';
export * from './noise/jpeg-compression.js';
export * from './noise/multiplicative-noise.js';
export * from './noise/salt-and-pepper.js';
export * from './noise/shot-noise.js';
export * from './noise/speckle-noise.js';
export * from './noise/webp-compression.js';
export * from './plan/describe.js';
export * from './plan/engine.js';
export * from './plan/execute.js';
export * from './plan/part.js';
export * from './plan/plan.js';
export {
  addPlugin,
  definePlugin,
  type Plugin,
  type PluginSpec,
  pluginIn,
} from './plugin/define-plugin.js';
export { guardedBatch, PluginError, tried } from './plugin/guard.js';
export { ownerOf, titleOf } from './plugin/owner.js';
export * from './policies/index.js';
export * from './recipe/catalog.js';
export { mainThreadIn, mainThreadMark } from './recipe/main-thread.js';
export * from './recipe/parse-recipe.js';
export * from './recipe/serialize.js';
export * from './targets/index.js';
export { asOne } from './transform/as-one.js';
export * from './transform/blend.js';
export * from './transform/compose.js';
export {
  asOperator,
  type BoundTransform,
  defineTransform,
  dependsOnProgress,
  type SampleOperator,
  type TransformSpec,
} from './transform/define-transform.js';
export { drawnSample } from './transform/draw-all.js';
export type { BatchOp, BatchPixels, Op } from './transform/op.js';
export * from './weather/fog.js';
export * from './weather/plasma-shadow.js';
export * from './weather/rain.js';
export * from './weather/shadow.js';
export * from './weather/snow.js';
export * from './weather/spatter.js';
export * from './weather/sun-flare.js';
