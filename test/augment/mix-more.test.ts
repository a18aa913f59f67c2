/** Batch transforms beyond mixup and cutmix: each pixel comes from where the targets say it does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH_TRANSFORMS, batchOps, maskOf } from '../../src/augment/index.js';
import { type Draw, keyOf } from '../../src/core/index.js';

const registry = batchOps();
const [W, H] = [12, 9];

/** Image i is i + 1 everywhere, its target one-hot at i: what a pixel holds tells whose it is. */
function make(size: number, layout: 'HWC' | 'CHW', bytes = false) {
  const values = Array.from({ length: size * 3 * W * H }, (_, p) => Math.floor(p / (3 * W * H)) + 1);
  const data = bytes ? Uint8Array.from(values) : Float32Array.from(values);
  const soft = new Float32Array(size * size);
  for (let i = 0; i < size; i++) soft[i * size + i] = 1;
  return { pixels: { data, size, width: W, height: H, layout }, soft };
}

function apply(draws: readonly Draw[], { pixels, soft }: ReturnType<typeof make>) {
  for (const { op, params } of draws) {
    registry.get(op).apply(params, pixels);
    registry.get(op).targets(params, soft, pixels);
  }
}

const swapping = BATCH_TRANSFORMS.filter(({ op }) =>
  ['cutmix', 'fmix', 'mosaic', 'resizeMix'].includes(op.name),
);

describe('batch transforms', () => {
  for (const transform of BATCH_TRANSFORMS) {
    it(`${transform.op.name}: keyed, JSON, both layouts alike, any size`, () => {
      fc.assert(
        fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 9 }), (seed, size) => {
          const context = { size, width: W, height: H, progress: 0 };
          const draws = transform({}).draw(keyOf(seed), context);
          expect(transform({}).draw(keyOf(seed), context)).toEqual(draws);
          const replayed = (JSON.parse(JSON.stringify(draws)) as Draw[]).map(({ op, params }) => ({
            op,
            params: registry.get(op).params.parse(params) as Draw['params'],
          }));
          const [a, b] = [make(size, 'HWC'), make(size, 'CHW')];
          apply(draws, a);
          apply(replayed, b);
          expect(b.soft).toEqual(a.soft);
          for (let i = 0; i < a.pixels.data.length; i++) {
            const [row, p] = [Math.floor(i / (3 * W * H)), i % (3 * W * H)];
            const [c, q] = [p % 3, Math.floor(p / 3)];
            expect(b.pixels.data[row * 3 * W * H + c * W * H + q]).toBe(a.pixels.data[i]);
          }
          for (let i = 0; i < size; i++) {
            expect(a.soft.subarray(i * size, (i + 1) * size).reduce((x, y) => x + y, 0)).toBeCloseTo(1, 5);
          }
        }),
        { numRuns: 30 },
      );
    });
  }

  for (const transform of swapping) {
    it(`${transform.op.name}: targets are shares of pixels`, () => {
      fc.assert(
        fc.property(fc.nat(1e6), fc.integer({ min: 4, max: 8 }), (seed, size) => {
          const made = make(size, 'HWC', true);
          apply(transform({}).draw(keyOf(seed), { size, width: W, height: H, progress: 0 }), made);
          for (let i = 0; i < size; i++) {
            for (let k = 0; k < size; k++) {
              let count = 0;
              for (let p = 0; p < W * H; p++) if (made.pixels.data[(i * W * H + p) * 3] === k + 1) count++;
              expect(made.soft[i * size + k]).toBeCloseTo(count / (W * H), 5);
            }
          }
        }),
        { numRuns: 30 },
      );
    });
  }

  it('fmix: the mask has its share and is smooth', () => {
    for (let seed = 0; seed < 10; seed++) {
      const mask = maskOf({ lambda: 0.3, decay: 3, seed: [seed, 1] }, 32, 32);
      expect(mask.reduce((sum, m) => sum + m, 0)).toBe(Math.round(0.3 * 1024));
      let edges = 0;
      for (let p = 0; p < 1024; p++) if (p % 32 < 31 && mask[p] !== mask[p + 1]) edges++;
      expect(edges).toBeLessThan(150); // white noise of this share has about 417
    }
  });
});
