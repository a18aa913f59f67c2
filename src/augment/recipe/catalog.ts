import { Registry } from '../../core/index.js';
import { boxBlur } from '../blur/box-blur.js';
import { defocus } from '../blur/defocus.js';
import { emboss } from '../blur/emboss.js';
import { gaussianBlur } from '../blur/gaussian-blur.js';
import { glassBlur } from '../blur/glass-blur.js';
import { medianBlur } from '../blur/median-blur.js';
import { motionBlur } from '../blur/motion-blur.js';
import { sharpen } from '../blur/sharpen.js';
import { sharpness } from '../blur/sharpness.js';
import { superpixels } from '../blur/superpixels.js';
import { unsharpMask } from '../blur/unsharp-mask.js';
import { zoomBlur } from '../blur/zoom-blur.js';
import { autocontrast } from '../color/autocontrast.js';
import { brightness } from '../color/brightness.js';
import { channelDropout } from '../color/channel-dropout.js';
import { channelShuffle } from '../color/channel-shuffle.js';
import { clahe } from '../color/clahe.js';
import { colorJitter } from '../color/color-jitter.js';
import { colorTemperature } from '../color/color-temperature.js';
import { contrast } from '../color/contrast.js';
import { equalize } from '../color/equalize.js';
import { fourierDomainAdaptation } from '../color/fourier-domain-adaptation.js';
import { gamma } from '../color/gamma.js';
import { grayscale } from '../color/grayscale.js';
import { histogramMatching } from '../color/histogram-matching.js';
import { hue } from '../color/hue.js';
import { hueSaturationValue } from '../color/hue-saturation-value.js';
import { invert } from '../color/invert.js';
import { normalize } from '../color/normalize.js';
import { pcaJitter } from '../color/pca-jitter.js';
import { plasmaBrightness } from '../color/plasma-brightness.js';
import { plasmaContrast } from '../color/plasma-contrast.js';
import { posterize } from '../color/posterize.js';
import { rgbShift } from '../color/rgb-shift.js';
import { saturation } from '../color/saturation.js';
import { sepia } from '../color/sepia.js';
import { solarize } from '../color/solarize.js';
import { solarizeAdd } from '../color/solarize-add.js';
import { toGray } from '../color/to-gray.js';
import { boxSafeCrop } from '../crop/box-safe-crop.js';
import { centerCrop } from '../crop/center-crop.js';
import { longestMaxSize } from '../crop/longest-max-size.js';
import { padCrop } from '../crop/pad-crop.js';
import { padTo } from '../crop/pad-to.js';
import { randomCrop } from '../crop/random-crop.js';
import { randomResizedCrop } from '../crop/random-resized-crop.js';
import { randomScale } from '../crop/random-scale.js';
import { resize } from '../crop/resize.js';
import { smallestMaxSize } from '../crop/smallest-max-size.js';
import { coarseDropout } from '../dropout/coarse-dropout.js';
import { cutout } from '../dropout/cutout.js';
import { gridMask } from '../dropout/grid-mask.js';
import { hideAndSeek } from '../dropout/hide-and-seek.js';
import { pixelDropout } from '../dropout/pixel-dropout.js';
import { randomErasing } from '../dropout/random-erasing.js';
import { affine } from '../geometric/affine.js';
import { elastic } from '../geometric/elastic.js';
import { fisheye } from '../geometric/fisheye.js';
import { gridDistortion } from '../geometric/grid-distortion.js';
import { horizontalFlip } from '../geometric/horizontal-flip.js';
import { opticalDistortion } from '../geometric/optical-distortion.js';
import { perspective } from '../geometric/perspective.js';
import { randomRotate90 } from '../geometric/random-rotate-90.js';
import { rotate } from '../geometric/rotate.js';
import { safeRotate } from '../geometric/safe-rotate.js';
import { shear } from '../geometric/shear.js';
import { shiftScaleRotate } from '../geometric/shift-scale-rotate.js';
import { thinPlateSpline } from '../geometric/thin-plate-spline.js';
import { translate } from '../geometric/translate.js';
import { transpose } from '../geometric/transpose.js';
import { verticalFlip } from '../geometric/vertical-flip.js';
import { downscale } from '../noise/downscale.js';
import { gaussianNoise } from '../noise/gaussian-noise.js';
import { isoNoise } from '../noise/iso-noise.js';
import { jpegCompression } from '../noise/jpeg-compression.js';
import { multiplicativeNoise } from '../noise/multiplicative-noise.js';
import { saltAndPepper } from '../noise/salt-and-pepper.js';
import { shotNoise } from '../noise/shot-noise.js';
import { speckleNoise } from '../noise/speckle-noise.js';
import { webpCompression } from '../noise/webp-compression.js';
import { blendOp } from '../transform/blend.js';
import type { Op } from '../transform/op.js';
import { fog } from '../weather/fog.js';
import { plasmaShadow } from '../weather/plasma-shadow.js';
import { rain } from '../weather/rain.js';
import { shadow } from '../weather/shadow.js';
import { snow } from '../weather/snow.js';
import { spatter } from '../weather/spatter.js';
import { sunFlare } from '../weather/sun-flare.js';
import { mainThreadOp } from './main-thread.js';

