/** Every transform of the house: what a recipe may name. */
import { Registry } from '../core/index.js';
import { affine } from './affine.js';
import { autocontrast } from './autocontrast.js';
import { blendOp } from './blend.js';
import { boxBlur } from './box-blur.js';
import { brightness } from './brightness.js';
import { centerCrop } from './center-crop.js';
import { channelDrop } from './channel-drop.js';
import { channelShuffle } from './channel-shuffle.js';
import { clahe } from './clahe.js';
import { colorJitter } from './color-jitter.js';
import { colorTemperature } from './color-temperature.js';
import { contrast } from './contrast.js';
import { cutout } from './cutout.js';
import { defocus } from './defocus.js';
import { downscale } from './downscale.js';
import { elastic } from './elastic.js';
import { emboss } from './emboss.js';
import { equalize } from './equalize.js';
import { flip } from './flip.js';
import { fourierDomainAdaptation } from './fourier-domain-adaptation.js';
import { gamma } from './gamma.js';
import { gaussianBlur } from './gaussian-blur.js';
import { gaussianNoise } from './gaussian-noise.js';
import { glassBlur } from './glass-blur.js';
import { grayscale } from './grayscale.js';
import { histogramMatching } from './histogram-matching.js';
import { hue } from './hue.js';
import { hueSaturationValue } from './hue-saturation-value.js';
import { invert } from './invert.js';
import { isoNoise } from './iso-noise.js';
import { medianBlur } from './median-blur.js';
import { motionBlur } from './motion-blur.js';
import { jpegCompression } from './jpeg-compression.js';
import { longestMaxSize } from './longest-max-size.js';
import { multiplicativeNoise } from './multiplicative-noise.js';
import { normalize } from './normalize.js';
import { padCrop } from './pad-crop.js';
import { pcaJitter } from './pca-jitter.js';
import { perspective } from './perspective.js';
import { plasmaBrightness } from './plasma-brightness.js';
import { plasmaContrast } from './plasma-contrast.js';
import { plasmaShadow } from './plasma-shadow.js';
import { posterize } from './posterize.js';
import { quarterTurn } from './quarter-turn.js';
import { randomCrop } from './random-crop.js';
import { randomErasing } from './random-erasing.js';
import { randomResizedCrop } from './random-resized-crop.js';
import { resize } from './resize.js';
import { rgbShift } from './rgb-shift.js';
import { rotate } from './rotate.js';
import { saltAndPepper } from './salt-and-pepper.js';
import { saturation } from './saturation.js';
import { sepia } from './sepia.js';
import { sharpen } from './sharpen.js';
import { sharpness } from './sharpness.js';
import { shear } from './shear.js';
import { shotNoise } from './shot-noise.js';
import { solarize } from './solarize.js';
import { solarizeAdd } from './solarize-add.js';
import { speckleNoise } from './speckle-noise.js';
import { toGray } from './to-gray.js';
import type { Op } from './transform.js';
import { translate } from './translate.js';
import { unsharpMask } from './unsharp-mask.js';
import { verticalFlip } from './vertical-flip.js';
import { zoomBlur } from './zoom-blur.js';

export const TRANSFORMS = [
  affine,
  autocontrast,
  boxBlur,
  brightness,
  centerCrop,
  channelDrop,
  channelShuffle,
  clahe,
  colorJitter,
  colorTemperature,
  contrast,
  cutout,
  defocus,
  emboss,
  equalize,
  flip,
  fourierDomainAdaptation,
  gamma,
  gaussianBlur,
  gaussianNoise,
  glassBlur,
  grayscale,
  histogramMatching,
  downscale,
  elastic,
  hue,
  hueSaturationValue,
  invert,
  isoNoise,
  medianBlur,
  motionBlur,
  multiplicativeNoise,
  normalize,
  padCrop,
  pcaJitter,
  perspective,
  plasmaBrightness,
  plasmaContrast,
  plasmaShadow,
  posterize,
  quarterTurn,
  jpegCompression,
  longestMaxSize,
  randomCrop,
  randomErasing,
  randomResizedCrop,
  resize,
  rgbShift,
  rotate,
  saltAndPepper,
  saturation,
  sepia,
  sharpen,
  sharpness,
  shear,
  shotNoise,
  solarize,
  solarizeAdd,
  speckleNoise,
  toGray,
  translate,
  unsharpMask,
  verticalFlip,
  zoomBlur,
] as const;

/** The ops that a recipe may hold. */
export const ops = (): Registry<Op> => new Registry('operator', [...TRANSFORMS.map(({ op }) => op), blendOp]);
