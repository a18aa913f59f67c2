/** Options worth trying and complaints worth reading of the catalog's blurs, noise, compression, dropout and weather. */
import {
  boxBlur,
  coarseDropout,
  defocus,
  downscale,
  emboss,
  fog,
  gaussianNoise,
  glassBlur,
  gridMask,
  hideAndSeek,
  isoNoise,
  jpegCompression,
  medianBlur,
  motionBlur,
  multiplicativeNoise,
  pixelDropout,
  rain,
  saltAndPepper,
  shadow,
  sharpen,
  shotNoise,
  snow,
  spatter,
  speckleNoise,
  sunFlare,
  superpixels,
  unsharpMask,
  webpCompression,
  zoomBlur,
} from '../../src/augment/index.js';
import type { TransformFactory, TransformSubject } from '../../src/testing/transform.js';

const of = (factory: unknown, traits: Omit<TransformSubject, 'factory'>): TransformSubject => ({
  factory: factory as TransformFactory,
  fixed: false,
  ...traits,
});

const share = (name: string): [unknown, string] => [
  { [name]: [0, 1.5] },
  `${name}[1]: expected a number in 0..1 or a schedule but received 1.5`,
];
const rising = (name: string): [unknown, string] => [
  { [name]: [0.9, 0.5] },
  `${name}: expected [low, high] with low ≤ high but received [0.9,0.5]`,
];
const DENSITY = [
  share('strength'),
  rising('strength'),
  [2, 'strength[0]: expected a number in 0..1'],
] as const;

