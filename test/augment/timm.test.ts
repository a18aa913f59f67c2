/** timm's policies as strings: operations, scales, probabilities and pixels are those of timm's own source. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  Engine,
  lower,
  ops,
  parseRecipe,
  pipelineFromJson,
  pipelineToJson,
  policy,
  randAugment,
  timmAugMix,
  timmAutoAugment,
  timmRandAugment,
} from '../../src/augment/index.js';
import { TIMM_OPS } from '../../src/augment/policies/timm/ops.js';
import { INCREASING, MIXED, PLAIN, SETS, SUB_POLICIES } from '../../src/augment/policies/timm/tables.js';
import { type Draw, Draws, fold, keyOf, linear } from '../../src/core/index.js';

interface Summary {
  readonly images: number;
  /** How many images had 0, 1, 2, … operations. */
  readonly lengths: readonly number[];
  readonly ops: Readonly<Record<string, { readonly count: number; readonly quantiles?: readonly number[] }>>;
  readonly width?: number;
  /** Quantiles of the share that the image itself has in a mix. */
  readonly weights?: readonly number[];
}
const golden = JSON.parse(readFileSync(new URL('../golden/policies/timm.json', import.meta.url), 'utf8')) as {
  width: number;
  height: number;
  image: string;
  tables: { policies: Record<string, unknown>; sets: Record<string, readonly string[] | object> };
  levels: Record<string, [magnitude: number, negative: boolean, ...args: number[]][]>;
  strings: Record<string, Summary>;
  pixels: { op: string; magnitude: number; negative: boolean; pixels: string }[];
};
const look = { interpolation: 'bilinear', fill: [128, 128, 128], translate: 0.45 } as const;
const registry = ops();

/** A cursor whose next sign is the one expected. */
function signed(negative: boolean): Draws {
  for (let i = 0; ; i++) if (new Draws(keyOf(i)).chance(0.5) === negative) return new Draws(keyOf(i));
}
const drawn = (op: string, magnitude: number, negative = false): Draw =>
  TIMM_OPS[op]!(magnitude / 10, signed(negative), look);

type Params = Record<string, number> & { translate: [number, number] };
/** Which operation of timm's a draw stands for, and timm's argument of it. */
function call({ op, params }: Draw): [name: string, value?: number] {
  const p = params as unknown as Params;
  switch (op) {
    case 'rotate':
      return ['Rotate', 0 - p.angle!];
    case 'shear':
      return p.x === 0 ? ['ShearY', p.y] : ['ShearX', p.x];
    case 'affine':
      return p.translate[0] === 0 ? ['TranslateY', 0 - p.translate[1]] : ['TranslateX', 0 - p.translate[0]];
    case 'posterize':
      return ['Posterize', p.bits];
    case 'solarize':
      return ['Solarize', p.threshold];
    case 'solarizeAdd':
      return ['SolarizeAdd', p.add];
    case 'gaussianBlur':
      return ['GaussianBlur', p.sigma];
    case 'autocontrast':
      return ['AutoContrast'];
    default:
      return 'factor' in params
        ? [op === 'saturation' ? 'Color' : `${op[0]!.toUpperCase()}${op.slice(1)}`, p.factor]
        : [`${op[0]!.toUpperCase()}${op.slice(1)}`];
  }
}

/** Fewer bits than none and more than eight are what none and eight are. */
const possible = (op: string, value: number): number =>
  op.startsWith('Posterize') ? Math.min(8, Math.max(0, value)) : value;

describe("timm's operations", () => {
  it('row 10: are all that its strings can name', () => {
    expect(Object.keys(TIMM_OPS).sort()).toEqual(Object.keys(golden.levels).sort());
    const { policies, sets } = golden.tables;
    expect(SUB_POLICIES).toEqual(policies);
    expect([PLAIN, INCREASING, MIXED]).toEqual([sets.plain, sets.increasing, sets.mixed]);
    expect(SETS['3a'].names).toEqual(sets['3a']);
    for (const name of ['3aw', 'weights'] as const) {
      const { names, weights } = SETS[name];
      expect(Object.fromEntries(names.map((op, i) => [op, weights![i]]))).toEqual(sets[name]);
    }
  });

  for (const [op, rows] of Object.entries(golden.levels).filter(([op]) => op !== 'GaussianBlurRand')) {
    it(`row 10: ${op} has timm's argument at every magnitude and sign`, () => {
      for (const [magnitude, negative, ...args] of rows) {
        const [, value] = call(drawn(op, magnitude, negative));
        const expected = args.map((value) => possible(op, value));
        expect([value ?? []].flat()).toHaveLength(expected.length);
        if (value !== undefined) expect(value, `${magnitude}`).toBeCloseTo(expected[0]!, 9);
        expect(Object.is(value, -0)).toBe(false);
      }
    });
  }

  const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));
  const engine = new Engine();
  const { width, height } = golden;
  for (const { op, magnitude, negative, pixels } of golden.pixels) {
    it(`row 10: ${op} ${negative ? '−' : ''}${magnitude} makes timm's pixels`, () => {
      const recipe = parseRecipe(JSON.stringify([drawn(op, magnitude, negative)]), registry);
      const data = new Uint8Array(3 * width * height);
      engine.run(
        lower(recipe, width, height, registry),
        { data: bytes(golden.image), width, height },
        { data, width, height, dtype: 'uint8', layout: 'HWC' },
      );
      const theirs = bytes(pixels);
      const off = data.filter((v, i) => Math.abs(v - theirs[i]!) > LEVELS(op)).length / data.length;
      expect(off).toBeLessThan(MOVED.test(op) ? 0.07 : op === 'GaussianBlur' ? 0.005 : 1e-9);
    });
  }
});

