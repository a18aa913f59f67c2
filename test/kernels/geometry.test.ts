/** compose() against two samplings in a row; borders, ties and matrices against their definitions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Border,
  borderIndex,
  compose,
  footprint,
  type Geometry,
  IDENTITY,
  isAxisAligned,
  isExact,
  isInside,
  type Matrix,
  multiply,
  type Raster,
  sampler,
  snapped,
} from '../../src/kernels/index.js';
import { picture } from '../../src/testing/pictures.js';

function sampled(source: Raster, geometry: Geometry): Raster {
  const { width, height } = geometry;
  const data = new Uint8Array(3 * width * height);
  const sample = sampler(source, geometry);
  for (let y = 0; y < height; y++) sample(y, data.subarray(3 * width * y, 3 * width * (y + 1)));
  return { data, width, height };
}

type Make = (width: number, height: number) => Geometry;
const look = fc.record({
  border: fc.constantFrom<Border>('constant', 'edge', 'reflect'),
  fill: fc.constant([7, 77, 177] as const),
  interpolation: fc.constantFrom('bilinear' as const, 'nearest' as const),
  antialias: fc.boolean(),
});

const exact = fc.tuple(look, fc.nat(7), fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })).map(
  ([view, turn, dx, dy]): Make =>
    (w, h) => {
      const turned = turn >= 4;
      const [sx, sy] = [turn & 1 ? -1 : 1, turn & 2 ? -1 : 1];
      const matrix: Matrix = turned
        ? [0, sx, (sx < 0 ? w : 0) + dx, sy, 0, (sy < 0 ? h : 0) + dy]
        : [sx, 0, (sx < 0 ? w : 0) + dx, 0, sy, (sy < 0 ? h : 0) + dy];
      const [width, height] = turned ? [h, w] : [w, h];
      return { ...view, matrix, width, height, window: [0, 0, w, h] };
    },
);
const crop = fc
  .tuple(look, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.1, max: 1, noNaN: true }))
  .map(
    ([view, at, share]): Make =>
      (w, h) => {
        const [width, height] = [Math.max(1, Math.floor(w * share)), Math.max(1, Math.floor(h * share))];
        const [x, y] = [Math.floor(at * (w - width)), Math.floor(at * (h - height))];
        return { ...view, matrix: [1, 0, x, 0, 1, y], width, height, window: [0, 0, w, h] };
      },
  );
const resized = fc
  .tuple(look, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.boolean())
  .map(
    ([view, width, height, cut]): Make =>
      (w, h) => {
        const [x0, y0, x1, y1] = cut ? [w >> 2, h >> 3, w, Math.max((h >> 3) + 1, h - 1)] : [0, 0, w, h];
        const matrix: Matrix = [(x1 - x0) / width, 0, x0, 0, (y1 - y0) / height, y0];
        return { ...view, matrix, width, height, window: [x0, y0, x1, y1] };
      },
  );
const turned = fc
  .tuple(look, fc.double({ min: -4, max: 4, noNaN: true }), fc.double({ min: 0.3, max: 3, noNaN: true }))
  .map(
    ([view, angle, scale]): Make =>
      (w, h) => {
        const [c, s] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
        const matrix = snapped([
          c,
          -s,
          w / 2 - (c * w) / 2 + (s * h) / 2,
          s,
          c,
          h / 2 - (s * w) / 2 - (c * h) / 2,
        ]);
        return { ...view, matrix, width: w, height: h, window: [0, 0, w, h] };
      },
  );
const any = fc.oneof(exact, crop, resized, turned);
const side = fc.integer({ min: 1, max: 40 });

describe('compose', () => {
  let joined = 0;
  const holds = (first: Make, then: Make, w: number, h: number) => {
    const source = picture(w, h, 5, 'noise');
    const one = first(w, h);
    const two = then(one.width, one.height);
    const both = compose(one, two);
    if (!both) return;
    joined++;
    const [fused, alone] = [sampled(source, both), sampled(sampled(source, one), two)];
    expect([fused.width, fused.height]).toEqual([alone.width, alone.height]);
    expect(Buffer.compare(fused.data, alone.data)).toBe(0);
  };

  it('gives the bytes of both in turn, wherever it joins them', () => {
    fc.assert(fc.property(any, any, side, side, holds), { numRuns: 3000, seed: 2 });
    expect(joined).toBeGreaterThan(700);
  });

  it('joins the usual geometries of pipelines', () => {
    const made = (m: fc.Arbitrary<Make>, seed: number) =>
      (fc.sample(m, { numRuns: 1, seed })[0] as Make)(32, 24);
    const base = { border: 'constant', fill: [0, 0, 0], interpolation: 'bilinear', antialias: true } as const;
    const flip: Geometry = {
      ...base,
      matrix: [-1, 0, 32, 0, 1, 0],
      width: 32,
      height: 24,
      window: [0, 0, 32, 24],
    };
    const pad: Geometry = {
      ...base,
      matrix: [1, 0, 3, 0, 1, -2],
      width: 32,
      height: 24,
      window: [0, 0, 32, 24],
    };
    const shrink: Geometry = {
      ...base,
      matrix: [2, 0, 0, 0, 2, 0],
      width: 16,
      height: 12,
      window: [0, 0, 32, 24],
    };
    const small: Geometry = {
      ...flip,
      matrix: [-1, 0, 16, 0, 1, 0],
      width: 16,
      height: 12,
      window: [0, 0, 16, 12],
    };
    expect(compose(flip, pad)).toBeDefined();
    expect(compose(pad, flip)).toBeDefined();
    expect(compose(flip, shrink)).toBeDefined();
    expect(compose(shrink, small)).toBeDefined();
    // Padding after shrinking would lose the filter; shrinking after padding would see past the border.
    expect(compose(shrink, { ...pad, width: 16, height: 12, window: [0, 0, 16, 12] })).toBeUndefined();
    expect(compose(pad, shrink)).toBeUndefined();
    expect(
      compose(shrink, { ...small, matrix: [0.5, 0, 0, 0, 0.5, 0], width: 32, height: 24 }),
    ).toBeUndefined();
    expect(compose(made(turned, 1), made(turned, 2))).toBeUndefined();
  });

  it('keeps the identity neutral', () => {
    fc.assert(
      fc.property(any, side, side, (make, w, h) => {
        const geometry = make(w, h);
        const same: Geometry = { ...geometry, matrix: IDENTITY, width: w, height: h, window: [0, 0, w, h] };
        const both = compose({ ...same, border: 'edge' }, geometry) as Geometry;
        expect(both.matrix.map((v) => v + 0)).toEqual(geometry.matrix.map((v) => v + 0));
        expect(both.window).toEqual(geometry.window);
      }),
      { seed: 3 },
    );
  });
});

describe('matrices', () => {
  const number = fc.double({ min: -9, max: 9, noNaN: true });
  const matrix = fc.tuple(number, number, number, number, number, number) as fc.Arbitrary<Matrix>;
  const at = ([a, b, c, d, e, f]: Matrix, x: number, y: number) =>
    [a * x + b * y + c, d * x + e * y + f] as const;

  it('multiply: output points go back through the second, then through the first', () => {
    fc.assert(
      fc.property(matrix, matrix, number, number, (first, then, x, y) => {
        const [u, v] = at(first, ...at(then, x, y));
        const [p, q] = at(multiply(first, then), x, y);
        expect(p).toBeCloseTo(u, 6);
        expect(q).toBeCloseTo(v, 6);
      }),
    );
  });

  it('say what they are', () => {
    const of = (m: Matrix, width = 4, height = 4): Geometry => ({
      matrix: m,
      width,
      height,
      border: 'edge',
      fill: [0, 0, 0],
      interpolation: 'bilinear',
      antialias: false,
      window: [0, 0, 4, 4],
    });
    expect(isExact(of([-1, 0, 4, 0, 1, 0]))).toBe(true);
    expect(isExact(of([0, 1, 0, -1, 0, 4]))).toBe(true);
    expect(isExact(of([1, 0, 0.5, 0, 1, 0]))).toBe(false);
    expect(isExact(of([1, 0.001, 0, 0, 1, 0]))).toBe(false);
    expect(isAxisAligned(of([2, 0, 0.3, 0, -3, 0]))).toBe(true);
    expect(isAxisAligned(of([1, 0.1, 0, 0, 1, 0]))).toBe(false);
    expect(footprint(of([-1, 0, 4, 0, 2, 1]))).toEqual([0, 1, 4, 9]);
    expect(isInside(of([0.5, 0, 1, 0, 0.5, 1]))).toBe(true);
    expect(isInside(of([1, 0, 1, 0, 1, 0]))).toBe(false);
  });
});

describe('borders', () => {
  it('mirror without the edge twice, whatever the distance', () => {
    const row = (border: Border) => Array.from({ length: 17 }, (_, i) => borderIndex(i - 6, 0, 4, border));
    expect(row('reflect')).toEqual([0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2]);
    expect(row('edge')).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 3, 3, 3, 3]);
    expect(row('constant')).toEqual([-1, -1, -1, -1, -1, -1, 0, 1, 2, 3, -1, -1, -1, -1, -1, -1, -1]);
  });

  it('stay within the window, also one of a single pixel', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e6, max: 1e6 }),
        fc.nat(50),
        fc.integer({ min: 1, max: 50 }),
        (i, low, n) => {
          for (const border of ['edge', 'reflect'] as const) {
            const k = borderIndex(i, low, low + n, border);
            expect(k >= low && k < low + n).toBe(true);
          }
        },
      ),
    );
  });
});

describe('ties', () => {
  it('nearest-neighbor ties take the right pixel, for every pair of sizes', () => {
    for (let from = 1; from <= 40; from++) {
      const source = {
        width: from,
        height: 1,
        data: new Uint8Array(3 * from).map((_, i) => Math.floor(i / 3)),
      };
      for (let to = 1; to <= 40; to++) {
        const geometry: Geometry = {
          matrix: [from / to, 0, 0, 0, 1, 0],
          width: to,
          height: 1,
          border: 'constant',
          fill: [255, 255, 255],
          interpolation: 'nearest',
          antialias: true,
          window: [0, 0, from, 1],
        };
        const got = Array.from({ length: to }, (_, x) => sampled(source, geometry).data[3 * x]);
        // floor((x + ½)·from/to) in whole numbers.
        expect(got).toEqual(
          Array.from({ length: to }, (_, x) => Math.floor(((2 * x + 1) * from) / (2 * to))),
        );
      }
    }
  });
});
