/** Every transform of the house: what a recipe may name. */
import { Registry } from '../core/index.js';
import { affine } from './affine.js';
import { autocontrast } from './autocontrast.js';
import { blendOp } from './blend.js';
import { boxBlur } from './box-blur.js';
import { boxSafeCrop } from './box-safe-crop.js';
import { brightness } from './brightness.js';
import { centerCrop } from './center-crop.js';
import { channelDrop } from './channel-drop.js';
import { channelShuffle } from './channel-shuffle.js';
import { clahe } from './clahe.js';
import { coarseDropout } from './coarse-dropout.js';
import { colorJitter } from './color-jitter.js';
import { colorTemperature } from './color-temperature.js';
import { contrast } from './contrast.js';
import { cutout } from './cutout.js';
import { defocus } from './defocus.js';
import { downscale } from './downscale.js';
import { elastic } from './elastic.js';
import { emboss } from './emboss.js';
import { equalize } from './equalize.js';
import { fisheye } from './fisheye.js';
import { flip } from './flip.js';
import { fog } from './fog.js';
import { fourierDomainAdaptation } from './fourier-domain-adaptation.js';
import { gamma } from './gamma.js';
import { gaussianBlur } from './gaussian-blur.js';
import { gaussianNoise } from './gaussian-noise.js';
import { glassBlur } from './glass-blur.js';
import { grayscale } from './grayscale.js';
import { gridDistortion } from './grid-distortion.js';
import { gridMask } from './grid-mask.js';
import { hideAndSeek } from './hide-and-seek.js';
import { histogramMatching } from './histogram-matching.js';
import { hue } from './hue.js';
import { hueSaturationValue } from './hue-saturation-value.js';
import { invert } from './invert.js';
import { isoNoise } from './iso-noise.js';
import { jpegCompression } from './jpeg-compression.js';
import { longestMaxSize } from './longest-max-size.js';
import { mainThreadOp } from './main-thread.js';
import { medianBlur } from './median-blur.js';
import { motionBlur } from './motion-blur.js';
import { multiplicativeNoise } from './multiplicative-noise.js';
import { normalize } from './normalize.js';
import { opticalDistortion } from './optical-distortion.js';
import { padCrop } from './pad-crop.js';
import { padTo } from './pad-to.js';
import { pcaJitter } from './pca-jitter.js';
import { perspective } from './perspective.js';
import { pixelDropout } from './pixel-dropout.js';
import { plasmaBrightness } from './plasma-brightness.js';
import { plasmaContrast } from './plasma-contrast.js';
import { plasmaShadow } from './plasma-shadow.js';
import { posterize } from './posterize.js';
import { quarterTurn } from './quarter-turn.js';
import { rain } from './rain.js';
import { randomCrop } from './random-crop.js';
import { randomErasing } from './random-erasing.js';
import { randomResizedCrop } from './random-resized-crop.js';
import { randomScale } from './random-scale.js';
import { resize } from './resize.js';
import { rgbShift } from './rgb-shift.js';
import { rotate } from './rotate.js';
import { safeRotate } from './safe-rotate.js';
import { saltAndPepper } from './salt-and-pepper.js';
import { saturation } from './saturation.js';
import { sepia } from './sepia.js';
import { shadow } from './shadow.js';
import { sharpen } from './sharpen.js';
import { sharpness } from './sharpness.js';
import { shear } from './shear.js';
import { shiftScaleRotate } from './shift-scale-rotate.js';
import { shotNoise } from './shot-noise.js';
import { smallestMaxSize } from './smallest-max-size.js';
import { snow } from './snow.js';
import { solarize } from './solarize.js';
import { solarizeAdd } from './solarize-add.js';
import { spatter } from './spatter.js';
import { speckleNoise } from './speckle-noise.js';
import { sunFlare } from './sun-flare.js';
import { superpixels } from './superpixels.js';
import { thinPlateSpline } from './thin-plate-spline.js';
import { toGray } from './to-gray.js';
import type { Op } from './transform.js';
import { translate } from './translate.js';
import { transpose } from './transpose.js';
import { unsharpMask } from './unsharp-mask.js';
import { verticalFlip } from './vertical-flip.js';
import { webpCompression } from './webp-compression.js';
import { zoomBlur } from './zoom-blur.js';

export const TRANSFORMS = [
  affine,
  autocontrast,
  boxBlur,
  boxSafeCrop,
  brightness,
  centerCrop,
  channelDrop,
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
  flip,
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
  quarterTurn,
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

/** What to do about names that the house does not know. */
export const ELSEWHERE = 'look it up in docs/transforms.md, or name the plugin that brings it';

/** The ops that a recipe may hold. */
export const ops = (): Registry<Op> =>
  new Registry('operator', [...TRANSFORMS.map(({ op }) => op), blendOp, mainThreadOp], ELSEWHERE);
