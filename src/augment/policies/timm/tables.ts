/** timm's sets of operations for RandAugment and AugMix, and its sub-policies for AutoAugment. */

const COMMON = ['AutoContrast', 'Equalize', 'Invert', 'Rotate'];
const MOVES = ['ShearX', 'ShearY', 'TranslateXRel', 'TranslateYRel'];
const ENHANCED = ['Color', 'Contrast', 'Brightness', 'Sharpness'];
const increasing = (name: string) => `${name}Increasing`;

export const PLAIN = [...COMMON, 'Posterize', 'Solarize', 'SolarizeAdd', ...ENHANCED, ...MOVES];
export const INCREASING = [
  ...[...COMMON, 'PosterizeIncreasing', 'SolarizeIncreasing', 'SolarizeAdd'],
  ...[...ENHANCED.map(increasing), ...MOVES],
];
export const MIXED = [
  ...['AutoContrast', ...ENHANCED.map(increasing), 'Equalize', 'Rotate'],
  ...['PosterizeIncreasing', 'SolarizeIncreasing', ...MOVES],
];

export interface Chosen {
  readonly names: readonly string[];
  /** Odds of each; an image then has no operation twice. */
  readonly weights?: readonly number[];
}

const weighted = (odds: Readonly<Record<string, number>>): Chosen => ({
  names: Object.keys(odds),
  weights: Object.values(odds),
});

/** By the `t` of a string. */
export const SETS = {
  '3a': { names: ['SolarizeIncreasing', 'Desaturate', 'GaussianBlur'] },
  '3aw': weighted({
    ...{ SolarizeIncreasing: 6, Desaturate: 6, GaussianBlur: 6, Rotate: 3, ShearX: 2, ShearY: 2 },
    ...{ PosterizeIncreasing: 1, AutoContrast: 1, ColorIncreasing: 1, SharpnessIncreasing: 1 },
    ...{ ContrastIncreasing: 1, BrightnessIncreasing: 1, Equalize: 1, Invert: 1 },
  }),
  weights: weighted({
    ...{ Rotate: 3, ShearX: 2, ShearY: 2, TranslateXRel: 1, TranslateYRel: 1, ColorIncreasing: 0.25 },
    ...{ SharpnessIncreasing: 0.25, AutoContrast: 0.25, SolarizeIncreasing: 0.05, SolarizeAdd: 0.05 },
    ...{ ContrastIncreasing: 0.05, BrightnessIncreasing: 0.05, Equalize: 0.05 },
    ...{ PosterizeIncreasing: 0.05, Invert: 0.05 },
  }),
} satisfies Readonly<Record<string, Chosen>>;

/** Operation, probability and magnitude, one after the other. */
export type Steps = readonly (readonly [op: string, p: number, magnitude: number])[];

/** A sub-policy a line: `Equalize 0.8 1, ShearY 0.8 4`. */
const lines = (text: string): Steps[] =>
  text
    .trim()
    .split('\n')
    .map((line) =>
      line.split(',').map((step) => {
        const [op = '', p, magnitude] = step.trim().split(' ');
        return [op, Number(p), Number(magnitude)] as const;
      }),
    );

const ORIGINAL = `
  PosterizeOriginal 0.4 8, Rotate 0.6 9
  Solarize 0.6 5, AutoContrast 0.6 5
  Equalize 0.8 8, Equalize 0.6 3
  PosterizeOriginal 0.6 7, PosterizeOriginal 0.6 6
  Equalize 0.4 7, Solarize 0.2 4
  Equalize 0.4 4, Rotate 0.8 8
  Solarize 0.6 3, Equalize 0.6 7
  PosterizeOriginal 0.8 5, Equalize 1.0 2
  Rotate 0.2 3, Solarize 0.6 8
  Equalize 0.6 8, PosterizeOriginal 0.4 6
  Rotate 0.8 8, Color 0.4 0
  Rotate 0.4 9, Equalize 0.6 2
  Equalize 0.0 7, Equalize 0.8 8
  Invert 0.6 4, Equalize 1.0 8
  Color 0.6 4, Contrast 1.0 8
  Rotate 0.8 8, Color 1.0 2
  Color 0.8 8, Solarize 0.8 7
  Sharpness 0.4 7, Invert 0.6 8
  ShearX 0.6 5, Equalize 1.0 9
  Color 0.4 0, Equalize 0.6 3
  Equalize 0.4 7, Solarize 0.2 4
  Solarize 0.6 5, AutoContrast 0.6 5
  Invert 0.6 4, Equalize 1.0 8
  Color 0.6 4, Contrast 1.0 8
  Equalize 0.8 8, Equalize 0.6 3`;

const V0 = `
  Equalize 0.8 1, ShearY 0.8 4
  Color 0.4 9, Equalize 0.6 3
  Color 0.4 1, Rotate 0.6 8
  Solarize 0.8 3, Equalize 0.4 7
  Solarize 0.4 2, Solarize 0.6 2
  Color 0.2 0, Equalize 0.8 8
  Equalize 0.4 8, SolarizeAdd 0.8 3
  ShearX 0.2 9, Rotate 0.6 8
  Color 0.6 1, Equalize 1.0 2
  Invert 0.4 9, Rotate 0.6 0
  Equalize 1.0 9, ShearY 0.6 3
  Color 0.4 7, Equalize 0.6 0
  Posterize 0.4 6, AutoContrast 0.4 7
  Solarize 0.6 8, Color 0.6 9
  Solarize 0.2 4, Rotate 0.8 9
  Rotate 1.0 7, TranslateYRel 0.8 9
  ShearX 0.0 0, Solarize 0.8 4
  ShearY 0.8 0, Color 0.6 4
  Color 1.0 0, Rotate 0.6 2
  Equalize 0.8 4, Equalize 0.0 8
  Equalize 1.0 4, AutoContrast 0.6 2
  ShearY 0.4 7, SolarizeAdd 0.6 7
  Posterize 0.8 2, Solarize 0.6 10
  Solarize 0.6 8, Equalize 0.6 1
  Color 0.8 6, Rotate 0.4 5`;

/** Those whose names end in r remove more bits the higher the magnitude. */
export const SUB_POLICIES = {
  original: lines(ORIGINAL),
  originalr: lines(ORIGINAL.replaceAll('PosterizeOriginal', 'PosterizeIncreasing')),
  v0: lines(V0),
  v0r: lines(V0.replaceAll('Posterize', 'PosterizeIncreasing')),
  '3a': lines('Solarize 1 5\n Desaturate 1 10\n GaussianBlurRand 1 10'),
} satisfies Readonly<Record<string, readonly Steps[]>>;
