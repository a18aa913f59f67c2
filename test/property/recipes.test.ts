/**
 * Random recipes of up to twelve draws over random pictures: fused on the SIMD kernels they give the bytes that
 * a pass for every draw gives on the plain ones, before and after a trip through JSON, and the same bytes and targets
 * for any number of workers.
 */
import fc from 'fast-check';
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { cutout, normalize, ops, parseRecipe, randomErasing } from '../../src/augment/index.js';
import { BadSampleError, type Draw, fold, keyOf, type Recipe } from '../../src/core/index.js';
import { batch, samples } from '../../src/stream/index.js';
import { picture } from '../../src/testing/pictures.js';
import { type Picture, render, same } from '../../src/testing/render.js';
import { SUBJECTS } from '../augment/subjects.js';
import { all } from '../stream/make.js';

const POOL = SUBJECTS.filter(({ last }) => !last).flatMap(({ factory, cases = [{}] }) =>
  cases.map((options) => factory({ p: 1, ...options }).transform),
);
const AFTER = [cutout({ size: 5, fill: [-1, 0, 2.5] }), randomErasing({ p: 1, fill: 'noise' })];

const recipes = fc
  .array(fc.tuple(fc.nat(POOL.length - 1), fc.nat()), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.flatMap(([which, seed], i) => POOL[which]!.draw(fold(keyOf(seed), i), 0.5)));
const images = fc
  .tuple(
    fc.integer({ min: 1, max: 56 }),
    fc.integer({ min: 1, max: 56 }),
    fc.nat(1e6),
    fc.constantFrom('texture', 'noise', 'edges', 'flat'),
  )
  .map(([width, height, seed, kind]) => picture(width, height, seed, kind as 'texture'));

/** The render, or the complaint about a picture that is too small. */
function attempt(recipe: Recipe, p: Picture, options: Parameters<typeof render>[2]) {
  try {
    return render(recipe, p, options);
  } catch (error) {
    if (error instanceof BadSampleError) return error.message;
    throw error;
  }
}

const check = (recipe: Recipe, p: Picture, dtype: 'uint8' | 'float32') => {
  const fused = attempt(recipe, p, { dtype });
  const alone = attempt(recipe, p, { dtype, fuse: false });
  const back = attempt(parseRecipe(JSON.stringify(recipe), ops()), p, { dtype, layout: 'HWC' });
  if (typeof fused === 'string' || typeof alone === 'string' || typeof back === 'string') {
    expect([alone, back]).toEqual([fused, fused]);
    return;
  }
  expect([alone.width, alone.height]).toEqual([fused.width, fused.height]);
  expect(fused.passes).toBeLessThanOrEqual(alone.passes);
  expect(same(fused.data, alone.data)).toBe(true);
  expect(same(fused.data, back.data)).toBe(true);
};

describe('random recipes', () => {
  it('uint8: fused = unfused = replayed', () => {
    fc.assert(
      fc.property(recipes, images, (recipe, p) => check(recipe, p, 'uint8')),
      { numRuns: 400, seed: 17 },
    );
  });

  it('float32, normalized, erased: fused = unfused = replayed', () => {
    fc.assert(
      fc.property(recipes, images, fc.nat(), (recipe, p, seed) => {
        const after = [normalize(), ...AFTER].flatMap((t, i) => t.transform.draw(fold(keyOf(seed), i), 0));
        check([...recipe, ...after] as Draw[], p, 'float32');
      }),
      { numRuns: 200, seed: 18 },
    );
  });

  it('a prefix of a recipe renders like the same recipe without the rest', () => {
    fc.assert(
      fc.property(recipes, images, fc.nat(11), (recipe, p, at) => {
        const [head, tail] = [recipe.slice(0, at), recipe.slice(at)];
        const first = attempt(head, p, {});
        if (typeof first === 'string') return;
        const middle = { ...first, data: first.data as Uint8Array };
        const [two, one] = [attempt(tail, middle, {}), attempt(recipe, p, {})];
        if (typeof two === 'string' || typeof one === 'string') expect(two).toEqual(one);
        else expect(same(two.data, one.data)).toBe(true);
      }),
      { numRuns: 150, seed: 19 },
    );
  });
});

describe('random recipes in a stream', () => {
  /** A sample of an item with a mask, a box and keypoints, and with these draws. */
  const streamed = (recipe: Recipe, p: Picture) => {
    const { width, height } = p;
    const item = (i: number) => ({
      id: `s${i}`,
      label: 0,
      image: { kind: 'pixels', ...p, channels: 3 } as const,
      targets: {
        mask: {
          kind: 'pixels',
          data: new Uint8Array(width * height).fill(7),
          width,
          height,
          channels: 1,
        } as const,
        boxes: { format: 'voc' as const, items: [{ box: [0, 0, width, height] as const, label: 1 }] },
        keypoints: { items: [{ x: width / 2, y: height / 2 }] },
      },
    });
    return samples({ name: 'made', classes: ['a'], length: 3, item }).pipe(map((s) => s.drawn(recipe)));
  };

  it('the same bytes and targets for any number of workers; what lies on the image stays in it', async () => {
    let [seen, left] = [0, 0];
    await fc.assert(
      fc.asyncProperty(recipes, images, async (recipe, p) => {
        const told = [];
        for (const workers of [0, 1, 2]) {
          const stream = streamed(recipe, p).pipe(batch(3, { workers, maxBad: 1, dtype: 'uint8' }));
          const [one] = await all(stream).catch((error: Error) => [error]);
          if (!one || one instanceof Error) {
            told.push(one?.message);
            continue;
          }
          const { images: bytes, masks: { mask } = {}, targets = [], width, height } = one;
          expect(targets).toHaveLength(3);
          for (const { boxes = [], keypoints = [] } of targets) {
            left += boxes.length;
            for (const { box } of boxes) {
              const [x0, y0, x1, y1] = box;
              expect(0 <= x0 && x0 < x1 && x1 <= width && 0 <= y0 && y0 < y1 && y1 <= height).toBe(true);
            }
            for (const { x, y, visible } of keypoints)
              expect(visible && !(x >= 0 && x <= width && y >= 0 && y <= height)).toBe(false);
          }
          expect(mask).toHaveLength(3 * width * height);
          expect([...new Set(mask)].every((v) => v === 7 || v === 0)).toBe(true);
          seen++;
          told.push(Buffer.from(bytes as Uint8Array).toString('base64'), [...(mask as Uint8Array)], targets);
        }
        const third = told.length / 3;
        for (const i of [1, 2]) expect(told.slice(i * third, (i + 1) * third)).toEqual(told.slice(0, third));
      }),
      { numRuns: 40, seed: 23 },
    );
    expect(seen).toBeGreaterThan(60);
    expect(left).toBeGreaterThan(60);
  });
});
