/** Pixels against torchvision on PIL images and on tensors. Every deviation is explained in golden/augment/README.md. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inverseAffine, ops, parseRecipe } from '../../src/augment/index.js';
import type { Draw, Recipe } from '../../src/core/index.js';
import { distance, type Picture, type Rendered, render } from '../../src/testing/render.js';

const golden = new URL('../golden/augment/', import.meta.url);
const read = <T>(file: string) => JSON.parse(readFileSync(new URL(file, golden), 'utf8')) as T;
const unpacked = (text: string) => inflateSync(Buffer.from(text, 'base64'));

interface Stored {
  readonly sha256?: string;
  readonly dtype?: 'uint8' | 'float32';
  readonly data?: string;
}
interface Case {
  readonly image: number;
  readonly recipe: Recipe;
  readonly height: number;
  readonly width: number;
  readonly pil?: Stored;
  readonly tensor?: Stored;
}
type Peer = 'pil' | 'tensor';

const images: Picture[] = read<{ images: { width: number; height: number; data: string }[] }>(
  'images.json',
).images.map(({ width, height, data }) => ({ width, height, data: new Uint8Array(unpacked(data)) }));

/** How close each operation must come: levels, or dB. None given: the same bytes. */
interface Bound {
  readonly levels?: number;
  readonly dB?: number;
  /** Share of the values that may differ by more. */
  readonly strays?: number;
  /** False leaves a pixel out of the comparison. */
  readonly where?: (draw: Draw, source: Picture) => (x: number, y: number) => boolean;
}
const near = (draw: Draw) => draw.params.interpolation === 'nearest';
const BOUNDS: Record<string, (draw: Draw, peer: Peer) => Bound> = {
  resize: (draw) => (near(draw) ? { levels: 0, where: noTie } : { levels: 1 }),
  randomResizedCrop: () => ({ levels: 1 }),
  affine: (draw) => (near(draw) ? { levels: 0 } : { levels: 1, where: offRim }),
  perspective: (draw) => (near(draw) ? { levels: 0, strays: 0.025 } : { levels: 1, where: coveredOrNot }),
  gaussianBlur: () => ({ levels: 1 }),
  brightness: () => ({ levels: 1 }),
  contrast: () => ({ levels: 1 }),
  saturation: () => ({ levels: 1 }),
  grayscale: () => ({ levels: 1 }),
  hue: (_, peer) => (peer === 'pil' ? { dB: 36 } : { levels: 1 }),
  normalize: () => ({ levels: 1e-5 }),
  randomErasing: () => ({ levels: 1e-5 }),
};

const suites = readdirSync(golden).filter((file) => /^parity-.*\.json$/.test(file));

it('the golden file holds at least 20 images, and every suite uses all of them', () => {
  expect(images.length).toBeGreaterThanOrEqual(20);
  expect(suites.length).toBe(10);
  for (const file of suites) {
    expect(new Set(read<{ cases: Case[] }>(file).cases.map(({ image }) => image)).size).toBe(images.length);
  }
});

describe.each(suites)('%s', (file) => {
  const { cases } = read<{ cases: Case[] }>(file);
  const kind = ({ recipe }: Case) => {
    const { op, params } = recipe.at(-1) as Draw;
    return [op, params.interpolation, params.border, params.antialias]
      .filter((v) => v !== undefined)
      .join(' ');
  };
  for (const peer of ['pil', 'tensor'] as const) {
    const mine = cases.filter((c) => c[peer]);
    for (const name of new Set(mine.map(kind))) {
      it(`${name}: ${peer}`, () => {
        for (const c of mine.filter((one) => kind(one) === name)) compare(c, peer);
      });
    }
  }
});

function compare(c: Case, peer: Peer): void {
  const stored = c[peer] as Stored;
  const source = images[c.image] as Picture;
  const recipe = parseRecipe(c.recipe, ops());
  const out = render(recipe, source, { dtype: stored.dtype ?? 'uint8' });
  const label = `image ${c.image}, ${JSON.stringify(recipe)}`;
  expect([out.width, out.height], label).toEqual([c.width, c.height]);
  if (stored.sha256) {
    expect(createHash('sha256').update(out.data).digest('hex'), label).toBe(stored.sha256);
    return;
  }
  const draw = recipe.at(-1) as Draw;
  const bytes = unpacked(stored.data as string);
  const want = stored.dtype === 'float32' ? new Float32Array(new Uint8Array(bytes).buffer) : bytes;
  const bound = (BOUNDS[draw.op] as (typeof BOUNDS)[string])(draw, peer);
  const [ours, theirs] = kept(out, want, bound.where?.(draw, source));
  const { max, psnr } = distance(ours, theirs);
  if (bound.strays !== undefined) {
    const stray = Array.from(ours).filter(
      (v, i) => Math.abs(v - (theirs[i] as number)) > (bound.levels ?? 0),
    );
    expect(stray.length / ours.length, label).toBeLessThanOrEqual(bound.strays);
  } else if (bound.levels !== undefined) expect(max, label).toBeLessThanOrEqual(bound.levels);
  if (bound.dB !== undefined) expect(psnr, label).toBeGreaterThanOrEqual(bound.dB);
}

/** Both without the pixels that are left out, of which there may be no more than a third. */
function kept(out: Rendered, want: ArrayLike<number>, where?: (x: number, y: number) => boolean) {
  if (!where) return [out.data, want] as const;
  expect(want.length).toBe(out.data.length);
  const places: number[] = [];
  for (let i = 0; i < out.data.length; i++) {
    const pixel = Math.floor(i / 3);
    if (where(pixel % out.width, Math.floor(pixel / out.width))) places.push(i);
  }
  expect(places.length).toBeGreaterThan(out.data.length / 3);
  return [places.map((i) => out.data[i] as number), places.map((i) => want[i] as number)] as const;
}

/** Centers of new pixels that do not fall between two old ones, in whole numbers. */
function noTie({ params }: Draw, { width, height }: Picture) {
  const [h, w] = params.size as [number, number];
  const tie = (i: number, size: number, to: number) => ((2 * i + 1) * size) % (2 * to) === 0;
  return (x: number, y: number) => !tie(x, width, w) && !tie(y, height, h);
}

/** Samples whose four neighbors are all inside the image or all outside. */
function offRim({ params }: Draw, { width, height }: Picture) {
  const { angle, translate, scale, shear } = params as {
    angle: number;
    translate: [number, number];
    scale: number;
    shear: [number, number];
  };
  const shift = [translate[0] * width, translate[1] * height] as const;
  const [a, b, c, d, e, f] = inverseAffine(width / 2, height / 2, angle, ...shift, scale, shear);
  return (x: number, y: number) => {
    const u = a * (x + 0.5) + b * (y + 0.5) + c;
    const v = d * (x + 0.5) + e * (y + 0.5) + f;
    const inside = u >= 0.5 && v >= 0.5 && u <= width - 0.5 && v <= height - 0.5;
    const outside = u < -0.5 || v < -0.5 || u > width + 0.5 || v > height + 0.5;
    return inside || outside;
  };
}

/** Where the image is seen whole or not at all: told by what becomes of white on black. */
function coveredOrNot({ op, params }: Draw, { width, height }: Picture) {
  const white = { width, height, data: new Uint8Array(3 * width * height).fill(255) };
  const seen = render([{ op, params: { ...params, fill: [0, 0, 0] } }], white).data;
  return (x: number, y: number) => [0, 255].includes(seen[3 * (y * width + x)] as number);
}
