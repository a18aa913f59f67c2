/** The rule of default probabilities, and what the single number of each transform means. */
import { describe, expect, it, test } from 'vitest';
import { type SampleOperator, TRANSFORMS } from '../../src/augment/index.js';
import { linear, UsageError, valueAt } from '../../src/core/index.js';

/** The three groups of the rule on `TRANSFORMS`. A new transform has to be placed in one of them. */
const GROUPS = {
  'adjusts: its range includes next to no change': {
    p: 1,
    names: [
      ...['affine', 'randomRotate90', 'rotate', 'safeRotate', 'shear', 'shiftScaleRotate', 'translate'],
      ...[
        'boxSafeCrop',
        'centerCrop',
        'longestMaxSize',
        'padCrop',
        'padTo',
        'randomCrop',
        'randomResizedCrop',
      ],
      ...['randomScale', 'resize', 'smallestMaxSize'],
      ...['brightness', 'colorJitter', 'colorTemperature', 'contrast', 'gamma', 'hue', 'hueSaturationValue'],
      ...['normalize', 'pcaJitter', 'rgbShift', 'saturation', 'solarizeAdd'],
      ...['boxBlur', 'defocus', 'emboss', 'gaussianBlur', 'glassBlur', 'medianBlur', 'motionBlur', 'sharpen'],
      ...['sharpness', 'unsharpMask', 'zoomBlur'],
      ...[
        'downscale',
        'gaussianNoise',
        'isoNoise',
        'jpegCompression',
        'multiplicativeNoise',
        'saltAndPepper',
      ],
      ...['shotNoise', 'speckleNoise', 'webpCompression'],
      ...['cutout', 'pixelDropout'],
    ],
  },
  'is there or not': {
    p: 0.5,
    names: [
      ...['horizontalFlip', 'transpose', 'verticalFlip'],
      ...['elastic', 'fisheye', 'gridDistortion', 'opticalDistortion', 'perspective', 'thinPlateSpline'],
      ...['coarseDropout', 'gridMask', 'hideAndSeek', 'randomErasing', 'channelDropout', 'channelShuffle'],
      ...['fog', 'plasmaShadow', 'rain', 'shadow', 'snow', 'spatter', 'sunFlare'],
      ...['autocontrast', 'clahe', 'equalize', 'invert', 'posterize', 'sepia', 'solarize', 'superpixels'],
      ...['fourierDomainAdaptation', 'histogramMatching', 'plasmaBrightness', 'plasmaContrast'],
    ],
  },
  'makes gray': { p: 0.1, names: ['grayscale', 'toGray'] },
} as const;

describe('default p', () => {
  it('of every transform follows its group, and every transform is in exactly one', () => {
    const placed = Object.values(GROUPS).flatMap(({ names }) => names);
    expect([...placed].sort()).toEqual(TRANSFORMS.map(({ spec }) => spec.name).sort());
  });

  it.each(Object.entries(GROUPS))('of what %s', (_, { p, names }) => {
    const given = TRANSFORMS.filter(({ spec }) => (names as readonly string[]).includes(spec.name));
    const other = given
      .filter(({ spec }) => (spec.p ?? 1) !== p)
      .map(({ spec }) => `${spec.name}: ${spec.p}`);
    expect(other).toEqual([]);
  });
});

type Named = (given?: unknown) => SampleOperator;
const make = (name: string): Named => {
  const factory = TRANSFORMS.find(({ spec }) => spec.name === name);
  if (!factory) throw new Error(`no transform is called ${name}`);
  return factory as unknown as Named;
};
const optionsOf = (operator: SampleOperator) => operator.transform.options;

