/** Probes, features and the distance of distributions, as test/golden/export/measure.py has them. */
import { Engine, lower, ops, type SampleOperator } from '../../src/augment/index.js';
import { fold, keyOf, type Recipe } from '../../src/core/index.js';
import type { Picture } from '../../src/testing/render.js';

const COLORS = [
  [200, 60, 30],
  [40, 180, 90],
  [30, 70, 220],
  [230, 210, 60],
  [90, 90, 90],
  [160, 40, 140],
  [20, 130, 150],
  [250, 240, 230],
] as const;

function painted(width: number, height: number, value: (x: number, y: number, c: number) => number): Picture {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++) data[i++] = value(x, y, c);
  return { data, width, height };
}

const SQUARES = [
  [8, 6],
  [34, 12],
  [18, 28],
] as const;

/** Three squares, one a channel; a gray ramp over patches of color; a texture. */
export const PROBES: Readonly<Record<string, Picture>> = {
  dots: painted(48, 40, (x, y, c) => {
    const [left, top] = SQUARES[c]!;
    return x >= left && x < left + 5 && y >= top && y < top + 5 ? 255 : 0;
  }),
  patches: painted(32, 32, (x, y, c) => (y < 16 ? 8 * x : COLORS[x >> 2]![c]!)),
  texture: painted(36, 28, (x, y, c) => (x * x * 7 + y * y * 13 + x * y * 5 + c * 61) % 251),
};

interface Image {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/** Mean and deviation of a box of pixels, of one channel or of all. */
function moments({ data, width }: Image, x0: number, x1: number, y0: number, y1: number, channel?: number) {
  let [n, sum, squares] = [0, 0, 0];
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      for (let c = channel ?? 0; c <= (channel ?? 2); c++) {
        const v = data[3 * (y * width + x) + c]!;
        n++;
        sum += v;
        squares += v * v;
      }
    }
  }
  const mean = sum / n;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / n - mean * mean)) };
}

const LETTERS = ['R', 'G', 'B'] as const;

export function features(name: string, before: Picture, image: Image): Record<string, number> {
  const { data, width, height } = image;
  const out: Record<string, number> = {};
  if (name === 'dots') {
    LETTERS.forEach((letter, c) => {
      let [mass, x, y] = [0, 0, 0];
      for (let i = 0; i < width * height; i++) {
        const v = data[3 * i + c]!;
        mass += v;
        x += v * ((i % width) + 0.5);
        y += v * (Math.floor(i / width) + 0.5);
      }
      const seen = Math.abs(mass) > 100;
      out[`mass${letter}`] = mass / 255;
      out[`x${letter}`] = seen ? x / mass : -1;
      out[`y${letter}`] = seen ? y / mass : -1;
    });
  } else if (name === 'patches') {
    const [h, w] = [height >> 1, width >> 1];
    out.darkRamp = moments(image, 0, w, 0, h).mean;
    out.lightRamp = moments(image, w, width, 0, h).mean;
    LETTERS.forEach((letter, c) => {
      out[`left${letter}`] = moments(image, 0, w, h, height, c).mean;
      out[`right${letter}`] = moments(image, w, width, h, height, c).mean;
      out[`deviation${letter}`] = moments(image, 0, width, 0, height, c).deviation;
    });
  } else Object.assign(out, texture(before, image));
  return out;
}

function texture(before: Picture, image: Image) {
  const { data, width, height } = image;
  let [across, down, color, kept] = [0, 0, 0, 0];
  const row = 3 * width;
  for (let i = 0; i < row * height; i++) {
    const v = data[i]!;
    if (i % row >= 3) across += Math.abs(v - data[i - 3]!);
    if (i >= row) down += Math.abs(v - data[i - row]!);
    if (i % 3 === 0) color += Math.abs(v - data[i + 1]!);
    if (Math.abs(v - before.data[i]!) <= 3) kept++;
  }
  const same = width === before.width && height === before.height;
  return {
    height,
    width,
    ...moments(image, 0, width, 0, height),
    across: width > 1 ? across / (3 * (width - 1) * height) : 0,
    down: height > 1 ? down / (row * (height - 1)) : 0,
    color: color / (width * height),
    kept: same ? kept / (row * height) : -1,
  };
}

