/** Options worth trying and complaints worth reading of the catalog's moves of pixels. */
import {
  boxSafeCrop,
  elastic,
  fisheye,
  gridDistortion,
  longestMaxSize,
  opticalDistortion,
  padTo,
  randomScale,
  safeRotate,
  shiftScaleRotate,
  smallestMaxSize,
  thinPlateSpline,
  transpose,
} from '../../src/augment/index.js';
import type { TransformFactory, TransformSubject } from '../../src/testing/transform.js';

const of = (factory: unknown, traits: Omit<TransformSubject, 'factory'>): TransformSubject => ({
  factory: factory as TransformFactory,
  fixed: false,
  ...traits,
});

const looks = [
  { interpolation: 'nearest', fill: [200, 100, 0] },
  { border: 'reflect' },
  { border: 'edge', interpolation: 'nearest' },
];
const SIDE = [
  [{}, 'size: expected a whole number in 1..65535 but received nothing'],
  [0, 'size: expected a whole number in 1..65535 but received 0'],
  [[8, 9], 'size: expected a whole number'],
  [
    { size: 8, interpolation: 'cubic' },
    "interpolation: expected one of 'nearest', 'bilinear', 'bicubic', 'lanczos' but received 'cubic'",
  ],
] as const;
const sizes = [
  { size: 13 },
  { size: 45, interpolation: 'bicubic' },
  { size: 9, interpolation: 'lanczos' },
  { size: 40, interpolation: 'lanczos', antialias: false },
  { size: 11, interpolation: 'nearest' },
];

export const GEOMETRY: readonly TransformSubject[] = [
  of(transpose, { fixed: true }),
  of(elastic, {
    cases: [{ alpha: [0.05, 0.1], sigma: [0.05, 0.2] }, ...looks],
    refused: [
      [0.1, 'expected an object { interpolation, border, fill, alpha, sigma, p } but received 0.1'],
      [{ sigma: [0, 1] }, 'sigma[0]: expected a number in 0.01..1 or a schedule but received 0'],
      [{ alpha: [0.2, 0.1] }, 'alpha: expected [low, high] with low ≤ high'],
    ],
  }),
  of(gridDistortion, {
    cases: [{ cells: 2, distortion: 0.9 }, { cells: 40 }, ...looks],
    refused: [
      [1.5, 'distortion: expected a number in 0..1 or a schedule but received 1.5'],
      [{ cells: 0 }, 'cells: expected a whole number in 1..100 but received 0'],
    ],
  }),
  of(opticalDistortion, {
    cases: [{ k: [-0.33, -0.2] }, { k: [0.5, 2] }, ...looks],
    refused: [[{ k: [-0.5, 0] }, 'k[0]: expected a number in -0.33..2 or a schedule but received -0.5']],
  }),
  of(fisheye, {
    cases: [{ strength: [0.6, 0.95] }, ...looks],
    refused: [[1, 'expected a number in 0..0.95 or a schedule but received 1']],
  }),
  of(thinPlateSpline, {
    cases: [{ points: 2, distortion: 0.3 }, { points: 8 }, ...looks],
    refused: [
      [0.6, 'distortion: expected a number in 0..0.5 or a schedule but received 0.6'],
      [{ points: 1 }, 'points: expected a whole number in 2..8 but received 1'],
    ],
  }),
  of(shiftScaleRotate, {
    cases: [{ shift: [-0.5, 0.5], scale: [0.3, 2] }, ...looks],
    refused: [
      [{ shift: 0.1 }, 'shift: expected a list of 2'],
      [{ scale: [0, 1] }, 'scale[0]: expected a number in 0.01..100'],
    ],
  }),
  of(safeRotate, {
    cases: looks,
    refused: [[{ angle: [0, 400] }, 'angle[1]: expected a number in -360..360']],
  }),
  of(randomScale, {
    cases: [
      { factor: [0.3, 0.7] },
      { factor: [1.2, 2], interpolation: 'bicubic' },
      { factor: [0.5, 2], interpolation: 'nearest' },
    ],
    refused: [
      [[2, 1], 'factor: expected [low, high] with low ≤ high'],
      [{ factor: [0, 1] }, 'factor[0]: expected a number in 0.01..100'],
    ],
  }),
  of(longestMaxSize, { fixed: true, cases: sizes, refused: SIDE }),
  of(smallestMaxSize, { fixed: true, cases: sizes, refused: SIDE }),
  of(boxSafeCrop, {
    cases: [...sizes, { size: [8, 30] }],
    refused: [
      [
        {},
        'size: expected a side or [height, width] in pixels, whole numbers in 1..65535 but received nothing',
      ],
      [0, 'size: expected a side or [height, width] in pixels, whole numbers in 1..65535 but received 0'],
    ],
  }),
  of(padTo, {
    fixed: undefined,
    cases: [
      { size: 40 },
      { size: [50, 21], border: 'reflect', position: 'random' },
      { size: { multipleOf: 24 }, border: 'edge', position: 'topLeft' },
      { size: 1 },
    ],
    refused: [
      [{}, 'size: expected a side or [height, width] in pixels, whole numbers in 1..65535 or an object'],
      [{ size: { multipleOf: 0 } }, 'size.multipleOf: expected a whole number in 1..65535 but received 0'],
      [
        { size: 8, position: 'left' },
        "position: expected one of 'center', 'topLeft', 'random' but received 'left'",
      ],
    ],
  }),
];
