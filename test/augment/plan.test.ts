/** What recipes are lowered to: how many passes, what is refused, and that order is kept where it matters. */
import { describe, expect, it } from 'vitest';
import {
  affine,
  brightness,
  centerCrop,
  colorJitter,
  contrast,
  cutout,
  gaussianNoise,
  grayscale,
  horizontalFlip,
  hue,
  lower,
  normalize,
  ops,
  padCrop,
  parseRecipe,
  randomCrop,
  randomErasing,
  randomResizedCrop,
  randomRotate90,
  resize,
  type SampleOperator,
  saturation,
} from '../../src/augment/index.js';
import { BadSampleError, fold, keyOf, RxaugError, UsageError } from '../../src/core/index.js';
import { picture } from '../../src/testing/pictures.js';
import { render } from '../../src/testing/render.js';

const draw = (...operators: SampleOperator[]) =>
  operators.flatMap((o, i) => o.transform.draw(fold(keyOf(3), i), 0));
const passes = (...operators: SampleOperator[]) => lower(draw(...operators), 100, 80, ops()).passes.length;
const always = { p: 1 };

describe('a plan', () => {
  it('of the usual pipelines is one pass', () => {
    expect(passes(padCrop(4), horizontalFlip(always), normalize(), cutout(16))).toBe(1);
    expect(
      passes(
        randomResizedCrop(64),
        horizontalFlip(always),
        brightness(0.4),
        saturation(0.4),
        hue(0.1),
        normalize(),
        randomErasing(always),
      ),
    ).toBe(1);
    expect(
      passes(
        horizontalFlip(always),
        randomRotate90({ turns: [1] }),
        padCrop(4),
        brightness(0.2),
        grayscale(always),
      ),
    ).toBe(1);
    expect(
      passes(
        affine({ rotate: [9, 20] }),
        centerCrop(60),
        horizontalFlip(always),
        cutout(9),
        gaussianNoise(0.1),
      ),
    ).toBe(1);
    expect(passes(brightness(0.4), horizontalFlip(always), centerCrop(40), randomResizedCrop(30))).toBe(2);
    expect(passes()).toBe(1);
  });

  it('begins another where the whole image or a neighborhood is needed', () => {
    expect(passes(contrast(0.4))).toBe(1); // the mean of what was decoded
    expect(passes(brightness(0.4), contrast(0.4))).toBe(2);
    expect(passes(contrast(0.4), contrast(0.4))).toBe(2);
    expect(passes(resize(30), affine({ rotate: [9, 20] }))).toBe(2);
    expect(passes(affine({ rotate: [9, 20] }), resize(30))).toBe(2);
    expect(passes(cutout(8), horizontalFlip(always))).toBe(2); // a hole has a place, and would have to move
    expect(passes(brightness(0.4), padCrop(4))).toBe(2); // the border is not brightened
    expect(passes(brightness(0.4), padCrop({ padding: 4, border: 'reflect' }))).toBe(1);
  });

  it('leaves out steps without effect', () => {
    const idle = [
      brightness({ factor: [1, 1] }),
      contrast({ factor: [1, 1] }),
      saturation({ factor: [1, 1] }),
      hue({ shift: [0, 0] }),
      cutout(0),
      gaussianNoise(0),
      affine(),
      randomRotate90({ turns: [0] }),
      resize([80, 100]),
      colorJitter(),
    ];
    const plan = lower(draw(...idle), 100, 80, ops());
    expect(plan.passes.length).toBe(1);
    expect(plan.passes[0]?.steps).toEqual([]);
  });

  it('does not swap contrast and cropping, because contrast depends on the mean of its input', () => {
    const p = picture(40, 30, 9);
    const [c, crop] = [contrast({ factor: [0.5, 0.5] }), centerCrop(9)];
    const [first, last] = [render(draw(c, crop), p), render(draw(crop, c), p)];
    expect(Buffer.compare(Buffer.from(first.data), Buffer.from(last.data))).not.toBe(0);
  });

  it('does not brighten a border that came later, nor fill where a flip moves the hole', () => {
    const p = picture(20, 20, 1, 'flat');
    const pad = { op: 'padCrop', params: { x: -5, y: 0, border: 'constant', fill: [10, 20, 30] } };
    const bright = { op: 'brightness', params: { factor: 2 } };
    expect([...render([bright, pad], p).data.subarray(0, 3)]).toEqual([10, 20, 30]);
    expect([...render([pad, bright], p).data.subarray(0, 3)]).toEqual([20, 40, 60]);
    const hole = { op: 'cutout', params: { size: 4, at: [[0.1, 0.1]], fill: [1, 2, 3] } };
    const turn = { op: 'horizontalFlip', params: {} };
    const at = (x: number, recipe: (typeof hole)[]) => [...render(recipe, p).data.subarray(3 * x, 3 * x + 3)];
    expect(at(19, [hole, turn] as never)).toEqual([1, 2, 3]);
    expect(at(0, [turn, hole] as never)).toEqual([1, 2, 3]);
  });

  it('refuses pixels that move, colors that change and a second normalize after normalize', () => {
    for (const late of [
      horizontalFlip(always),
      resize(9),
      brightness(0.4),
      contrast(0.4),
      hue(0.2),
      gaussianNoise(0.1),
      normalize(),
    ]) {
      expect(() => passes(normalize(), late)).toThrow(RxaugError);
      expect(() => passes(normalize(), late)).toThrow(
        /^normalize: .+ follows it, but only erasing may; move normalize towards the end$/,
      );
    }
    expect(passes(normalize(), cutout(4), randomErasing(always))).toBe(1);
  });

  it('refuses fills that a byte cannot hold before normalize', () => {
    expect(() => passes(cutout({ size: 4, fill: -1 }))).toThrow(
      'fill: expected a color in 0..255 before normalize but received [-1,-1,-1]; put it after normalize',
    );
    expect(() => passes(randomErasing({ p: 1, fill: [0, 256, 0] }))).toThrow(RxaugError);
    expect(passes(normalize(), cutout({ size: 4, fill: -1 }))).toBe(1);
  });

  it('randomCrop of a smaller image is a BadSampleError that names both sizes', () => {
    expect(() => passes(randomCrop(81))).toThrow(BadSampleError);
    expect(() => passes(randomCrop(81))).toThrow(
      'randomCrop: expected an image of at least 81×81 but received 100×80; raise padding or resize first',
    );
    expect(passes(randomCrop({ size: 81, padding: 1 }))).toBe(1);
  });

  it('fills after normalize in the units of the batch', () => {
    const p = picture(6, 6, 2);
    const hole = draw(normalize(), cutout({ size: 50, fill: [-1, 0, 2.5] }));
    expect([...render(hole, p, { dtype: 'float32' }).data.subarray(0, 6)]).toEqual([-1, 0, 2.5, -1, 0, 2.5]);
    const planar = render(hole, p, { dtype: 'float32', layout: 'CHW' }).data;
    expect([planar[0], planar[36], planar[72]]).toEqual([-1, 0, 2.5]);
    const noise = render(
      draw(normalize(), randomErasing({ p: 1, scale: [0.9, 0.9], ratio: [1, 1], fill: 'noise' })),
      picture(64, 64, 2),
      {
        dtype: 'float32',
      },
    ).data;
    const covered = noise.filter((v) => Math.abs(v) > 2.7).length / noise.length;
    expect(covered).toBeGreaterThan(0.003); // N(0, 1) reaches where no pixel does: 0.0069 of it
    expect(covered).toBeLessThan(0.01);
  });
});