/** [name, number, options that it stands for]. */
const EXACT: [name: string, number, Record<string, unknown>][] = [
  ['boxBlur', 5, { size: [5, 5] }],
  ['defocus', 3, { radius: [3, 3] }],
  ['emboss', 0.3, { alpha: [0.3, 0.3] }],
  ['gaussianBlur', 2, { sigma: [2, 2] }],
  ['medianBlur', 5, { size: [5, 5] }],
  ['motionBlur', 9, { length: [9, 9] }],
  ['sharpen', 0.3, { alpha: [0.3, 0.3] }],
  ['superpixels', 0.5, { replace: [0.5, 0.5] }],
  ['unsharpMask', 1, { strength: [1, 1] }],
  ['zoomBlur', 1.2, { factor: [1.2, 1.2] }],
  ['downscale', 0.5, { scale: [0.5, 0.5] }],
  ['gaussianNoise', 0.1, { sigma: [0.1, 0.1] }],
  ['jpegCompression', 50, { quality: [50, 50] }],
  ['saltAndPepper', 0.05, { share: [0.05, 0.05] }],
  ['shotNoise', 0.05, { scale: [0.05, 0.05] }],
  ['speckleNoise', 0.2, { sigma: [0.2, 0.2] }],
  ['webpCompression', 50, { quality: [50, 50] }],
  ['gridMask', 0.6, { keep: [0.6, 0.6] }],
  ['pixelDropout', 0.05, { share: [0.05, 0.05] }],
  ['plasmaBrightness', 0.2, { strength: [0.2, 0.2] }],
  ['plasmaContrast', 0.5, { strength: [0.5, 0.5] }],
  ['posterize', 4, { bits: [4, 4] }],
  ['sepia', 0.8, { strength: [0.8, 0.8] }],
  ['solarize', 128, { threshold: [128, 128] }],
  ['solarizeAdd', 60, { add: [60, 60] }],
  ['fisheye', 0.4, { strength: [0.4, 0.4] }],
  ['fog', 0.4, { strength: [0.4, 0.4] }],
  ['plasmaShadow', 0.5, { strength: [0.5, 0.5] }],
  ['rain', 0.5, { strength: [0.5, 0.5] }],
  ['shadow', 0.5, { strength: [0.5, 0.5] }],
  ['snow', 0.5, { strength: [0.5, 0.5] }],
  ['spatter', 0.4, { strength: [0.4, 0.4] }],
  ['sunFlare', 0.6, { strength: [0.6, 0.6] }],
];
/** Signed quantities: ±. */
const SYMMETRIC: [name: string, number, Record<string, unknown>][] = [
  ['hue', 0.1, { shift: [-0.1, 0.1] }],
  ['opticalDistortion', 0.2, { k: [-0.2, 0.2] }],
  ['rgbShift', 0.1, { red: [-0.1, 0.1], green: [-0.1, 0.1], blue: [-0.1, 0.1] }],
  ['rotate', 30, { angle: [-30, 30] }],
  ['safeRotate', 45, { angle: [-45, 45] }],
];
/** Factors around 1. */
const FACTORS: [name: string, number, Record<string, unknown>][] = [
  ['brightness', 0.5, { factor: [0.5, 1.5] }],
  ['contrast', 0.5, { factor: [0.5, 1.5] }],
  ['saturation', 0.5, { factor: [0.5, 1.5] }],
  ['sharpness', 2, { factor: [0, 3] }],
];
/** Options that are no range. */
const PLAIN: [name: string, number, Record<string, unknown>][] = [
  ['autocontrast', 2, { cutoff: 2 }],
  ['cutout', 16, { size: 16 }],
  ['gridDistortion', 0.3, { distortion: 0.3 }],
  ['padCrop', 4, { padding: 4 }],
  ['pcaJitter', 0.1, { sigma: 0.1 }],
  ['perspective', 0.3, { distortion: 0.3 }],
  ['thinPlateSpline', 0.08, { distortion: 0.08 }],
];
/** Sizes of the output: a batch has one, so they take no schedule. */
const SIZES: [name: string, number, Record<string, unknown>][] = [
  ...['boxSafeCrop', 'centerCrop', 'longestMaxSize', 'padTo', 'randomCrop', 'randomResizedCrop', 'resize'],
  'smallestMaxSize',
].map((name) => [name, 224, { size: 224 }]);
/** A range and nothing else. */
const PAIRS: [name: string, [number, number], Record<string, unknown>][] = [
  ['colorTemperature', [4000, 9000], { temperature: [4000, 9000] }],
  ['gamma', [0.8, 1.25], { gamma: [0.8, 1.25] }],
  ['randomScale', [0.5, 2], { factor: [0.5, 2] }],
];
const NUMBERS = [...EXACT, ...SYMMETRIC, ...FACTORS, ...PLAIN, ...SIZES];

