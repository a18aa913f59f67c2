/** The SIMD engine and its plain twin give the same bytes, whatever the recipe, size, dtype and layout. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Engine, Executor, lower, ops, TRANSFORMS } from '../../src/augment/index.js';
import { type Draw, Draws, type Dtype, fold, keyOf, type Layout, tag } from '../../src/core/index.js';
import { requiredOptions } from '../required-options.js';

const registry = ops();
const engine = new Engine();
const executor = new Executor();

function image(seed: number, width: number, height: number): Uint8Array {
  const draws = new Draws(keyOf(seed));
  const data = new Uint8Array(3 * width * height);
  const [a, b, c] = [draws.uniform(0.01, 0.5), draws.uniform(0.01, 0.5), draws.uniform(1, 60)];
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    data[i] = 128 + 90 * Math.sin(a * x + b * y + (i % 3)) + draws.uniform(-c, c);
  }
  return data;
}

function render(
  which: Engine | Executor,
  recipe: Draw[],
  data: Uint8Array,
  width: number,
  height: number,
  dtype: Dtype,
  layout: Layout,
) {
  const plan = lower(recipe, width, height, registry);
  const values = 3 * plan.width * plan.height;
  const out = dtype === 'uint8' ? new Uint8Array(values) : new Float32Array(values);
  const target = { data: out, width: plan.width, height: plan.height, dtype, layout };
  which.run(plan, { data: Uint8Array.from(data), width, height }, target);
  return out;
}

/** Bytes, not values: comparing arrays by element takes most of a test's time. */
function same(a: Uint8Array | Float32Array, b: Uint8Array | Float32Array): boolean {
  return Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
}

const side = fc.integer({ min: 1, max: 70 });

describe('Engine', () => {
  for (const factory of TRANSFORMS) {
    const { name } = factory.spec;
    it(`equals the plain executor: ${name}`, () => {
      fc.assert(
        fc.property(
          fc.nat(1e6),
          side,
          side,
          fc.double({ min: 0, max: 1, noNaN: true }),
          (seed, width, height, strength) => {
            const options = factory.spec.magnitude?.(strength) ?? {};
            const sized =
              name === 'randomCrop'
                ? { size: [height, Math.ceil(width / 2)], padding: 2 }
                : (requiredOptions(name, seed) ?? options);
            const transform = (
              factory as (o: object) => { transform: { draw(k: object, p: number): Draw[] } }
            )({ ...sized, p: 1 }).transform;
            const recipe = transform.draw(fold(keyOf(seed), tag(name)), 0);
            const data = image(seed, width, height);
            for (const [dtype, layout] of [
              ['float32', 'HWC'],
              ['float32', 'CHW'],
              ['uint8', 'HWC'],
              ['uint8', 'CHW'],
            ] as const) {
              if (dtype === 'uint8' && name === 'normalize') continue;
              const ours = render(engine, recipe, data, width, height, dtype, layout);
              expect(same(ours, render(executor, recipe, data, width, height, dtype, layout))).toBe(true);
            }
          },
        ),
        { numRuns: 25 },
      );
    });
  }

  it('equals it for long recipes', () => {
    const pool = TRANSFORMS.filter(({ spec }) => !['normalize', 'randomCrop'].includes(spec.name));
    fc.assert(
      fc.property(
        fc.nat(1e6),
        side,
        side,
        fc.array(fc.nat(pool.length - 1), { maxLength: 12 }),
        (seed, width, height, picks) => {
          const recipe = picks.flatMap((pick, i) => {
            const factory = pool[pick] as (typeof pool)[number];
            const sized = requiredOptions(factory.spec.name, seed + 8) ?? {};
            return (factory as (o: object) => { transform: { draw(k: object, p: number): Draw[] } })({
              ...sized,
              p: 1,
            }).transform.draw(fold(keyOf(seed), i), 0.5);
          });
          const data = image(seed, width, height);
          const ours = render(engine, recipe, data, width, height, 'float32', 'HWC');
          expect(same(ours, render(executor, recipe, data, width, height, 'float32', 'HWC'))).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});
