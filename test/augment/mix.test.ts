import { describe, expect, it } from 'vitest';
import {
  applyBatchDraws,
  type BoundBatchTransform,
  batchOps,
  cutmixTransform,
  mixOneOfTransform,
  mixupTransform,
} from '../../src/augment/index.js';
import { type Draw, fold, keyOf, linear, softTargets, UsageError } from '../../src/core/index.js';
import {
  applyAll,
  batchTransformContract,
  type MadeBatch,
  makeBatch,
} from '../../src/testing/batch-transform.js';

const SUBJECTS = [
  {
    name: 'mixup',
    bind: mixupTransform,
    cases: [{}, { alpha: 1, granularity: 'pair' }, { alpha: 0.01 }],
    refused: [
      [-1, 'alpha: expected a number in 0..100 or a schedule but received -1'],
      ['x', 'expected an object { alpha, p, granularity } but received'],
      [{ alpa: 1 }, "unknown option 'alpa'; did you mean 'alpha'?"],
      [{ granularity: 'row' }, "granularity: expected one of 'batch', 'pair' but received 'row'"],
      [{ p: 2 }, 'p: expected a number in 0..1'],
    ],
  },
  {
    name: 'cutmix',
    bind: cutmixTransform,
    cases: [{}, { alpha: 0.2 }, { alpha: 50 }],
    refused: [
      [-1, 'alpha: expected a number in 0..100'],
      [{ p: -1 }, 'p: expected a number in 0..1'],
      [{ granularity: 'pair' }, "unknown option 'granularity'"],
    ],
  },
] as const;

describe.each(SUBJECTS)('$name', (subject) => {
  for (const { name, run } of batchTransformContract(subject)) it(name, run);
});

const keys = Array.from({ length: 20 }, (_, i) => fold(keyOf(77), i));
const copy = (batch: MadeBatch): MadeBatch => ({
  ...batch,
  data: batch.data.slice(),
  soft: batch.soft.slice(),
});
const at = ({ height, width, layout }: MadeBatch, b: number, y: number, x: number, c: number) =>
  layout === 'HWC' ? ((b * height + y) * width + x) * 3 + c : ((b * 3 + c) * height + y) * width + x;

/** Every value of a batch and of its targets, from the definition; `share(row, y, x)` is what stays of a row's own. */
function reference(
  before: MadeBatch,
  pairs: readonly [number, number][],
  share: (pair: number, y: number, x: number) => number,
  kept: (pair: number) => number,
) {
  const { size, height, width, classes } = before;
  const data = Float64Array.from(before.data);
  const soft = Float64Array.from(before.soft);
  for (const [n, [i, j]] of pairs.entries()) {
    for (const [own, other] of [
      [i, j],
      [j, i],
    ] as const) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          for (let c = 0; c < 3; c++) {
            const [p, q] = [at(before, own, y, x, c), at(before, other, y, x, c)];
            const s = share(n, y, x);
            data[p] = s * (before.data[p] as number) + (1 - s) * (before.data[q] as number);
          }
        }
      }
      for (let k = 0; k < classes; k++) {
        soft[own * classes + k] =
          kept(n) * (before.soft[own * classes + k] as number) +
          (1 - kept(n)) * (before.soft[other * classes + k] as number);
      }
    }
  }
  expect(size).toBeGreaterThan(1);
  return { data, soft };
}

const FORMS = [
  { dtype: 'float32', layout: 'HWC', size: 7 },
  { dtype: 'float32', layout: 'CHW', size: 8 },
  { dtype: 'uint8', layout: 'HWC', size: 9 },
  { dtype: 'uint8', layout: 'CHW', size: 2 },
];

const first = (draws: readonly Draw[]): unknown => draws[0]?.params;

describe.each(FORMS)('$dtype $layout, $size rows', (form) => {
  it.each([{ alpha: 0.3 }, { alpha: 2, granularity: 'pair' as const }])(
    'mixup %j is the definition',
    (options) => {
      const transform = mixupTransform(options);
      for (const key of keys) {
        const before = makeBatch(key, form);
        const after = copy(before);
        const draws = transform.draw(key, { ...before, progress: 0 });
        applyAll(transform, draws, after);
        const { pairs, lambdas } = first(draws) as { pairs: [number, number][]; lambdas: number[] };
        expect(lambdas.length).toBe('granularity' in options ? form.size >> 1 : 1);
        const lambda = (n: number) => lambdas[lambdas.length === 1 ? 0 : n] as number;
        const want = reference(before, pairs, lambda, lambda);
        // uint8 rounds to the nearest level.
        near(
          after.data,
          form.dtype === 'uint8' ? want.data.map((v) => Math.floor(v + 0.5)) : want.data,
          1e-6,
        );
        near(after.soft, want.soft, 1e-6);
      }
    },
  );

  it('cutmix is the definition, its λ what the clipped box leaves', () => {
    const transform = cutmixTransform(1);
    for (const key of keys) {
      const before = makeBatch(key, form);
      const after = copy(before);
      const draws = transform.draw(key, { ...before, progress: 0 });
      applyAll(transform, draws, after);
      const { pairs, box } = first(draws) as {
        pairs: [number, number][];
        box: [number, number, number, number];
      };
      const [x0, y0, x1, y1] = box;
      expect(x0 >= 0 && y0 >= 0 && x1 <= before.width && y1 <= before.height && x1 >= x0 && y1 >= y0).toBe(
        true,
      );
      const own = (_: number, y: number, x: number) => Number(!(x >= x0 && x < x1 && y >= y0 && y < y1));
      let covered = 0;
      for (let y = 0; y < before.height; y++)
        for (let x = 0; x < before.width; x++) covered += 1 - own(0, y, x);
      const want = reference(before, pairs, own, () => 1 - covered / (before.height * before.width));
      near(after.data, want.data, 0);
      near(after.soft, want.soft, 1e-6);
    }
  });
});

