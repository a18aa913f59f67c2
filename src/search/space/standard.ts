/** The ops that a search uses by default, each with its differentiable twin. */
import {
  affine,
  autocontrast,
  brightness,
  contrast,
  equalize,
  gamma,
  gaussianBlur,
  gaussianNoise,
  grayscale,
  horizontalFlip,
  hue,
  invert,
  posterize,
  randomErasing,
  rotate,
  saturation,
  sharpness,
  shear,
  solarize,
  translate,
  verticalFlip,
} from '../../augment/index.js';
import { autocontrastTwin } from '../twins/autocontrast.js';
import { contrastTwin } from '../twins/contrast.js';
import { cutoutTwin } from '../twins/cutout.js';
import { equalizeTwin } from '../twins/equalize.js';
import { gaussianBlurTwin } from '../twins/gaussian-blur.js';
import { gaussianNoiseTwin } from '../twins/gaussian-noise.js';
import { hueTwin } from '../twins/hue.js';
import * as moves from '../twins/matrices.js';
import { grayscaleTwin, saturationTwin } from '../twins/saturation.js';
import { sharpnessTwin } from '../twins/sharpness.js';
import { posterizeTwin, solarizeTwin } from '../twins/steps.js';
import { brightnessTwin, gammaTwin, invertTwin } from '../twins/tone.js';
import type { SearchOp } from './search-op.js';
import { searchOp } from './search-op-of.js';

const STILL = [0, 0] as const;
const factor = { option: 'factor', neutral: 1, unit: 'factor' };
const slope = { neutral: 0, unit: 'slope' };
const share = { neutral: 0, unit: 'share of the side' };
const color = { channels: [3] } as const;

/**
 * Moves (bilinear, black outside), color, blur and noise, and a black square. Magnitudes are in the units of the
 * transforms, except `gamma`, whose magnitude is log₂ γ because γ is drawn evenly in its logarithm, and `cutout`, whose is a
 * share of the image's area (`randomErasing` with ratio 1).
 *
 * @example STANDARD_OPS.find(({ name }) => name === 'rotate')?.magnitude // → { low: -45, high: 45, neutral: 0, unit: 'degrees' }
 */
export const STANDARD_OPS: readonly SearchOp[] = [
  searchOp(rotate, {
    option: 'angle',
    low: -45,
    high: 45,
    neutral: 0,
    unit: 'degrees',
    twin: moves.rotateTwin,
  }),
  searchOp(shear, {
    name: 'shearX',
    option: 'x',
    low: -0.3,
    high: 0.3,
    ...slope,
    fixed: { y: STILL },
    twin: moves.shearXTwin,
  }),
  searchOp(shear, {
    name: 'shearY',
    option: 'y',
    low: -0.3,
    high: 0.3,
    ...slope,
    fixed: { x: STILL },
    twin: moves.shearYTwin,
  }),
  searchOp(translate, {
    name: 'translateX',
    option: 'x',
    low: -0.3,
    high: 0.3,
    ...share,
    fixed: { y: STILL },
    twin: moves.translateXTwin,
  }),
  searchOp(translate, {
    name: 'translateY',
    option: 'y',
    low: -0.3,
    high: 0.3,
    ...share,
    fixed: { x: STILL },
    twin: moves.translateYTwin,
  }),
  searchOp(affine, {
    name: 'scale',
    option: 'scale',
    low: 0.7,
    high: 1.4,
    neutral: 1,
    unit: 'factor',
    twin: moves.scaleTwin,
  }),
  searchOp(horizontalFlip, { twin: moves.horizontalFlipTwin }),
  searchOp(verticalFlip, { twin: moves.verticalFlipTwin }),
  searchOp(brightness, { ...factor, low: 0.4, high: 1.8, twin: brightnessTwin }),
  searchOp(contrast, { ...factor, low: 0.4, high: 1.8, twin: contrastTwin }),
  searchOp(saturation, { ...factor, ...color, low: 0, high: 2, twin: saturationTwin }),
  searchOp(hue, {
    ...color,
    option: 'shift',
    low: -0.3,
    high: 0.3,
    neutral: 0,
    unit: 'share of the circle',
    twin: hueTwin,
  }),
  searchOp(gamma, {
    option: 'gamma',
    low: -1,
    high: 1,
    neutral: 0,
    unit: 'log₂ γ',
    value: (m) => 2 ** m,
    twin: gammaTwin,
  }),
  searchOp(sharpness, { ...factor, low: 0, high: 3, twin: sharpnessTwin }),
  searchOp(posterize, { option: 'bits', low: 2, high: 8, neutral: 8, unit: 'bits', twin: posterizeTwin }),
  searchOp(solarize, {
    option: 'threshold',
    low: 64,
    high: 256,
    neutral: 256,
    unit: 'gray levels',
    twin: solarizeTwin,
  }),
  searchOp(autocontrast, { fixed: { cutoff: 0 }, twin: autocontrastTwin }),
  searchOp(equalize, { twin: equalizeTwin }),
  searchOp(invert, { twin: invertTwin }),
  searchOp(grayscale, { ...color, twin: grayscaleTwin }),
  searchOp(gaussianBlur, {
    option: 'sigma',
    low: 0,
    high: 2,
    neutral: 0,
    unit: 'pixels',
    twin: gaussianBlurTwin,
  }),
  searchOp(gaussianNoise, {
    option: 'sigma',
    low: 0,
    high: 0.15,
    neutral: 0,
    unit: 'share of the range',
    twin: gaussianNoiseTwin,
  }),
  searchOp(randomErasing, {
    name: 'cutout',
    option: 'scale',
    low: 0,
    high: 0.3,
    neutral: 0,
    unit: 'share of the area',
    fixed: { ratio: [1, 1], fill: 0 },
    twin: cutoutTwin,
  }),
];