export const EFFECTS: readonly TransformSubject[] = [
  of(boxBlur, {
    cases: [{}, { size: [9, 41] }],
    refused: [
      [0, 'size[0]: expected a whole number in 1..99 or a schedule but received 0'],
      [{ size: [3, 101] }, 'size[1]: expected a whole number in 1..99'],
      [{ size: [3, 4.5] }, 'size[1]: expected a whole number in 1..99'],
      [{ size: 3 }, 'size: expected a list of 2'],
    ],
  }),
  of(medianBlur, {
    cases: [{}, { size: [5, 7] }],
    refused: [[9, 'size[0]: expected a whole number in 1..7 or a schedule but received 9']],
  }),
  of(motionBlur, {
    cases: [{}, { length: [20, 60], direction: [-1, 1] }, { length: [4, 4], angle: [80, 90] }],
    refused: [
      [-1, 'length[0]: expected a number in 0..99 or a schedule but received -1'],
      [{ angle: [0, 400] }, 'angle[1]: expected a number in -360..360'],
      [{ direction: [-2, 0] }, 'direction[0]: expected a number in -1..1'],
    ],
  }),
  of(defocus, {
    cases: [{}, { radius: [8, 12] }],
    refused: [[31, 'radius[0]: expected a number in 0..30 or a schedule but received 31']],
  }),
  of(zoomBlur, {
    cases: [{}, { factor: [1.5, 4] }],
    refused: [[0.9, 'factor[0]: expected a number in 1..4 or a schedule but received 0.9']],
  }),
  of(glassBlur, {
    cases: [{}, { delta: 20, iterations: 5, sigma: [0, 3] }],
    refused: [
      [{ delta: 1.5 }, 'delta: expected a whole number in 0..32'],
      [{ iterations: 0 }, 'iterations: expected a whole number in 1..8'],
      [{ sigma: [0, 11] }, 'sigma[1]: expected a number in 0..10'],
    ],
  }),
  of(sharpen, {
    cases: [{}, { alpha: [0, 1], lightness: [0, 4] }],
    refused: [share('alpha'), [{ lightness: [0, 5] }, 'lightness[1]: expected a number in 0..4']],
  }),
  of(emboss, {
    cases: [{}, { alpha: [0, 1], strength: [0, 10] }],
    refused: [share('alpha'), [{ strength: [-1, 1] }, 'strength[0]: expected a number in 0..10']],
  }),
  of(unsharpMask, {
    cases: [{}, { strength: [5, 10], threshold: [0, 20], sigma: [3, 6] }],
    refused: [
      [-1, 'strength[0]: expected a number in 0..10'],
      [{ threshold: [0, 256] }, 'threshold[1]: expected a number in 0..255'],
    ],
  }),
  of(gaussianNoise, {
    cases: [{}, { sigma: [0.5, 1] }, { perChannel: false }],
    refused: [
      [2, 'expected a number in 0..1 or a schedule but received 2'],
      [{ sigma: [0.2, 0.1] }, 'low ≤ high'],
      [{ perChannel: 1 }, 'perChannel: expected true or false but received 1'],
    ],
  }),
  of(isoNoise, {
    cases: [{}, { strength: [0, 1], color: [0, 1] }],
    refused: [share('strength'), share('color')],
  }),
  of(saltAndPepper, {
    cases: [{}, { share: [0, 1], salt: [0, 1] }],
    refused: [share('share'), share('salt')],
  }),
  of(multiplicativeNoise, {
    cases: [
      {},
      { perChannel: true, multiplier: [0, 4] },
      { elementwise: true, multiplier: [0, 4] },
      { elementwise: true, perChannel: true },
    ],
    refused: [
      [{ multiplier: [0, 5] }, 'multiplier[1]: expected a number in 0..4'],
      [{ elementwise: 'yes' }, "elementwise: expected true or false but received 'yes'"],
    ],
  }),
  of(speckleNoise, { cases: [{}, { sigma: [0.5, 1] }], refused: [share('sigma')] }),
  of(shotNoise, { cases: [{}, { scale: [1e-4, 1e-3] }, { scale: [0.5, 1] }], refused: [share('scale')] }),
  of(jpegCompression, {
    cases: [{}, { quality: [1, 99], subsampling: '4:4:4' }],
    refused: [
      [0, 'quality[0]: expected a whole number in 1..100 or a schedule but received 0'],
      [{ quality: [1, 101] }, 'quality[1]: expected a whole number in 1..100'],
      [{ subsampling: '4:1:1' }, "subsampling: expected one of '4:2:0', '4:4:4' but received '4:1:1'"],
    ],
  }),
  of(webpCompression, {
    cases: [{}, { quality: [1, 99] }],
    refused: [
      [0, 'quality[0]: expected a whole number in 1..100 or a schedule but received 0'],
      [{ quality: [1, 101] }, 'quality[1]: expected a whole number in 1..100'],
    ],
  }),
  of(downscale, {
    cases: [{}, { scale: [0.02, 1], up: 'bilinear' }, { down: 'nearest', scale: [0.1, 0.9] }],
    refused: [
      [0, 'scale[0]: expected a number in 0.02..1 or a schedule but received 0'],
      [{ down: 'cubic' }, "down: expected one of 'area', 'nearest' but received 'cubic'"],
    ],
  }),
  of(coarseDropout, {
    cases: [{}, { holes: [0, 40], height: [0, 1], width: [0, 1], fill: 'noise' }, { fill: [9, 99, 199] }],
    refused: [
      [{ holes: [-1, 2] }, 'holes[0]: expected a whole number in 0..256'],
      share('height'),
      [{ fill: 'noisy' }, "fill: expected 'noise' or a number or a list of 3"],
    ],
  }),
  of(gridMask, {
    cases: [
      {},
      { unit: [0.02, 0.3], keep: [0, 1] },
      { unit: [0.1, 0.5], keep: [0.5, 0.5], rotate: [-180, 180], fill: 'noise' },
    ],
    refused: [share('keep'), [{ unit: [0, 1] }, 'unit[0]: expected a number in 0.02..1']],
  }),
  of(hideAndSeek, {
    cases: [{}, { cells: [1, 3, 200], hide: 0.9, fill: 'noise' }],
    refused: [
      [{ cells: [] }, 'cells: expected a list of 1 or more'],
      [{ cells: [0] }, 'cells[0]: expected a whole number in 1..256'],
      [{ hide: 2 }, 'hide: expected a number in 0..1'],
    ],
  }),
  of(pixelDropout, {
    cases: [{}, { perChannel: true, fill: 255 }, { fill: 'noise', share: [0.5, 1] }],
    refused: [share('share'), [{ fill: 256 }, 'fill: expected']],
  }),
  of(rain, {
    cases: [{}, { strength: [1, 1], slant: [-45, 45], length: [0, 1], color: [0, 90, 180] }],
    refused: [...DENSITY, [{ slant: [0, 50] }, 'slant[1]: expected a number in -45..45']],
  }),
  of(snow, {
    cases: [{}, { strength: [1, 1], slant: [-60, 60], size: [0, 0.2], whiten: [1, 1] }],
    refused: [...DENSITY, [{ size: [0, 0.3] }, 'size[1]: expected a number in 0..0.2']],
  }),
  of(fog, {
    cases: [{}, { strength: [0, 1], patchiness: [0, 1], color: [255, 128, 0] }],
    refused: [...DENSITY, [{ color: [0, 0] }, 'color: expected a list of 3']],
  }),
  of(shadow, {
    cases: [{}, { strength: [0, 1], shadows: [0, 5], corners: 3, softness: [0, 0.5] }],
    refused: [
      share('strength'),
      [{ corners: 2 }, 'corners: expected a whole number in 3..16'],
      [{ region: [0, 0, 1, 2] }, 'region[3]: expected a number in 0..1'],
    ],
  }),
  of(sunFlare, {
    cases: [{}, { strength: [0, 1], radius: [0, 2], ghosts: [0, 32], region: [0, 0, 1, 1] }],
    refused: [share('strength'), [{ ghosts: [0, 33] }, 'ghosts[1]: expected a whole number in 0..32']],
  }),
  of(spatter, {
    cases: [{}, { strength: [1, 1], liquid: ['water'], size: [0.005, 0.3] }, { liquid: ['mud'] }],
    refused: [
      share('strength'),
      [{ liquid: ['oil'] }, "liquid[0]: expected one of 'mud', 'water' but received 'oil'"],
      [{ liquid: [] }, 'liquid: expected a list of 1 or more'],
    ],
  }),
  of(superpixels, {
    cases: [{}, { replace: [1, 1], segments: [1, 10000] }],
    refused: [share('replace'), [{ segments: [0, 9] }, 'segments[0]: expected a whole number in 1..10000']],
  }),
];