function near(got: ArrayLike<number>, want: ArrayLike<number>, within: number): void {
  expect(got.length).toBe(want.length);
  let worst = 0;
  for (let i = 0; i < got.length; i++)
    worst = Math.max(worst, Math.abs((got[i] as number) - (want[i] as number)));
  expect(worst).toBeLessThanOrEqual(within);
}

describe('mixing', () => {
  const big = { size: 4, height: 64, width: 64, progress: 0 };
  const many = (transform: BoundBatchTransform, n = 4000) =>
    Array.from(
      { length: n },
      (_, i) => transform.draw(fold(keyOf(6), i), big)[0]?.params as Record<string, unknown>,
    );

  it('mixup draws λ from Beta(α, α)', () => {
    for (const [alpha, deviation] of [
      [0.2, Math.sqrt(1 / (4 * 1.4))],
      [1, Math.sqrt(1 / 12)],
      [8, Math.sqrt(1 / (4 * 17))],
    ] as const) {
      const lambdas = many(mixupTransform(alpha)).map(({ lambdas }) => (lambdas as number[])[0] as number);
      const mean = lambdas.reduce((a, b) => a + b, 0) / lambdas.length;
      const spread = Math.sqrt(lambdas.reduce((a, b) => a + (b - mean) ** 2, 0) / lambdas.length);
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
      expect(Math.abs(spread / deviation - 1)).toBeLessThan(0.04);
    }
  });

  it('cutmix cuts 1 − λ of the image before clipping, centered anywhere', () => {
    const boxes = many(cutmixTransform(1)).map(({ box }) => box as [number, number, number, number]);
    // λ uniform, center uniform: E[area] = E[(E clipped side)²].
    const area =
      boxes.reduce((sum, [x0, y0, x1, y1]) => sum + ((x1 - x0) * (y1 - y0)) / 64 ** 2, 0) / boxes.length;
    expect(Math.abs(area - expectedCutmixArea())).toBeLessThan(0.015);
    expect(boxes.some(([x0]) => x0 === 0) && boxes.some(([, , x1]) => x1 === 64)).toBe(true);
    const middle = boxes.map(([x0, , x1]) => (x0 + x1) / 2).reduce((a, b) => a + b, 0) / boxes.length;
    expect(Math.abs(middle - 32)).toBeLessThan(1);
  });

  it('alpha may be a schedule, given short or by name; 0 mixes nothing', () => {
    const rising = mixupTransform(linear(0, 1));
    expect(rising.draw(keyOf(1), big)).toEqual([]);
    expect(rising.draw(keyOf(1), { ...big, progress: 1 })).toEqual(mixupTransform(1).draw(keyOf(1), big));
    expect(mixupTransform({ alpha: linear(0, 1) }).options).toEqual(rising.options);
    expect(cutmixTransform(0).draw(keyOf(1), big)).toEqual([]);
  });

  it('mixOneOf chooses one of them, each as often', () => {
    const either = mixOneOfTransform([mixupTransform(0.2), cutmixTransform(1)]);
    const names = Array.from({ length: 600 }, (_, i) =>
      either
        .draw(fold(keyOf(2), i), big)
        .map(({ op }) => op)
        .join(),
    );
    expect(new Set(names)).toEqual(new Set(['mixup', 'cutmix']));
    expect(Math.abs(names.filter((n) => n === 'mixup').length - 300)).toBeLessThan(75);
    expect(() => mixOneOfTransform([])).toThrow(UsageError);
    expect(JSON.parse(JSON.stringify(either.options))).toEqual(either.options);
  });

  it('applies draws in order through the registry', () => {
    const [mixup, cutmix] = [mixupTransform(1), cutmixTransform(1)];
    const one = makeBatch(keyOf(3));
    const two = copy(one);
    const draws = [mixup, cutmix].flatMap((t, i) => t.draw(fold(keyOf(4), i), { ...one, progress: 0 }));
    applyBatchDraws(draws, one, batchOps());
    applyAll(mixup, draws.slice(0, 1), two);
    applyAll(cutmix, draws.slice(1), two);
    expect(one.data).toEqual(two.data);
    expect(() => applyBatchDraws([{ op: 'mixupp', params: {} }], one, batchOps())).toThrow(
      "did you mean 'mixup'?",
    );
  });

  it('targets of labels are one-hot, and soft ones are handed on', () => {
    const origin = { name: 'x', classes: ['a', 'b', 'c'], seed: 0 };
    expect([...softTargets({ size: 2, labels: Int32Array.of(2, 0), origin })]).toEqual([0, 0, 1, 1, 0, 0]);
    const soft = Float32Array.of(0.5, 0.5, 0);
    expect(softTargets({ size: 1, labels: Int32Array.of(0), soft, origin })).toBe(soft);
  });
});

/** Mean area of a box of side √u of the image, centered uniformly and clipped, by quadrature. */
function expectedCutmixArea(): number {
  const side = (s: number) => {
    let sum = 0;
    for (let i = 0; i < 200; i++) {
      const c = (i + 0.5) / 200;
      sum += Math.min(1, c + s / 2) - Math.max(0, c - s / 2);
    }
    return sum / 200;
  };
  let sum = 0;
  for (let i = 0; i < 200; i++) sum += side(Math.sqrt((i + 0.5) / 200)) ** 2;
  return sum / 200;
}
