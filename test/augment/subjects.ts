/**
 * What the transform contract cannot read off a schema: options worth trying, complaints worth reading, and
 * what comes last or is not random. Transforms without an entry are held to their schemas alone.
 */
import {
  affine,
  brightness,
  centerCrop,
  channelDropout,
  colorJitter,
  contrast,
  cutout,
  equalize,
  fourierDomainAdaptation,
  gaussianBlur,
  grayscale,
  histogramMatching,
  histogramOf,
  horizontalFlip,
  hue,
  normalize,
  padCrop,
  perspective,
  randomCrop,
  randomErasing,
  randomResizedCrop,
  randomRotate90,
  resize,
  saturation,
  spectrumOf,
  verticalFlip,
} from '../../src/augment/index.js';
import { linear } from '../../src/core/index.js';
import { picture } from '../../src/testing/pictures.js';
import type { TransformFactory, TransformSubject } from '../../src/testing/transform.js';
import { COLOR } from './subjects-color.js';
import { EFFECTS } from './subjects-effects.js';
import { GEOMETRY } from './subjects-geometry.js';

type Traits = Omit<TransformSubject, 'factory'>;
type Refused = NonNullable<Traits['refused']>;
const of = (factory: unknown, traits: Traits): TransformSubject => ({
  factory: factory as TransformFactory,
  fixed: false,
  ...traits,
});

const FACTOR: Refused = [
  [-1, 'expected a number ≥ 0'],
  ['much', "but received 'much'"],
  [{ factor: 1 }, 'factor: expected a list of 2, each a number ≥ 0 or a schedule but received 1'],
  [{ factor: [-0.5, 1] }, 'factor[0]: expected a number ≥ 0 or a schedule but received -0.5'],
  [{ factor: [2, 1] }, 'factor: expected [low, high] with low ≤ high but received [2,1]'],
];
const BORDER: Refused = [
  [
    { size: 8, border: 'mirror' },
    "border: expected one of 'constant', 'edge', 'reflect' but received 'mirror'",
  ],
  [{ size: 8, fill: [0, 0, 256] }, 'fill[2]: expected a number in 0..255 but received 256'],
];
const SIZE: Refused = [
  [
    undefined,
    'size: expected a side or [height, width] in pixels, whole numbers in 1..65535 but received nothing',
  ],
  [0, 'size: expected a side'],
  [2.5, 'size: expected a side'],
  [[8, 0], 'size[1]: expected a whole number in 1..65535 but received 0'],
  ['large', "but received 'large'"],
];
const factors = [{ factor: [0, 1] }, { factor: [1, 3] }];

