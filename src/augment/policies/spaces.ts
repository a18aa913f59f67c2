/**
 * Operations of the policies by name: at a level in [0, 1] each gives draws of ordinary transforms. Ranges are
 * torchvision's; signed operations go either way.
 */
import { type Draw, type Draws, nearest, show, UsageError } from '../../core/index.js';
import { sharpness } from '../blur/sharpness.js';
import { autocontrast } from '../color/autocontrast.js';
import { brightness } from '../color/brightness.js';
import { contrast } from '../color/contrast.js';
import { equalize } from '../color/equalize.js';
import { invert } from '../color/invert.js';
import { posterize } from '../color/posterize.js';
import { saturation } from '../color/saturation.js';
import { solarize } from '../color/solarize.js';
import { solarizeAdd } from '../color/solarize-add.js';
import { rotate } from '../geometric/rotate.js';
import { shear } from '../geometric/shear.js';
import { translate } from '../geometric/translate.js';
import type { Op } from '../transform/op.js';

/** How far operations reach at level 1. */
export interface Reach {
  /** Slope. */
  readonly shear: number;
  /** A share of the side, or pixels. */
  readonly translate: number;
  readonly unit: 'share' | 'pixels';
  /** Degrees. */
  readonly rotate: number;
  /** Factors are 1 ± this. */
  readonly enhance: number;
  /** Bits kept at level 0, and how many fewer at level 1; one is always kept. */
  readonly bits: number;
  readonly posterize: number;
}

/** RandAugment's, and AutoAugment's. */
export const STANDARD: Reach = {
  shear: 0.3,
  translate: 150 / 331,
  unit: 'share',
  rotate: 30,
  enhance: 0.9,
  bits: 8,
  posterize: 4,
};
/** TrivialAugment's wide space. */
export const WIDE: Reach = {
  shear: 0.99,
  translate: 32,
  unit: 'pixels',
  rotate: 135,
  enhance: 0.99,
  bits: 8,
  posterize: 6,
};

/** How sampled pixels are made, and what shows outside the image. */
export interface SamplingOptions {
  readonly interpolation: 'nearest' | 'bilinear';
  readonly fill: readonly [number, number, number];
}

interface Entry {
  /** Draws the sign of the level. */
  readonly signed?: boolean;
  readonly draw: (level: number, reach: Reach, sampling: SamplingOptions) => Draw | undefined;
}

const still = { border: 'constant' } as const;
const slanted = (x: number, y: number, { interpolation, fill }: SamplingOptions): Draw => ({
  op: 'shear',
  params: { ...still, interpolation, fill, center: [0, 0], x, y },
});
const shifted = (x: number, y: number, { unit }: Reach, { fill }: SamplingOptions): Draw => ({
  op: 'translate',
  params: { ...still, unit, fill, x, y },
});
const enhanced = (op: string) => ({
  signed: true,
  draw: (level: number, { enhance }: Reach): Draw => ({ op, params: { factor: 1 + enhance * level } }),
});

const SPACE: Readonly<Record<string, Entry>> = {
  Identity: { draw: () => undefined },
  ShearX: { signed: true, draw: (level, { shear }, sampling) => slanted(shear * level, 0, sampling) },
  ShearY: { signed: true, draw: (level, { shear }, sampling) => slanted(0, shear * level, sampling) },
  TranslateX: {
    signed: true,
    draw: (level, reach, sampling) => shifted(reach.translate * level, 0, reach, sampling),
  },
  TranslateY: {
    signed: true,
    draw: (level, reach, sampling) => shifted(0, reach.translate * level, reach, sampling),
  },
  Rotate: {
    signed: true,
    // torchvision turns counter-clockwise.
    draw: (level, { rotate }, { interpolation, fill }) => ({
      op: 'rotate',
      params: { ...still, interpolation, fill, angle: -rotate * level },
    }),
  },
  Brightness: enhanced('brightness'),
  Color: enhanced('saturation'),
  Contrast: enhanced('contrast'),
  Sharpness: enhanced('sharpness'),
  Posterize: {
    draw: (level, { bits, posterize }) => ({
      op: 'posterize',
      params: { bits: Math.max(1, bits - Math.round(posterize * level)) },
    }),
  },
  Solarize: { draw: (level) => ({ op: 'solarize', params: { threshold: 255 * (1 - level) } }) },
  SolarizeAdd: {
    draw: (level) => ({ op: 'solarizeAdd', params: { add: Math.trunc(110 * level), threshold: 128 } }),
  },
  AutoContrast: { draw: () => ({ op: 'autocontrast', params: { cutoff: 0 } }) },
  Equalize: { draw: () => ({ op: 'equalize', params: {} }) },
  Invert: { draw: () => ({ op: 'invert', params: {} }) },
};

/** The fourteen operations of RandAugment and TrivialAugment. */
export const FOURTEEN = [
  ...[
    'Identity',
    'ShearX',
    'ShearY',
    'TranslateX',
    'TranslateY',
    'Rotate',
    'Brightness',
    'Color',
    'Contrast',
  ],
  ...['Sharpness', 'Posterize', 'Solarize', 'AutoContrast', 'Equalize'],
] as const;

/** What draws of policies may name. */
export const POLICY_OPS: readonly Op[] = [
  autocontrast.op,
  brightness.op,
  contrast.op,
  equalize.op,
  invert.op,
  posterize.op,
  rotate.op,
  saturation.op,
  sharpness.op,
  shear.op,
  solarize.op,
  solarizeAdd.op,
  translate.op,
];

/** Refuses a name that no operation has. */
export function checkOp(owner: string, name: string): void {
  if (Object.hasOwn(SPACE, name)) return;
  const names = Object.keys(SPACE);
  const near = nearest(name, names);
  throw new UsageError(
    `${owner}: unknown operation ${show(name)}; ${near ? `did you mean '${near}'?` : `known are ${names.join(', ')}`}`,
  );
}

/** An operation at a level in [0, 1]; the cursor gives the sign. */
export function drawOp(
  draws: Draws,
  name: string,
  level: number,
  reach: Reach,
  sampling: SamplingOptions,
): Draw[] {
  const { signed, draw } = SPACE[name] as Entry;
  const sign = signed && draws.chance(0.5) ? -1 : 1;
  const made = draw(sign * level, reach, sampling);
  return made ? [made] : [];
}
