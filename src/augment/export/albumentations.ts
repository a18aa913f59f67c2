/**
 * The transforms as those of albumentations (2.0.8, its last version). Some of its parameters are surprising: OneOf uses
 * the p of its members as weights, RandomScale adds 1, RGBShift divides values above 1 by 255, ColorJitter changes what is
 * not given, angles are counter-clockwise, CoarseDropout treats 1 as one pixel.
 */
import { COLOR } from './albumentations-color.js';
import { GEOMETRY } from './albumentations-geometry.js';
import { call, code, type Nested, type Py, tuple } from './python.js';
import { cannot, type Table, type Target, withOdds } from './scribe.js';

const TABLE: Table = {
  ...GEOMETRY,
  ...COLOR,
  normalize(o, scribe) {
    if (o.p !== 1)
      cannot('normalize', 'with a probability it would change the type of some images only', 'use p 1');
    scribe.normalized = true;
    return call('A.Normalize', [], {
      mean: tuple(...o.mean),
      std: tuple(...o.std),
      max_pixel_value: 255,
      p: 1,
    });
  },

  oneOf: ({ of }, scribe) => call('A.OneOf', [scribe.each(of).map(certain)], { p: 1 }),
  weightedOneOf(o, scribe) {
    const { of, weights } = withOdds(o);
    const highest = Math.max(...weights);
    const odds = weights.map((w) => (highest <= 1 ? w : w === highest ? 1 : code(`${w} / ${highest}`)));
    return call('A.OneOf', [scribe.each(of).map((step, i) => withP(certain(step), odds[i] as Py))], { p: 1 });
  },
  someOf: ({ n, of }, scribe) =>
    n === 0 ? [] : call('A.RandomOrder', [scribe.each(of)], { n, replace: false, p: 1 }),
  randomApply({ p, of }, scribe) {
    const inner = scribe.chain(of);
    return inner.length === 0 ? [] : p === 1 ? inner : call('A.Sequential', [inner], { p });
  },
  ...refused({
    cutout: ['albumentations keeps holes inside the image', 'use coarseDropout'],
    randomErasing: ['albumentations draws areas and ratios otherwise', 'use coarseDropout'],
    perspective: ['albumentations draws normal numbers for the corners', 'use affine'],
    safeRotate: ['albumentations stretches the image to its frame', 'use rotate'],
    sharpness: ['albumentations sharpens by another kernel', 'leave it out, or export to torchvision'],
    solarizeAdd: ['albumentations adds to no part of the values', 'export to torchvision'],
    hueSaturationValue: ['albumentations adds where this multiplies', 'use colorJitter'],
    equalize: [
      "albumentations' mode 'pil' turns a black background white, and 'cv' spreads otherwise",
      'use autocontrast',
    ],
    clahe: ['albumentations equalizes the L of Lab, this the luma', 'use equalize'],
    ...Object.fromEntries(
      [
        ...['randAugment', 'trivialAugment', 'uniformAugment', 'autoAugment', 'augMix'],
        ...['timmRandAugment', 'timmAutoAugment', 'timmAugMix'],
      ].map((policy) => [policy, ['albumentations has no such policy', 'export to torchvision'] as const]),
    ),
  }),
};

function refused(reasons: Readonly<Record<string, readonly [why: string, instead: string]>>): Table {
  return Object.fromEntries(
    Object.entries(reasons).map(([op, [why, instead]]) => [op, () => cannot(op, why, instead)]),
  );
}

/** A member's own p would be its odds in OneOf: a sequence of probability 1 keeps it within. */
function certain(step: Py): Nested {
  const one = typeof step === 'object' && step !== null && 'items' in step;
  const always = one && step.items.some(({ name, value }) => name === 'p' && value === 1);
  return always ? step : call('A.Sequential', [[step]], { p: 1 });
}

/** The same step with another p: its odds within OneOf, which applies what it has chosen always. */
const withP = (step: Nested, p: Py): Nested => ({
  ...step,
  items: step.items.map((item) => (item.name === 'p' ? { name: 'p', value: p } : item)),
});

export const ALBUMENTATIONS: Target = {
  name: 'albumentations',
  table: TABLE,
  row: (steps) => call('A.Sequential', [steps], { p: 1 }),
  nothing: call('A.NoOp', [], { p: 1 }),
};
