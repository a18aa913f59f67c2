/** Every transform of the house: what a recipe may name. */
import { Registry } from '../core/index.js';
import { affine } from './affine.js';
import { brightness } from './brightness.js';
import { centerCrop } from './center-crop.js';
import { colorJitter } from './color-jitter.js';
import { contrast } from './contrast.js';
import { cutout } from './cutout.js';
import { equalize } from './equalize.js';
import { flip } from './flip.js';
import { gaussianBlur } from './gaussian-blur.js';
import { gaussianNoise } from './gaussian-noise.js';
import { grayscale } from './grayscale.js';
import { hue } from './hue.js';
import { normalize } from './normalize.js';
import { padCrop } from './pad-crop.js';
import { perspective } from './perspective.js';
import { quarterTurn } from './quarter-turn.js';
import { randomCrop } from './random-crop.js';
import { randomErasing } from './random-erasing.js';
import { randomResizedCrop } from './random-resized-crop.js';
import { resize } from './resize.js';
import { saturation } from './saturation.js';
import type { Op } from './transform.js';
import { verticalFlip } from './vertical-flip.js';

export const TRANSFORMS = [
  affine,
  brightness,
  centerCrop,
  colorJitter,
  contrast,
  cutout,
  equalize,
  gaussianBlur,
  perspective,
  flip,
  gaussianNoise,
  grayscale,
  hue,
  normalize,
  padCrop,
  quarterTurn,
  randomCrop,
  randomErasing,
  randomResizedCrop,
  resize,
  saturation,
  verticalFlip,
] as const;

/** The ops that a recipe may hold. */
export const ops = (): Registry<Op> =>
  new Registry(
    'operator',
    TRANSFORMS.map(({ op }) => op),
  );