/**
 * Along the rim of what was moved ours blends with the color outside, and Pillow does not: one line of pixels a side.
 * Everything else is within a level.
 */
const MOVED = /^(Rotate|Shear|Translate)/;
/** Pillow approximates a Gaussian by three box filters, and repeats the edge where ours mirrors it. */
const LEVELS = (op: string): number => (op === 'GaussianBlur' ? 9 : 1);

const N = 4000;
const recipes = (text: string) =>
  Array.from({ length: N }, (_, i) => policy(text).transform.draw(fold(keyOf(i), 5), 0.5));

/** Within 4.5 standard deviations of the difference of two counts. */
const near = (ours: number, theirs: number, of: number, what: string) => {
  const p = (ours + theirs) / (2 * of);
  expect(Math.abs(ours - theirs), `${what}: ${ours} and ${theirs} of ${of}`).toBeLessThanOrEqual(
    4.5 * Math.sqrt(2 * of * p * (1 - p)) + 1e-9,
  );
};
/** Ranks of one sample's quantiles in the other (Kolmogorov and Smirnov). */
function alike(ours: readonly number[], quantiles: readonly number[], what: string): void {
  const slack = 4 / Math.sqrt(ours.length);
  const share = (test: (v: number) => boolean) => ours.filter(test).length / ours.length;
  const tiny = 1e-4 * Math.max(1, ...quantiles.map(Math.abs));
  quantiles.forEach((value, i) => {
    const rank = i / (quantiles.length - 1);
    expect(
      share((v) => v < value - tiny),
      `${what}: below ${value}`,
    ).toBeLessThanOrEqual(rank + slack);
    expect(
      share((v) => v <= value + tiny),
      `${what}: up to ${value}`,
    ).toBeGreaterThanOrEqual(rank - slack);
  });
}

