/** Options worth trying and complaints worth reading of the catalog's changes of color. */
import {
  autocontrast,
  channelShuffle,
  clahe,
  colorTemperature,
  gamma,
  hueSaturationValue,
  invert,
  pcaJitter,
  plasmaBrightness,
  plasmaContrast,
  plasmaShadow,
  posterize,
  rgbShift,
  sepia,
  sharpness,
  solarize,
  solarizeAdd,
  toGray,
} from '../../src/augment/index.js';
import type { TransformFactory, TransformSubject } from '../../src/testing/transform.js';

const of = (factory: unknown, traits: Omit<TransformSubject, 'factory'>): TransformSubject => ({
  factory: factory as TransformFactory,
  fixed: false,
  ...traits,
});

const INTENSITY = [
  [{ strength: [0, 1.5] }, 'strength[1]: expected a number in 0..1 or a schedule but received 1.5'],
  [{ roughness: [0.5, 0.2] }, 'roughness: expected [low, high] with low ≤ high'],
] as const;

export const COLOR: readonly TransformSubject[] = [
  of(gamma, {
    cases: [{ gamma: [0.1, 5] }],
    refused: [[{ gamma: [0, 1] }, 'gamma[0]: expected a number in 0.01..100']],
  }),
  of(invert, { fixed: true, refused: [[1, 'expected an object { p } but received 1']] }),
  of(posterize, {
    cases: [{ bits: [1, 8] }],
    refused: [
      [0, 'bits[0]: expected a whole number in 1..8 or a schedule but received 0'],
      [{ bits: [2, 3.5] }, 'bits[1]: expected a whole number'],
    ],
  }),
  of(solarize, {
    cases: [{ threshold: [0, 256] }],
    refused: [[300, 'expected a number in 0..256 or a schedule but received 300']],
  }),
  of(solarizeAdd, {
    cases: [{ add: [0, 255], threshold: 200 }],
    refused: [
      [-1, 'expected a number in 0..255 or a schedule but received -1'],
      [{ threshold: 257 }, 'threshold: expected a number in 0..256 but received 257'],
    ],
  }),
  of(autocontrast, {
    fixed: true,
    cases: [{}, { cutoff: 20 }],
    refused: [[50, 'cutoff: expected a number in 0..49.9 or a schedule but received 50']],
  }),
  of(clahe, {
    cases: [{}, { clipLimit: [0.1, 100], tiles: [3, 5] }],
    refused: [
      [{ clipLimit: [0, 2] }, 'clipLimit[0]: expected a number in 0.01..256'],
      [{ tiles: [0, 8] }, 'tiles[0]: expected a whole number in 1..64 but received 0'],
    ],
  }),
  of(sharpness, {
    cases: [{ factor: [0, 1] }, { factor: [1, 9] }],
    refused: [[-1, 'expected a number ≥ 0']],
  }),
  of(hueSaturationValue, {
    cases: [{ hue: [-0.5, 0.5], saturation: [0, 4], value: [0, 3] }],
    refused: [
      [{ hue: [-1, 0] }, 'hue[0]: expected a number in -0.5..0.5'],
      [{ value: [-1, 0] }, 'value[0]: expected a number in 0..100'],
    ],
  }),
  of(rgbShift, {
    cases: [{ red: [-1, 1], green: [0, 0], blue: [0.2, 0.3] }],
    refused: [
      [2, 'expected a number in 0..1 or a schedule but received 2'],
      [{ red: [-2, 0] }, 'red[0]: expected a number in -1..1'],
    ],
  }),
  of(channelShuffle, { refused: [[[0, 1, 2], 'expected an object { p }']] }),
  of(pcaJitter, {
    cases: [{ sigma: 1 }, { eigenvalues: [1, 0, 0] }],
    refused: [
      [-1, 'expected a number in 0..10 or a schedule but received -1'],
      [{ eigenvalues: [1, 2] }, 'eigenvalues: expected'],
    ],
  }),
  of(colorTemperature, {
    cases: [{ temperature: [2000, 25000] }],
    refused: [
      [
        { temperature: [1000, 5000] },
        'temperature[0]: expected a number in 2000..25000 or a schedule but received 1000',
      ],
    ],
  }),
  of(sepia, {
    cases: [{ strength: [0, 1] }],
    refused: [[2, 'expected a number in 0..1 or a schedule but received 2']],
  }),
  of(toGray, {
    refused: [
      [
        { methods: ['mean', 'lab'] },
        "methods[1]: expected one of 'luma', 'mean', 'max', 'desaturation' but received 'lab'",
      ],
      [{ methods: [] }, 'methods: expected a list of 1 or more'],
    ],
  }),
  of(plasmaBrightness, { cases: [{}, { roughness: [0, 1] }], refused: INTENSITY }),
  of(plasmaContrast, { cases: [{}, { roughness: [0, 1] }], refused: INTENSITY }),
  of(plasmaShadow, { cases: [{}, { area: [0, 1], roughness: [0, 1] }], refused: INTENSITY }),
];
