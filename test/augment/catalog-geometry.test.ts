/** Moves of pixels against Pillow, OpenCV, SciPy and albumentations; inverses; statistics of random fields. */
import { describe, expect, it } from 'vitest';
import {
  elastic,
  fisheye,
  gridDistortion,
  ops,
  opticalDistortion,
  padTo,
  parseRecipe,
  perspective,
  resize,
  type SampleOperator,
  safeRotate,
  shiftScaleRotate,
  thinPlateSpline,
} from '../../src/augment/index.js';
import type { Geometry, Warp } from '../../src/kernels/index.js';
import { picture } from '../../src/testing/pictures.js';
import { render } from '../../src/testing/render.js';
import { cases, compare, drawn, IMAGES, planOf } from './catalog.js';

describe.each(['resize', 'sizes', 'warps'])('%s', (suite) => {
  for (const [name, all] of cases(suite)) {
    it(name, () => {
      expect(new Set(all.map(({ image }) => image)).size).toBe(IMAGES.length);
      for (const one of all) compare(one, { levels: 1 });
    });
  }
});

/** The one move of a draw. */
const moveOf = <M = Warp>(operator: SampleOperator, width: number, height: number, seed = 0): M =>
  planOf(operator, width, height, seed).moves[0]!.to as M;

/** Where an output pixel is read from. */
function sources(warp: Warp): (x: number, y: number) => [number, number] {
  const xs = new Float64Array(warp.width);
  const ys = new Float64Array(warp.width);
  return (x, y) => {
    warp.row(y, xs, ys);
    return [xs[x] as number, ys[x] as number];
  };
}

describe('targets follow the pixels', () => {
  const warps: Record<string, SampleOperator> = {
    elastic: elastic({ ...elastic.spec.magnitude?.(1), p: 1 }),
    gridDistortion: gridDistortion({ ...gridDistortion.spec.magnitude?.(1), p: 1 }),
    'gridDistortion of many cells': gridDistortion({ cells: 20, distortion: 0.3, p: 1 }),
    'barrel distortion': opticalDistortion({ k: [0.5, 2], p: 1 }),
    'pincushion distortion': opticalDistortion({ k: [-0.33, -0.2], p: 1 }),
    fisheye: fisheye({ strength: [0.1, 0.95], p: 1 }),
    thinPlateSpline: thinPlateSpline({ ...thinPlateSpline.spec.magnitude?.(1), p: 1 }),
    perspective: perspective({ p: 1 }),
  };
  for (const [name, operator] of Object.entries(warps)) {
    it(name, () => {
      let far = 0;
      let n = 0;
      for (let seed = 0; seed < 6; seed++) {
        const [width, height] = [60 + 20 * seed, 110 - 10 * seed];
        const warp = moveOf(operator, width, height, seed);
        const source = sources(warp);
        for (let y = 0; y < height; y += 7) {
          for (let x = 0; x < width; x += 7) {
            const [u, v] = warp.forward(...source(x, y));
            n++;
            if (Math.hypot(u - x - 0.5, v - y - 0.5) > 0.02) far++;
          }
        }
      }
      // Where a strong field folds, a point of the image is seen twice, and its target goes to one of the places.
      expect(n).toBeGreaterThan(300);
      expect(far / n).toBeLessThan(0.01);
    });
  }

  it('where a field folds, a target moves to a place that shows it, or close to one', () => {
    for (let seed = 0; seed < 4; seed++) {
      const warp = moveOf(elastic({ alpha: [0.1, 0.1], sigma: [0.05, 0.05], p: 1 }), 90, 70, seed);
      const source = sources(warp);
      let missed = 0;
      let n = 0;
      for (let y = 20; y < 50; y += 5) {
        for (let x = 20; x < 70; x += 5) {
          const [u, v] = warp.forward(x, y);
          expect(Number.isFinite(u) && Number.isFinite(v)).toBe(true);
          n++;
          const [i, j] = [Math.round(u - 0.5), Math.round(v - 0.5)];
          if (i < 0 || j < 0 || i >= 90 || j >= 70) continue;
          const [sx, sy] = source(i, j);
          if (Math.hypot(sx - x, sy - y) > 5) missed++;
        }
      }
      expect(missed / n).toBeLessThan(0.2);
    }
  });
});