describe("timm's strings", () => {
  for (const [text, { images, lengths, ops, weights, width = 1 }] of Object.entries(golden.strings)) {
    it(`row 10: ${text} draws what timm draws, as often and as strongly`, () => {
      const all = recipes(text);
      const chains = weights ? all.flatMap(([draw]) => (draw!.params.branches as Draw[][]).slice(1)) : all;
      expect(chains).toHaveLength(images);
      const longest = Math.max(lengths.length, ...chains.map(({ length }) => length + 1));
      for (let n = 0; n < longest; n++) {
        const ours = chains.filter(({ length }) => length === n).length;
        near(ours, lengths[n] ?? 0, images, `images of ${n} operations`);
      }
      const calls = chains.flat().map(call);
      expect([...new Set(calls.map(([name]) => name))].sort()).toEqual(Object.keys(ops).sort());
      for (const [name, { count, quantiles }] of Object.entries(ops)) {
        const values = calls.filter((one) => one[0] === name).map(([, value]) => value);
        near(values.length, count, images * Math.max(1, lengths.length - 1), name);
        if (quantiles)
          alike(
            values as number[],
            quantiles.map((value) => possible(name, value)),
            name,
          );
      }
      if (weights) {
        const shares = all.map(([draw]) => (draw!.params.weights as number[])[0]!);
        expect(all.every(([draw]) => (draw!.params.branches as Draw[][]).length === width + 1)).toBe(true);
        alike(shares, weights, 'share of the image');
      }
    });
  }

  it('row 10: rand-m9-n2-mstd0.5-inc1 applies 1.0 operations an image, each at p = 0.5', () => {
    const mean = (all: readonly (readonly Draw[])[]) => all.flat().length / all.length;
    const timm = recipes('rand-m9-n2-mstd0.5-inc1');
    expect(mean(timm)).toBeCloseTo(1, 1);
    for (const [n, share] of [0.25, 0.5, 0.25].entries())
      near(timm.filter(({ length }) => length === n).length, share * N, N, `${n}`);
    expect(mean(recipes('rand-m9-n2-p1'))).toBe(2);
    expect(mean(recipes('rand-m9-n2-p0'))).toBe(0);
    // torchvision has no such p: one operation of its fourteen is the identity.
    const { transform } = randAugment();
    const torchvision = Array.from({ length: N }, (_, i) => transform.draw(keyOf(i), 0));
    expect(mean(torchvision)).toBeCloseTo((2 * 13) / 14, 1);
  });

  it.each([
    ['rand-m9-n3', timmRandAugment({ m: 9, n: 3 })],
    ['rand', timmRandAugment({ m: 10, n: 2, chance: 0.5, increasing: false })],
    ['rand-inc1-p0.25', timmRandAugment({ increasing: true, chance: 0.25 })],
    ['rand-mstd100-mmax12', timmRandAugment({ deviation: 100, max: 12 })],
    ['rand-mstd101', timmRandAugment({ deviation: 'uniform' })],
    ['rand-t3aw', timmRandAugment({ set: '3aw' })],
    ['original-mstd0.5', timmAutoAugment({ policy: 'original', deviation: 0.5 })],
    ['v0-mstd200', timmAutoAugment({ deviation: 200 })],
    ['augmix', timmAugMix({ m: 3, width: 3, depth: 'random', alpha: 1, deviation: 'uniform' })],
    ['augmix-m5-w4-d2', timmAugMix({ m: 5, width: 4, depth: 2 })],
    ['augmix-mstd0-a0.5-b1-d0', timmAugMix({ deviation: 0, alpha: 0.5 })],
  ])('row 10: %s is the operator with those options, and comes back from JSON', (text, operator) => {
    const json = pipelineToJson([policy(text)]);
    expect(json).toEqual(pipelineToJson([operator]));
    const [back] = pipelineFromJson(JSON.stringify(json)).transforms;
    for (let i = 0; i < 50; i++)
      expect(back!.transform.draw(keyOf(i), 0)).toEqual(operator.transform.draw(keyOf(i), 0));
  });

  it('row 10: follow schedules, and draw what survives JSON', () => {
    const rising = timmRandAugment({ n: 1, chance: 1, m: linear(0, 10), set: '3a' }).transform;
    const blurs = (progress: number) =>
      Array.from({ length: 60 }, (_, i) => rising.draw(keyOf(i), progress)[0]!)
        .filter(({ op }) => op === 'gaussianBlur')
        .map(({ params }) => params.sigma as number);
    for (const sigma of blurs(0)) expect(sigma).toBeCloseTo(0.1, 9);
    for (const sigma of blurs(1)) expect(sigma).toBeCloseTo(2, 9);
    for (const text of Object.keys(golden.strings)) {
      const recipe = recipes(text).slice(0, 100).flat();
      expect(parseRecipe(JSON.stringify(recipe), registry)).toEqual(recipe);
    }
  });

  it.each([
    ['rand-w0', /timm removed the key w of rand, in 'rand-w0'; write tweights/],
    ['rand-q4', /expected parts mNUMBER, nNUMBER, pNUMBER.*tSET but received 'q4' in 'rand-q4'/],
    ['rand-foo', /received 'foo' in 'rand-foo'/],
    ['rand-m', /received 'm' in 'rand-m'/],
    ['rand-m9-m5', /expected m once but received it twice in 'rand-m9-m5'/],
    ['rand-t3a-tweights', /expected t once but received it twice/],
    ['rand-tall', /expected t to name one of 3a, 3aw, weights but received 'all'/],
    ['rand-m9.5', /m in 'rand-m9.5': expected a whole number in 0..100 but received/],
    ['rand-n1.5', /n in 'rand-n1.5': expected a whole number in 0..32/],
    ['rand-p1.5', /p in 'rand-p1.5': expected a number in 0..1 /],
    ['rand-mstdinf', /received 'mstdinf'/],
    ['rand-mmax0', /mmax in 'rand-mmax0': expected a whole number in 1..30/],
    ['rand-mmax40', /mmax in 'rand-mmax40': expected a whole number in 1..30/],
    ['rand-inc2', /inc in 'rand-inc2': expected a whole number in 0..1/],
    ['rand-n15-t3aw', /expected n in 0..14 but received 15, and '3aw' repeats no operation; lower n/],
    ['original-m9', /expected parts mstdNUMBER but received 'm9' in 'original-m9'/],
    ['v1', /unknown policy 'v1'; did you mean 'v0'/],
    ['augmix-n2', /expected parts mNUMBER, wNUMBER, dNUMBER, aNUMBER, bNUMBER, mstdNUMBER but received 'n2'/],
    ['augmix-a0', /a in 'augmix-a0': expected a number in 0.001..100/],
    ['augmix-d-1', /received 'd' in 'augmix-d-1'/],
    ['uniform-n2-n3', /expected n once but received it twice/],
  ])('row 10: %s is refused in one sentence', (text, sentence) => {
    expect(() => policy(text)).toThrow(sentence);
  });
});
