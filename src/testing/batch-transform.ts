import assert from 'node:assert/strict';
import type { BatchPixels, BoundBatchTransform, MixLayers } from '../augment/index.js';
import { type Draw, Draws, fold, type Key, keyOf, linear } from '../core/index.js';
import type { Check } from './check.js';
import { same } from './render.js';
import { refuses } from './transform.js';

/** A batch transform to check, with options to accept and options to refuse. */
export interface BatchTransformSubject {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: factories differ in their options
  readonly bind: (options?: any) => BoundBatchTransform;
  readonly cases: readonly Record<string, unknown>[];
  readonly refused: readonly (readonly [options: unknown, complaint: string])[];
}

const KEYS = Array.from({ length: 12 }, (_, i) => fold(keyOf(31), i));

/** A made batch: pixels and targets. */
export interface MadeBatch extends BatchPixels {
  /** [B, K], some of them soft. */
  readonly soft: Float32Array;
  readonly classes: number;
}

/**
 * A batch of noise for tests: pixels in [−2, 2) as float32, or 0..255 as uint8, and soft targets.
 *
 * @param key decides the numbers
 * @param options `size` (default 6), `height` 7, `width` 10, `classes` 5, `dtype` 'float32', `layout` 'HWC'
 *
 * @example
 * makeBatch(keyOf(0)).data.length // → 1260
 */
export function makeBatch(
  key: Key,
  { size = 6, height = 7, width = 10, classes = 5, dtype = 'float32', layout = 'HWC' } = {},
): MadeBatch {
  const draws = new Draws(key);
  const values = size * height * width * 3;
  const data = dtype === 'uint8' ? new Uint8Array(values) : new Float32Array(values);
  for (let i = 0; i < values; i++) data[i] = dtype === 'uint8' ? draws.int(256) : draws.uniform(-2, 2);
  const soft = new Float32Array(size * classes);
  for (let i = 0; i < size; i++) {
    const share = i % 3 === 0 ? 1 : 0.75;
    soft[i * classes + draws.int(classes)]! += share;
    soft[i * classes + draws.int(classes)]! += 1 - share;
  }
  return { data, soft, size, height, width, classes, layout: layout as 'HWC' | 'CHW' };
}

/**
 * Applies draws to a batch, pixels and targets, in place.
 *
 * @throws AssertionError if a draw belongs to no op of the transform
 *
 * @example
 * const black = defineBatchTransform({
 *   name: 'black',
 *   options: z.strictObject({}),
 *   params: z.strictObject({}),
 *   draw: () => ({}),
 *   apply: (_, { data }) => void data.fill(0),
 *   targets: () => undefined,
 * });
 * const made = makeBatch(keyOf(0));
 * applyAll(black(), [{ op: 'black', params: {} }], made);
 * made.data.every((value) => value === 0) // → true
 */
export function applyAll(transform: BoundBatchTransform, draws: readonly Draw[], batch: MadeBatch): void {
  for (const { op, params } of draws) {
    const found = transform.ops.find(({ name }) => name === op);
    assert.ok(found, `the draw of '${op}' has no op`);
    found.apply(params, batch);
    found.targets(params, batch.soft, batch);
  }
}

/**
 * The contract of a batch transform as a list of checks, for any test runner: draws are plain JSON that replay to the same
 * bytes and depend on the key alone; each row has at most one partner; targets stay distributions; layouts agree; a batch
 * of one and `p: 0` change nothing.
 *
 * @example
 * const black = defineBatchTransform({
 *   name: 'black',
 *   options: z.strictObject({}),
 *   params: z.strictObject({}),
 *   draw: () => ({}),
 *   apply: (_, { data }) => void data.fill(0),
 *   targets: () => undefined,
 * });
 * const checks = batchTransformContract({ name: 'black', bind: black, cases: [{}], refused: [] });
 * // for (const { name, run } of checks) test(name, run);
 */
export function batchTransformContract({ name, bind, cases, refused }: BatchTransformSubject): Check[] {
  const context = (batch: MadeBatch, progress = 0) => ({ ...batch, progress });
  return [
    ...refused.map(([options, complaint]) => ({
      name: `refuses ${JSON.stringify(options)}`,
      run: () => refuses(() => bind(options), name, complaint),
    })),
    {
      name: 'leaves a batch of one, and every batch at p = 0, alone',
      run() {
        for (const key of KEYS) {
          assert.deepEqual(bind().draw(key, context(makeBatch(key, { size: 1 }))), []);
          assert.deepEqual(bind({ p: 0 }).draw(key, context(makeBatch(key))), []);
          assert.equal(bind({ p: 1 }).draw(key, context(makeBatch(key))).length, 1);
          assert.deepEqual(bind({ p: linear(0, 1) }).draw(key, context(makeBatch(key), 0)), []);
          assert.equal(bind({ p: linear(0, 1) }).draw(key, context(makeBatch(key), 1)).length, 1);
        }
      },
    },
    ...cases.flatMap((options) => caseChecks(JSON.stringify(options), bind(options), context)),
  ];
}

