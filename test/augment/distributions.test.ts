/** What our transforms draw against what torchvision's draw: means, deviations and quantiles of 20,000 each. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fitBox } from '../../src/augment/crop/random-box.js';
import {
  affine,
  colorJitter,
  lower,
  ops,
  padCrop,
  randomErasing,
  randomResizedCrop,
  type SampleOperator,
} from '../../src/augment/index.js';
import { type Draw, fold, keyOf } from '../../src/core/index.js';
import type { Geometry } from '../../src/kernels/index.js';

interface Summary {
  readonly mean: number;
  readonly deviation: number;
  readonly quantiles: readonly number[];
}
interface Sized {
  readonly height: number;
  readonly width: number;
}
interface Golden {
  readonly quantiles: readonly number[];
  readonly randomResizedCrop: readonly (Sized &
    Record<'area' | 'logRatio' | 'x' | 'y', Summary> & { whole: number })[];
  readonly randomErasing: readonly (Sized & Record<'area' | 'logRatio' | 'x' | 'y', Summary>)[];
  readonly padCrop: { side: number; padding: number; x: Summary; y: Summary };
  readonly colorJitter: Record<'brightness' | 'contrast' | 'saturation' | 'hue', Summary> & {
    orders: number;
    commonest: number;
  };
  readonly affine: Sized & Record<'angle' | 'x' | 'y' | 'scale' | 'shearX' | 'shearY', Summary>;
}
const golden = JSON.parse(
  readFileSync(new URL('../golden/augment/distributions.json', import.meta.url), 'utf8'),
) as Golden;
const N = 20_000;

const draws = (operator: SampleOperator, seed: number): Draw['params'][] =>
  Array.from(
    { length: N },
    (_, i) => operator.transform.draw(fold(keyOf(seed), i), 0)[0]?.params as Draw['params'],
  );

/** Both are estimates: each bound is about five of their standard errors, and one step of the grid of pixels. */
function agrees(name: string, values: readonly number[], want: Summary, step = 0): void {
  const sorted = Float64Array.from(values).sort();
  const mean = sorted.reduce((sum, v) => sum + v, 0) / sorted.length;
  const deviation = Math.sqrt(sorted.reduce((sum, v) => sum + (v - mean) ** 2, 0) / sorted.length);
  expect(Math.abs(mean - want.mean), `${name}: mean`).toBeLessThan(0.05 * want.deviation);
  expect(Math.abs(deviation / want.deviation - 1), `${name}: deviation`).toBeLessThan(0.04);
  golden.quantiles.forEach((q, i) => {
    const value = sorted[Math.round(q * (sorted.length - 1))] as number;
    const gap = Math.abs(value - (want.quantiles[i] as number));
    expect(gap, `${name}: quantile ${q}`).toBeLessThan(0.09 * want.deviation + 1.01 * step);
  });
}

describe('randomResizedCrop', () => {
  it.each(golden.randomResizedCrop)('of $height × $width', ({ height: H, width: W, whole, ...want }) => {
    const registry = ops();
    const boxes = draws(randomResizedCrop(16), 1).map((params) => {
      // Where the plan reads: the fallback to the middle is part of it.
      const geometry = lower([{ op: 'randomResizedCrop', params }], W, H, registry).passes[0]!
        .geometry as Geometry;
      const [x0, y0, x1, y1] = geometry.window;
      return { x0, y0, width: x1 - x0, height: y1 - y0 };
    });
    agrees(
      'area',
      boxes.map((b) => (b.width * b.height) / (W * H)),
      want.area,
    );
    agrees(
      'ratio',
      boxes.map((b) => Math.log(b.width / b.height)),
      want.logRatio,
    );
    agrees(
      'x',
      boxes.map((b) => b.x0 / W),
      want.x,
      1 / W,
    );
    agrees(
      'y',
      boxes.map((b) => b.y0 / H),
      want.y,
      1 / H,
    );
    const all = boxes.filter((b) => b.width === W && b.height === H).length / N;
    expect(Math.abs(all - whole)).toBeLessThan(0.002);
  });
});

describe('randomErasing', () => {
  it.each(golden.randomErasing)('of $height × $width', ({ height: H, width: W, ...want }) => {
    const boxes = draws(randomErasing({ p: 1 }), 2).flatMap(
      (params) => fitBox(params as unknown as Parameters<typeof fitBox>[0], W, H) ?? [],
    );
    expect(boxes.length).toBeGreaterThan(N - 3);
    agrees(
      'area',
      boxes.map((b) => (b.width * b.height) / (W * H)),
      want.area,
    );
    // Torchvision's ratio is height over width; the range is symmetric but for rounding 1/0.3.
    agrees(
      'ratio',
      boxes.map((b) => Math.log(b.height / b.width)),
      want.logRatio,
      1 / 32,
    );
    agrees(
      'x',
      boxes.map((b) => b.x0 / W),
      want.x,
      1 / W,
    );
    agrees(
      'y',
      boxes.map((b) => b.y0 / H),
      want.y,
      1 / H,
    );
  });
});

it('padCrop', () => {
  const { padding, x, y } = golden.padCrop;
  const params = draws(padCrop(padding), 3);
  agrees(
    'x',
    params.map((p) => p.x as number),
    x,
    1,
  );
  agrees(
    'y',
    params.map((p) => p.y as number),
    y,
    1,
  );
  expect(new Set(params.map((p) => p.x)).size).toBe(2 * padding + 1);
});

it('colorJitter', () => {
  const { orders, commonest, ...want } = golden.colorJitter;
  const params = draws(colorJitter({ brightness: 0.4, contrast: 0.3, saturation: 0.8, hue: 0.1 }), 4);
  const value = (i: number) => params.map((p) => (p.values as number[])[i] as number);
  agrees('brightness', value(0), want.brightness);
  agrees('contrast', value(1), want.contrast);
  agrees('saturation', value(2), want.saturation);
  agrees('hue', value(3), want.hue);
  const counts = new Map<string, number>();
  for (const p of params) counts.set(String(p.order), (counts.get(String(p.order)) ?? 0) + 1);
  expect(counts.size).toBe(orders);
  expect(Math.abs(Math.max(...counts.values()) / N - commonest)).toBeLessThan(0.005);
});

it('affine', () => {
  const { height, width, ...want } = golden.affine;
  const params = draws(
    affine({
      rotate: [-30, 30],
      translate: [0.1, 0.2],
      scale: [0.8, 1.2],
      shearX: [-10, 10],
      shearY: [-5, 5],
    }),
    5,
  );
  const pair = (name: 'translate' | 'shear', i: number) =>
    params.map((p) => (p[name] as number[])[i] as number);
  agrees(
    'angle',
    params.map((p) => p.angle as number),
    want.angle,
  );
  agrees(
    'scale',
    params.map((p) => p.scale as number),
    want.scale,
  );
  // Torchvision rounds to whole pixels.
  agrees(
    'x',
    pair('translate', 0).map((t) => t * width),
    want.x,
    0.5,
  );
  agrees(
    'y',
    pair('translate', 1).map((t) => t * height),
    want.y,
    0.5,
  );
  agrees('shearX', pair('shear', 0), want.shearX);
  agrees('shearY', pair('shear', 1), want.shearY);
});