export const SUBJECTS: readonly TransformSubject[] = [
  ...COLOR,
  ...EFFECTS,
  ...GEOMETRY,
  of(affine, {
    cases: [
      { rotate: [-30, 30], translate: [0.2, 0.1], scale: [0.7, 1.3], shearX: [-20, 20], shearY: [-5, 5] },
      { rotate: [-180, 180], border: 'reflect' },
      { scale: [0.3, 0.5], border: 'edge' },
      { rotate: [5, 60], interpolation: 'nearest', fill: [200, 100, 0] },
    ],
    refused: [
      [30, 'expected an object'],
      [{ rotate: 30 }, 'rotate: expected a list of 2'],
      [{ rotate: [-400, 0] }, 'rotate[0]: expected a number in -360..360 or a schedule but received -400'],
      [{ translate: [2, 0] }, 'translate[0]: expected a number in 0..1'],
      [{ scale: [0, 1] }, 'scale[0]: expected a number in 0.01..100'],
      [{ shearX: [0, 90] }, 'shearX[1]: expected a number in -89..89'],
      [
        { interpolation: 'cubic' },
        "interpolation: expected one of 'nearest', 'bilinear' but received 'cubic'",
      ],
      [{ fill: 0 }, 'fill: expected a list of 3, each a number in 0..255 but received 0'],
    ],
  }),
  of(brightness, { cases: factors, refused: FACTOR }),
  of(contrast, { cases: factors, refused: FACTOR }),
  of(saturation, { cases: factors, refused: FACTOR }),
  of(centerCrop, {
    fixed: true,
    cases: [{ size: 11 }, { size: [40, 13], border: 'edge' }, { size: [12, 50], fill: [1, 2, 3] }],
    refused: [...SIZE, ...BORDER],
  }),
  of(colorJitter, {
    cases: [{ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }, { contrast: 0.9 }],
    refused: [
      [0.4, 'expected an object { brightness, contrast, saturation, hue, p } but received 0.4'],
      [{ brightness: -0.1 }, 'brightness: expected a number ≥ 0'],
      [{ hue: 0.6 }, 'hue: expected a number in 0..0.5 or a schedule but received 0.6'],
      [{ brightnes: 1 }, "unknown option 'brightnes'; did you mean 'brightness'?"],
    ],
  }),
  of(cutout, {
    cases: [
      { size: 7 },
      { size: 12, count: 3, fill: [10, 20, 30] },
      { size: 200 },
      { size: { share: 0.5 } },
      { size: { share: linear(0.2, 1) }, count: 2 },
    ],
    refused: [
      [-1, 'size: expected a whole number in 0..65535 or a schedule or an object { share } but received -1'],
      [
        1.5,
        'size: expected a whole number in 0..65535 or a schedule or an object { share } but received 1.5',
      ],
      [{ size: { share: 2 } }, 'size.share: expected a number in 0..1 or a schedule but received 2'],
      [{ size: '50%' }, 'size: expected a whole number in 0..65535 or a schedule or an object { share }'],
      [{ count: 0 }, 'count: expected a whole number in 1..64'],
      [{ fill: 'red' }, 'fill: expected a number or a list of 3'],
      [{ fill: [1, 2] }, 'fill: expected'],
    ],
  }),
  of(horizontalFlip, { fixed: true, refused: [[3, 'expected an object { p } but received 3']] }),
  of(verticalFlip, { fixed: true, refused: [['x', "but received 'x'"]] }),
  of(grayscale, { fixed: true, refused: [[1, 'expected an object']] }),
  of(hue, {
    cases: [{ shift: [-0.5, 0.5] }],
    refused: [
      [0.7, 'expected a number in 0..0.5 or a schedule but received 0.7'],
      ['x', 'expected a number'],
      [{ shift: [0, 0.7] }, 'shift[1]: expected a number in -0.5..0.5'],
    ],
  }),
  of(normalize, {
    last: true,
    fixed: true,
    cases: [{}, { mean: [0.5, 0.5, 0.5], std: [1, 2, 3] }],
    refused: [
      [{ std: [0, 1, 1] }, 'std[0]: expected a number > 0 but received 0'],
      [{ mean: 0.5 }, 'mean: expected a list of 3'],
    ],
  }),
  of(padCrop, {
    cases: [
      {},
      { padding: 40, border: 'reflect' },
      { padding: 9, border: 'edge' },
      { fill: [255, 0, 9] },
      { padding: { share: 0.25 } },
      { padding: { share: 1 }, border: 'reflect' },
    ],
    refused: [
      [-1, 'padding: expected a whole number in 0..4096'],
      [
        2.5,
        'padding: expected a whole number in 0..4096 or a schedule or an object { share } but received 2.5',
      ],
      [{ padding: { share: -0.1 } }, 'padding.share: expected a number in 0..1 or a schedule'],
      [{ fill: [-1, 0, 0] }, 'fill[0]'],
    ],
  }),
  of(randomRotate90, {
    cases: [{}, { turns: [1, 3] }],
    refused: [
      [{ turns: [4] }, 'turns[0]: expected a whole number in 0..3 but received 4'],
      [{ turns: [] }, 'turns: expected a list of 1 or more'],
      [{ turns: 1 }, 'turns: expected a list'],
    ],
  }),
  of(randomCrop, {
    cases: [{ size: 9 }, { size: [8, 14], padding: 5, border: 'reflect' }, { size: 16, padding: 2 }],
    refused: [...SIZE, ...BORDER, [{ size: 8, padding: -1 }, 'padding: expected a whole number in 0..4096']],
  }),
  of(randomErasing, {
    cases: [{}, { fill: 'noise' }, { fill: [9, 8, 7], scale: [0.5, 0.9], ratio: [0.2, 5] }],
    refused: [
      [{ scale: [0.5, 0.2] }, 'scale: expected [low, high] with low ≤ high but received [0.5,0.2]'],
      [{ scale: [0, 1.2] }, 'scale[1]: expected a number in 0..1'],
      [{ ratio: [0, 1] }, 'ratio[0]: expected a number in 0.001..1000'],
      [{ fill: 'noisy' }, "fill: expected 'noise' or a number or a list of 3"],
    ],
  }),
  of(randomResizedCrop, {
    cases: [
      { size: 12 },
      { size: [40, 24] },
      { size: 9, interpolation: 'nearest' },
      { size: 15, antialias: false },
      { size: [30, 11], interpolation: 'bicubic' },
    ],
    refused: [...SIZE, [{ size: 8, scale: [0.5, 0.1] }, 'scale: expected [low, high]']],
  }),
  of(resize, {
    fixed: true,
    cases: [
      { size: [9, 14] },
      { size: [40, 50] },
      { size: 12, keepRatio: true },
      { size: [9, 40], antialias: false },
      { size: 13, interpolation: 'nearest' },
      { size: [9, 40], interpolation: 'bicubic' },
      { size: [44, 12], interpolation: 'lanczos' },
    ],
    refused: [...SIZE, [{ size: 8, antialias: 1 }, 'antialias: expected true or false but received 1']],
  }),
  of(equalize, { fixed: true, refused: [[1, 'expected an object { p } but received 1']] }),
  of(gaussianBlur, {
    cases: [{}, { sigma: [3, 9] }],
    refused: [
      [30, 'sigma[0]: expected a number in 0..20 or a schedule but received 30'],
      [{ sigma: 1 }, 'sigma: expected a list of 2'],
      [{ sigma: [2, 1] }, 'low ≤ high'],
    ],
  }),
  of(perspective, {
    cases: [{}, { distortion: 0.9, interpolation: 'nearest', fill: [9, 99, 199] }, { border: 'reflect' }],
    refused: [
      [1, 'distortion: expected a number in 0..0.99 or a schedule but received 1'],
      [{ border: 'wrap' }, "border: expected one of 'constant', 'edge', 'reflect' but received 'wrap'"],
    ],
  }),
  of(channelDropout, {
    cases: [{ count: [1, 2] }],
    refused: [[{ count: [1, 4] }, 'count[1]: expected a whole number']],
  }),
  of(histogramMatching, {
    cases: [{ references: [histogramOf(picture(20, 20, 8)), histogramOf(picture(20, 20, 9, 'edges'))] }],
    refused: [
      [{}, 'references: expected a list of 1 or more'],
      [{ references: [[1, 2]] }, 'references[0]: expected a histogram of 3 × 256 counts'],
      [{ references: [new Array(768).fill(0)] }, 'make it with histogramOf(image)'],
    ],
  }),
  of(fourierDomainAdaptation, {
    cases: [
      {
        references: [spectrumOf(picture(20, 20, 8)), spectrumOf(picture(30, 20, 9, 'edges'))],
        strength: [0.2, 0.8],
      },
    ],
    refused: [[{}, 'references: expected a list of 1 or more, each an object { radius, amplitude }']],
  }),
];