function caseChecks(
  name: string,
  transform: BoundBatchTransform,
  context: (batch: MadeBatch) => Parameters<BoundBatchTransform['draw']>[1],
): Check[] {
  const drawn = (key: Key, batch: MadeBatch) => transform.draw(key, context(batch));
  return [
    {
      name: `${name}: the same key draws the same, another does not`,
      run() {
        const batch = makeBatch(KEYS[0] as Key);
        const once = KEYS.map((key) => drawn(key, batch));
        assert.deepEqual(
          [...KEYS].reverse().map((key) => drawn(key, batch)),
          once.reverse(),
        );
        assert.ok(new Set(once.map((d) => JSON.stringify(d))).size > 1);
      },
    },
    {
      name: `${name}: draws are plain JSON that its op knows, and replay to the same bytes`,
      run() {
        for (const key of KEYS) {
          const [a, b] = [makeBatch(key), makeBatch(key)];
          const draws = drawn(key, a);
          const back = JSON.parse(JSON.stringify(draws)) as Draw[];
          for (const { op, params } of back) {
            const schema = transform.ops.find(({ name }) => name === op)?.params;
            assert.deepEqual(schema?.parse(params), params);
          }
          applyAll(transform, draws, a);
          applyAll(transform, back, b);
          assert.ok(same(a.data, b.data) && same(a.soft, b.soft));
        }
      },
    },
    {
      name: `${name}: every row has one partner at most, and with an odd batch one has none`,
      run() {
        for (const size of [2, 5, 6, 33]) {
          for (const key of KEYS) {
            for (const { params } of drawn(key, makeBatch(key, { size }))) {
              const rows = (params.pairs as [number, number][]).flat();
              assert.equal(rows.length, size - (size % 2));
              assert.equal(new Set(rows).size, rows.length, 'a row is in two pairs');
              assert.ok(rows.every((row) => row >= 0 && row < size));
            }
          }
        }
      },
    },
    {
      name: `${name}: targets stay distributions`,
      run() {
        for (const key of KEYS) {
          const batch = makeBatch(key, { size: 9 });
          applyAll(transform, drawn(key, batch), batch);
          for (let i = 0; i < batch.size; i++) {
            const row = batch.soft.subarray(i * batch.classes, (i + 1) * batch.classes);
            assert.ok(row.every((v) => v >= 0 && v <= 1 + 1e-6));
            assert.ok(Math.abs(row.reduce((sum, v) => sum + v, 0) - 1) < 1e-6);
          }
        }
      },
    },
    {
      name: `${name}: what targets follow is what the pixels did`,
      run() {
        for (const key of KEYS) {
          const batch = numbered(6, 9, 12);
          for (const { op, params } of drawn(key, batch)) {
            const found = transform.ops.find(({ name }) => name === op);
            if (found?.follow?.kind !== 'layers') continue;
            const layers = found.follow.layers(params, batch);
            found.apply(params, batch);
            assertShows(batch, layers);
          }
        }
      },
    },
    {
      name: `${name}: layouts agree, in float32 and uint8`,
      run() {
        for (const dtype of ['float32', 'uint8']) {
          for (const key of KEYS) {
            const hwc = makeBatch(key, { dtype });
            const chw = { ...hwc, data: planar(hwc), layout: 'CHW' as const };
            const draws = drawn(key, hwc);
            assert.deepEqual(drawn(key, chw), draws);
            for (const { op, params } of draws) {
              const found = transform.ops.find(({ name }) => name === op);
              found?.apply(params, hwc);
              found?.apply(params, chw);
            }
            assert.ok(same(planar(hwc), chw.data));
          }
        }
      },
    },
  ];
}

/** A batch in which every pixel of row i is the number i + 1. */
function numbered(size: number, height: number, width: number): MadeBatch {
  const batch = makeBatch(KEYS[0] as Key, { size, height, width, dtype: 'uint8' });
  const stride = 3 * height * width;
  for (let row = 0; row < size; row++) batch.data.fill(row + 1, row * stride, (row + 1) * stride);
  return batch;
}

/** In every pixel one layer shows, and it is the image that the pixels are of; rows without layers are as before. */
function assertShows({ data, size, height, width }: MadeBatch, layers: MixLayers): void {
  for (let row = 0; row < size; row++) {
    const all = layers.get(row) ?? [
      { from: row, to: [0, 0, width, height] as const, shift: [0, 0] as const },
    ];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const shown = all.filter(
          ({ to, except, shows }) =>
            isIn(to, x, y) && !(except && isIn(except, x, y)) && (shows?.(x, y) ?? true),
        );
        const place = `pixel (${x}, ${y}) of row ${row}`;
        assert.equal(shown.length, 1, `${shown.length} layers show in ${place}`);
        const pixel = data[3 * ((row * height + y) * width + x)];
        assert.equal(pixel, (shown[0]?.from as number) + 1, `${place} is of another row than its layer`);
      }
    }
  }
}

const isIn = ([x0, y0, x1, y1]: readonly [number, number, number, number], x: number, y: number) =>
  x >= x0 && x < x1 && y >= y0 && y < y1;

/**
 * Rearranges pixels [B, H, W, 3] to [B, 3, H, W], in new memory.
 *
 * @example
 * const made = makeBatch(keyOf(0), { size: 1, height: 1, width: 2 });
 * planar(made)[1] === made.data[3] // → true
 */
export function planar({ data, size, height, width }: BatchPixels): Uint8Array | Float32Array {
  const out = data.slice();
  const plane = height * width;
  for (let b = 0; b < size; b++) {
    for (let i = 0; i < plane; i++) {
      for (let c = 0; c < 3; c++) out[(3 * b + c) * plane + i] = data[3 * (b * plane + i) + c] as number;
    }
  }
  return out;
}