describe('elastic', () => {
  it('displaces by N(0, α²), with a Gaussian correlation of σ', () => {
    const [width, height] = [300, 200];
    const [alpha, sigma] = [0.02, 0.04];
    let power = 0;
    let n = 0;
    const products = [0, 0];
    for (let seed = 0; seed < 6; seed++) {
      const warp = moveOf(
        elastic({ alpha: [alpha, alpha], sigma: [sigma, sigma], p: 1 }),
        width,
        height,
        seed,
      );
      const xs = new Float64Array(width);
      const ys = new Float64Array(width);
      for (let y = 3; y < height; y += 4) {
        warp.row(y, xs, ys);
        const dx = xs.map((v, x) => v - x - 0.5);
        const dy = ys.map((v) => v - y - 0.5);
        for (let x = 0; x < width - 17; x++) {
          power += dx[x]! ** 2 + dy[x]! ** 2;
          products[0]! += dx[x]! * dx[x + 8]! + dy[x]! * dy[x + 8]!;
          products[1]! += dx[x]! * dx[x + 16]! + dy[x]! * dy[x + 16]!;
          n += 2;
        }
      }
    }
    // σ is 8 pixels: two values at distance d correlate by exp(−d²/4σ²).
    expect(Math.abs(Math.sqrt(power / n) / (alpha * height) - 1)).toBeLessThan(0.1);
    expect(Math.abs(products[0]! / power - Math.exp(-1 / 4))).toBeLessThan(0.05);
    expect(Math.abs(products[1]! / power - Math.exp(-1))).toBeLessThan(0.08);
  });

  it('moves the same shares at every size', () => {
    const at = (scale: number) =>
      sources(moveOf(elastic({ p: 1 }), 50 * scale, 40 * scale))(20 * scale, 10 * scale);
    const [small, large] = [at(3), at(9)];
    expect(Math.abs(small[0] / 3 - large[0] / 9)).toBeLessThan(0.2);
    expect(Math.abs(small[1] / 3 - large[1] / 9)).toBeLessThan(0.2);
  });
});

it('gridDistortion keeps the frame full, and its nodes within their bounds', () => {
  const [width, height] = [100, 60];
  for (let seed = 0; seed < 5; seed++) {
    const warp = moveOf(gridDistortion({ cells: 5, distortion: 0.4, p: 1 }), width, height, seed);
    const source = sources(warp);
    let outside = 0;
    let far = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [u, v] = source(x, y);
        if (!(u > 0 && u < width && v > 0 && v < height)) outside++;
        far = Math.max(far, Math.abs(u - x - 0.5) / (width / 5), Math.abs(v - y - 0.5) / (height / 5));
      }
    }
    expect(outside).toBe(0);
    expect(far).toBeLessThanOrEqual(0.4);
    expect(far).toBeGreaterThan(0.2);
  }
});

it('safeRotate keeps every corner in the frame, and touches its rim', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { matrix } = moveOf<Geometry>(safeRotate({ p: 1 }), 90, 50, seed);
    const [a, b, c, d, e, f] = matrix;
    const det = a * e - b * d;
    const corners = [
      [0, 0],
      [90, 0],
      [0, 50],
      [90, 50],
    ].map(([x, y]) => {
      const [u, v] = [x! - c, y! - f];
      return [(e * u - b * v) / det, (a * v - d * u) / det] as const;
    });
    const room = corners.map(([x, y]) => Math.min(x, 90 - x, y, 50 - y));
    expect(Math.min(...room)).toBeGreaterThan(-1e-6);
    expect(Math.min(...room)).toBeLessThan(1e-6);
  }
});

it('shiftScaleRotate equals affine with the same parameters', () => {
  const p = picture(40, 30, 2);
  const look = { interpolation: 'bilinear', border: 'reflect', fill: [0, 0, 0] };
  const ours = { ...look, shift: [0.1, -0.2], scale: 1.2, angle: 33 };
  const theirs = { ...look, translate: [0.1, -0.2], scale: 1.2, angle: 33, shear: [0, 0] };
  const rendered = [
    { op: 'shiftScaleRotate', params: ours },
    { op: 'affine', params: theirs },
  ].map((draw) => render(parseRecipe([draw], ops()), p).data);
  expect(rendered[0]).toEqual(rendered[1]);
  expect(drawn(shiftScaleRotate({ p: 1 }))[0]?.op).toBe('shiftScaleRotate');
});

it('padTo places the image uniformly in the padded area', () => {
  const lefts = new Map<number, number>();
  for (let seed = 0; seed < 900; seed++) {
    const { matrix } = moveOf<Geometry>(padTo({ size: 12, position: 'random' }), 10, 12, seed);
    lefts.set(-matrix[2], (lefts.get(-matrix[2]) ?? 0) + 1);
  }
  expect([...lefts.keys()].sort()).toEqual([0, 1, 2]);
  for (const n of lefts.values()) expect(Math.abs(n - 300)).toBeLessThan(60);
});

it('bicubic and Lanczos only resize upright', () => {
  const recipe = drawn(resize({ size: [8, 9], interpolation: 'bicubic' }));
  expect(render(recipe, picture(20, 20, 3)).width).toBe(9);
  expect(() =>
    parseRecipe([{ op: 'affine', params: { interpolation: 'bicubic', angle: 3 } }], ops()),
  ).toThrow("interpolation: expected one of 'nearest', 'bilinear' but received 'bicubic'");
});