describe('shorthands', () => {
  it('of every transform that has one are listed here', () => {
    const listed = [...NUMBERS, ...PAIRS].map(([name]) => name);
    const have = TRANSFORMS.filter(({ spec }) => spec.shorthand).map(({ spec }) => spec.name as string);
    expect([...listed].sort()).toEqual([...have].sort());
  });

  test.each(EXACT)('%s(%d) is exactly that value', (name, value, options) => {
    expect(optionsOf(make(name)(value))).toMatchObject(options);
  });
  test.each(SYMMETRIC)('%s(%d) is the symmetric range', (name, value, options) => {
    expect(optionsOf(make(name)(value))).toMatchObject(options);
  });
  test.each(FACTORS)('%s(%d) is [max(0, 1 − d), 1 + d]', (name, value, options) => {
    expect(optionsOf(make(name)(value))).toMatchObject(options);
  });
  test.each([...PLAIN, ...SIZES])('%s(%d) is its main option', (name, value, options) => {
    expect(optionsOf(make(name)(value))).toMatchObject(options);
  });
  test.each(PAIRS)('%s(%j) is the range', (name, pair, options) => {
    expect(optionsOf(make(name)(pair))).toMatchObject(options);
  });

  test.each([...EXACT, ...SYMMETRIC, ...FACTORS])(
    '%s([low, high]) is the range itself',
    (name, value, options) => {
      const pair = [value, value];
      const expected = Object.fromEntries(Object.keys(options).map((key) => [key, pair]));
      expect(optionsOf(make(name)(pair))).toMatchObject(expected);
    },
  );

  test.each([...EXACT, ...SYMMETRIC, ...PLAIN])(
    '%s takes a schedule that reaches %d',
    (name, value, options) => {
      const schedule = linear(value, value);
      const now = (one: unknown): unknown =>
        Array.isArray(one) ? one.map(now) : valueAt(one as number, 0.5);
      const scheduled = optionsOf(make(name)(schedule));
      for (const key in options) expect(now(scheduled[key])).toEqual(options[key]);
    },
  );
  test.each(FACTORS)('%s takes a schedule within 0..1', (name) => {
    const { factor } = optionsOf(make(name)(linear(0, 0.5))) as { factor: [number, number] };
    expect(factor.map((end) => valueAt(end, 1))).toEqual([0.5, 1.5]);
  });
  test.each(SIZES)('%s refuses a schedule: all images of a batch have one size', (name) => {
    expect(() => make(name)(linear(100, 200))).toThrow(new RegExp(`^${name}: `));
  });

  const WRONG: [name: string, wrong: unknown][] = [
    ...NUMBERS.flatMap(([name]): [string, unknown][] => [
      [name, -1],
      [name, 'much'],
    ]),
    ...PAIRS.flatMap(([name, [low]]): [string, unknown][] => [
      [name, low],
      [name, [low, low / 2]],
    ]),
    ...[...EXACT, ...SYMMETRIC].map(([name, value]): [string, unknown] => [name, [value, -value]]),
  ];
  test.each(WRONG)('%s(%j) is refused in one sentence that names it', (name, wrong) => {
    const run = () => make(name)(wrong);
    expect(run).toThrow(UsageError);
    expect(run).toThrow(new RegExp(`^${name}: [^\\n]+$`));
  });
});
