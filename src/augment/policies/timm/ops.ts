/**
 * timm's operations (timm/data/auto_augment.py), each with its own scale of magnitudes 0..10: what `Posterize` does
 * at 3 is not what `PosterizeIncreasing` does at 3. At a level they give draws of ordinary transforms.
 */
import type { Draw, Draws } from '../../../core/index.js';
import { gaussianBlur } from '../../blur/gaussian-blur.js';
import { sharpness } from '../../blur/sharpness.js';
import { autocontrast } from '../../color/autocontrast.js';
import { brightness } from '../../color/brightness.js';
import { contrast } from '../../color/contrast.js';
import { equalize } from '../../color/equalize.js';
import { invert } from '../../color/invert.js';
import { posterize } from '../../color/posterize.js';
import { saturation } from '../../color/saturation.js';
import { solarize } from '../../color/solarize.js';
import { solarizeAdd } from '../../color/solarize-add.js';
import { affine } from '../../geometric/affine.js';
import { rotate } from '../../geometric/rotate.js';
import { shear } from '../../geometric/shear.js';
import type { Op } from '../../transform/op.js';

/** What timm calls hparams. */
export interface TimmSampling {
  readonly interpolation: 'nearest' | 'bilinear';
  readonly fill: readonly [number, number, number];
  /** Share of the side that a translation of magnitude 10 covers: timm's translate_pct. */
  readonly translate: number;
}

/** `level` is the magnitude over 10, so it exceeds 1 where the magnitude exceeds 10. */
type Entry = (level: number, draws: Draws, sampling: TimmSampling) => Draw;

/** timm's _randomly_negate; never −0, which JSON does not keep. */
const either = (draws: Draws, value: number): number => (draws.chance(0.5) ? 0 - value : value);

const still = { border: 'constant' } as const;
const sampling = ({ interpolation, fill }: TimmSampling) => ({ ...still, interpolation, fill });
const slanted = (x: number, y: number, given: TimmSampling): Draw => ({
  op: 'shear',
  params: { ...sampling(given), center: [0, 0], x, y },
});
/** By parts of pixels, interpolated, as Pillow shifts for timm. */
const shifted = (x: number, y: number, given: TimmSampling): Draw => ({
  op: 'affine',
  params: { ...sampling(given), angle: 0, translate: [0 - x, 0 - y], scale: 1, shear: [0, 0] },
});
/** Above 8 bits the image stays as it is; timm's 0 bits, and what its formula puts below, are black. */
const kept = (bits: number): Draw => ({
  op: 'posterize',
  params: { bits: Math.min(8, Math.max(0, bits)) },
});
const fourBits = (level: number): number => Math.trunc(level * 4);
const inverted = (threshold: number): Draw => ({ op: 'solarize', params: { threshold } });
const threshold = (level: number): number => Math.min(256, Math.trunc(level * 256));
/** From 0.1 to 1.9: magnitude 5 changes nothing. */
const enhanced =
  (op: string): Entry =>
  (level) => ({ op, params: { factor: level * 1.8 + 0.1 } });
/** Away from 1 to either side: magnitude 0 changes nothing. */
const enhancedMore =
  (op: string): Entry =>
  (level, draws) => ({ op, params: { factor: Math.max(0.1, 1 + either(draws, level * 0.9)) } });
const blurred = (sigma: number): Draw => ({ op: 'gaussianBlur', params: { sigma } });
const plain =
  (op: string, params: Draw['params'] = {}): Entry =>
  () => ({ op, params });

export const TIMM_OPS: Readonly<Record<string, Entry>> = {
  AutoContrast: plain('autocontrast', { cutoff: 0 }),
  Equalize: plain('equalize'),
  Invert: plain('invert'),
  Rotate: (level, draws, given) => ({
    op: 'rotate',
    // Pillow turns counter-clockwise, and shifts to the left and up.
    params: { ...sampling(given), angle: 0 - either(draws, level * 30) },
  }),
  Posterize: (level) => kept(fourBits(level)),
  PosterizeIncreasing: (level) => kept(4 - fourBits(level)),
  PosterizeOriginal: (level) => kept(4 + fourBits(level)),
  Solarize: (level) => inverted(threshold(level)),
  SolarizeIncreasing: (level) => inverted(256 - threshold(level)),
  SolarizeAdd: (level) => ({
    op: 'solarizeAdd',
    params: { add: Math.min(128, Math.trunc(level * 110)), threshold: 128 },
  }),
  Color: enhanced('saturation'),
  ColorIncreasing: enhancedMore('saturation'),
  Contrast: enhanced('contrast'),
  ContrastIncreasing: enhancedMore('contrast'),
  Brightness: enhanced('brightness'),
  BrightnessIncreasing: enhancedMore('brightness'),
  Sharpness: enhanced('sharpness'),
  SharpnessIncreasing: enhancedMore('sharpness'),
  ShearX: (level, draws, given) => slanted(either(draws, level * 0.3), 0, given),
  ShearY: (level, draws, given) => slanted(0, either(draws, level * 0.3), given),
  TranslateXRel: (level, draws, given) => shifted(either(draws, level * given.translate), 0, given),
  TranslateYRel: (level, draws, given) => shifted(0, either(draws, level * given.translate), given),
  Desaturate: (level) => ({ op: 'saturation', params: { factor: 1 - Math.min(1, 0.5 + 0.5 * level) } }),
  GaussianBlur: (level) => blurred(Math.min(2, 0.1 + 1.9 * level)),
  GaussianBlurRand: (level, draws) => blurred(draws.uniform(0.1, 2 * Math.min(1, level))),
};

/** What those draws may name. */
export const TIMM_DRAWN: readonly Op[] = [
  affine.op,
  autocontrast.op,
  brightness.op,
  contrast.op,
  equalize.op,
  gaussianBlur.op,
  invert.op,
  posterize.op,
  rotate.op,
  saturation.op,
  sharpness.op,
  shear.op,
  solarize.op,
  solarizeAdd.op,
];

/** How a magnitude varies from one application to the next. */
export interface Spread {
  /** Standard deviation of a normal distribution around it, or uniform between 0 and it: timm's mstd. */
  readonly deviation: number | 'uniform';
  /** Magnitudes are cut at 0 and here: timm's mmax. */
  readonly max: number;
}

/** One application with probability p: an `AugmentOp` of timm. */
export function applied(
  draws: Draws,
  name: string,
  p: number,
  magnitude: number,
  { deviation, max }: Spread,
  given: TimmSampling,
): Draw[] {
  if (!draws.chance(p)) return [];
  const drawn =
    deviation === 'uniform'
      ? draws.uniform(0, magnitude)
      : magnitude + (deviation > 0 ? draws.normal(0, deviation) : 0);
  const level = Math.max(0, Math.min(drawn, max)) / 10;
  return [(TIMM_OPS[name] as Entry)(level, draws, given)];
}