describe('parseRecipe', () => {
  const parse = (json: unknown) => () => parseRecipe(json, ops());
  it('fills in defaults and gives a recipe', () => {
    expect(parseRecipe('[{"op":"horizontalFlip"},{"op":"resize","params":{"size":8}}]', ops())).toEqual([
      { op: 'horizontalFlip', params: {} },
      { op: 'resize', params: { size: 8, keepRatio: false, interpolation: 'bilinear', antialias: true } },
    ]);
    expect(parseRecipe([], ops())).toEqual([]);
  });

  it.each<[unknown, string]>([
    ['horizontalFlip', 'recipe: expected JSON but received text that is not'],
    ['{}', 'recipe: expected a list, each an object { op, params } but received {}'],
    [null, 'recipe: expected a list'],
    [[3], 'recipe[0]: expected an object { op, params } but received 3'],
    [[{ op: 3 }], 'recipe[0].op: expected text but received 3'],
    [[{ op: 'horizontalFlip', parms: {} }], "recipe[0]: unknown option 'parms'; did you mean 'params'?"],
    [[{ op: 'flp' }], "unknown operator 'flp'; did you mean 'horizontalFlip'?"],
    [[{ op: 'constructor' }], "unknown operator 'constructor'"],
    [
      [{ op: 'horizontalFlip' }, { op: 'horizontalFlip', params: { x: 1 } }],
      "recipe[1] horizontalFlip: unknown option 'x'; there are none here",
    ],
    [
      [{ op: 'brightness', params: { factor: -1 } }],
      'recipe[0] brightness: factor: expected a number ≥ 0 but received -1',
    ],
    [
      [{ op: 'brightness', params: {} }],
      'recipe[0] brightness: factor: expected a number ≥ 0 but received nothing',
    ],
    [
      [{ op: 'padCrop', params: { x: 0.5, y: 0 } }],
      'recipe[0] padCrop: x: expected a whole number or an object { share, at } but received 0.5',
    ],
    [
      '[{"op":"brightness","params":{"factor":1e999}}]',
      'recipe[0] brightness: factor: expected a number ≥ 0 but received Infinity',
    ],
  ])('refuses %j', (json, said) => {
    expect(parse(json)).toThrow(UsageError);
    expect(parse(json)).toThrow(said);
  });

  it('every accepted recipe renders, with extreme numbers too', () => {
    const p = picture(9, 7, 4);
    for (const params of [
      { angle: 1e9, translate: [1e12, -1e12], scale: 1e-9, shear: [90, -90] },
      { angle: 45, translate: [0, 0], scale: 1e300, shear: [0, 0] },
      { angle: 0, translate: [1e300, 0], scale: 1e-300, shear: [89.999, 0] },
    ]) {
      for (const border of ['constant', 'edge', 'reflect']) {
        for (const interpolation of ['nearest', 'bilinear']) {
          const recipe = parseRecipe([{ op: 'affine', params: { ...params, border, interpolation } }], ops());
          expect(render(recipe, p).data.length).toBe(9 * 7 * 3);
        }
      }
    }
    const hole = parseRecipe([{ op: 'cutout', params: { size: 1e6, at: [[-3, 9]], fill: 3 } }], ops());
    expect(render(hole, p).data.length).toBe(9 * 7 * 3);
  });
});