const registry = ops();
const engine = new Engine();

function rendered(recipe: Recipe, before: Picture): Image {
  const plan = lower(recipe, before.width, before.height, registry);
  const { width, height, normalized } = plan;
  const data = new (normalized ? Float32Array : Uint8Array)(3 * width * height);
  const dtype = normalized ? 'float32' : 'uint8';
  engine.run(plan, before, { data, width, height, dtype, layout: 'HWC' });
  return { data, width, height };
}

function push(values: Record<string, number[]>, name: string, value: number): void {
  const list = values[name];
  if (list) list.push(value);
  else values[name] = [value];
}

/** Sorted values of every feature over so many draws. */
export function sampled(operators: readonly SampleOperator[], draws: number): Record<string, Float64Array> {
  const values: Record<string, number[]> = {};
  let n = 0;
  for (const [name, before] of Object.entries(PROBES)) {
    for (let i = 0; i < draws; i++) {
      const key = fold(keyOf(11), n++);
      const recipe = operators.flatMap(({ transform }, at) => transform.draw(fold(key, at), 1));
      const image = rendered(recipe, before);
      for (const [feature, value] of Object.entries(features(name, before, image)))
        push(values, `${name}.${feature}`, value);
    }
  }
  return Object.fromEntries(Object.entries(values).map(([k, v]) => [k, Float64Array.from(v).sort()]));
}

/** How far off a value may be that rounding, resampling and half pixels explain. */
export interface Slack {
  readonly levels: number;
  readonly pixels: number;
}

/**
 * By how much two distributions differ beyond chance and slack, at the worst of their quantiles: a two-sample
 * Kolmogorov–Smirnov statistic over values that may be off by the slack, over its critical value. Above 1 they differ.
 */
export function difference(
  ours: Readonly<Record<string, Float64Array>>,
  theirs: Readonly<Record<string, number | readonly number[]>>,
  draws: number,
  slack: Slack,
): { readonly worst: number; readonly feature: string } {
  let worst = 0;
  let feature = '';
  for (const [name, quantiles] of Object.entries(theirs)) {
    const sorted = ours[name]!;
    const critical = CRITICAL * Math.sqrt(1 / sorted.length + 1 / draws);
    const free = slackOf(name, slack);
    const list = typeof quantiles === 'number' ? [quantiles, quantiles] : quantiles;
    list.forEach((value, i) => {
      const share = i / (list.length - 1);
      const eps = free + 6e-4 * Math.abs(value); // four digits are stored
      const most = below(sorted, value + eps, true) / sorted.length;
      const least = below(sorted, value - eps, false) / sorted.length;
      // Their share of values up to this one is `share` at least; of those below it, `share` at most.
      const off = Math.max(share - most, least - share) / critical;
      if (off > worst) [worst, feature] = [off, name];
    });
  }
  return { worst, feature };
}

/** √(−ln(α/2)/2) for α = 1e-6: among thousands of comparisons none fails by chance. */
const CRITICAL = 2.694;

function slackOf(name: string, { levels, pixels }: Slack): number {
  if (/\.(x|y)[RGB]$/.test(name)) return pixels;
  if (/\.mass/.test(name)) return 2.5 * levels;
  if (/\.(height|width)$/.test(name)) return Math.floor(pixels);
  return /\.kept$/.test(name) ? 0.02 * levels : 1.5 * levels;
}

/** How many are less than a value, or no more than it. */
function below(sorted: Float64Array, value: number, equal: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const v = sorted[middle]!;
    if (v < value || (equal && v === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