/**
 * Every built-in transform. `p` defaults to 1 where a transform only adjusts (its range includes next to no
 * change), to 0.5 where an effect is there or not (mirrors, warps, weather, holes, tone curves), and to 0.1 for
 * the two that make images gray.
 */
export const TRANSFORMS = [
  affine,
  autocontrast,
  boxBlur,
  boxSafeCrop,
  brightness,
  centerCrop,
  channelDropout,
  channelShuffle,
  clahe,
  coarseDropout,
  colorJitter,
  colorTemperature,
  contrast,
  cutout,
  defocus,
  downscale,
  elastic,
  emboss,
  equalize,
  fisheye,
  horizontalFlip,
  fog,
  fourierDomainAdaptation,
  gamma,
  gaussianBlur,
  gaussianNoise,
  glassBlur,
  grayscale,
  gridDistortion,
  gridMask,
  hideAndSeek,
  histogramMatching,
  hue,
  hueSaturationValue,
  invert,
  isoNoise,
  jpegCompression,
  longestMaxSize,
  medianBlur,
  motionBlur,
  multiplicativeNoise,
  normalize,
  opticalDistortion,
  padCrop,
  padTo,
  pcaJitter,
  perspective,
  pixelDropout,
  plasmaBrightness,
  plasmaContrast,
  plasmaShadow,
  posterize,
  randomRotate90,
  rain,
  randomCrop,
  randomErasing,
  randomResizedCrop,
  randomScale,
  resize,
  rgbShift,
  rotate,
  safeRotate,
  saltAndPepper,
  saturation,
  sepia,
  shadow,
  sharpen,
  sharpness,
  shear,
  shiftScaleRotate,
  shotNoise,
  smallestMaxSize,
  snow,
  solarize,
  solarizeAdd,
  spatter,
  speckleNoise,
  sunFlare,
  superpixels,
  thinPlateSpline,
  toGray,
  translate,
  transpose,
  unsharpMask,
  verticalFlip,
  webpCompression,
  zoomBlur,
] as const;

/** What to do about a name that no built-in transform has. */
export const UNKNOWN_NAME_ADVICE = 'look it up in docs/transforms.md, or name the plugin that brings it';

/**
 * The operators that a recipe may hold: those of all built-in transforms, in a new registry, to which plugins can
 * be added.
 *
 * @example parseRecipe([{ op: 'rotate', params: { angle: 30 } }], ops()).length // → 1
 */
export const ops = (): Registry<Op> =>
  new Registry('operator', [...TRANSFORMS.map(({ op }) => op), blendOp, mainThreadOp], UNKNOWN_NAME_ADVICE);
