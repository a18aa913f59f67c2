/** Blurs, sharpening, compression, dropout and weather: against OpenCV, albumentations and Pillow, and by what they are. */
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawOdd } from '../../src/augment/blur/kernel-size.js';
import {
  coarseDropout,
  downscale,
  Engine,
  fog,
  glassBlur,
  gridMask,
  hideAndSeek,
  jpegCompression,
  lower,
  motionBlur,
  ops,
  parseRecipe,
  pixelDropout,
  rain,
  type SampleOperator,
  shadow,
  snow,
  spatter,
  sunFlare,
  superpixels,
  zoomBlur,
} from '../../src/augment/index.js';
import { type Draw, Draws, keyOf, type Recipe } from '../../src/core/index.js';
import { picture } from '../../src/testing/pictures.js';
import { distance, type Picture, render } from '../../src/testing/render.js';
import { type Case, compare, drawn, IMAGES, planOf, read } from './catalog.js';

/** The first so many images are like photographs. */
const TEXTURES = 12;
const suite = (name: string) => read<{ cases: Case[] }>(`catalog2/${name}.json`).cases;

describe.each(['blurs', 'sharpening'])('%s', (name) => {
  const all = suite(name);
  for (const op of new Set(all.map(({ recipe }) => recipe[0]?.op as string))) {
    it(op, () => {
      const mine = all.filter(({ recipe }) => recipe[0]?.op === op);
      expect(new Set(mine.map(({ image }) => image)).size).toBe(IMAGES.length);
      for (const one of mine) compare(one, bound(op, one));
    });
  }
});

/** Zoom blur interpolates an interpolation: close where the image is smooth, as photographs are. */
function bound(op: string, { image, recipe }: Case) {
  if (op === 'zoomBlur') return { dB: image < TEXTURES ? 43 : 34 };
  if (op === 'defocus') return { levels: 2 }; // one value of one image lies beyond 1
  const { angle } = (recipe[0] as Draw).params;
  return { levels: angle === 0 || angle === 90 ? 0 : 1 };
}

describe('compression', () => {
  const all = suite('compression');
  it('downscale', () => {
    const mine = all.filter(({ recipe }) => recipe[0]?.op === 'downscale');
    expect(mine.length).toBe(3 * IMAGES.length);
    for (const one of mine) compare(one, { levels: one.recipe[0]?.params.up === 'bilinear' ? 2 : 1 });
  });

  it('jpegCompression loses as much as Pillow does, in the same places', () => {
    const mine = all.filter(({ recipe }) => recipe[0]?.op === 'jpegCompression');
    expect(mine.length).toBe(2 * IMAGES.length);
    const apart: number[] = [];
    for (const one of mine) {
      compare(one, { dB: 33 });
      const source = IMAGES[one.image] as Picture;
      const ours = distance(render(one.recipe, source).data, source.data).psnr;
      const theirs = distance(pixelsOf(one), source.data).psnr;
      if (one.image < TEXTURES) apart.push(Math.abs(ours - theirs));
    }
    expect(Math.max(...apart)).toBeLessThan(0.3);
  });

  it('jpegCompression gives the same bytes again, and lower quality loses more', () => {
    const p = picture(61, 47, 5);
    const at = (quality: number) => [{ op: 'jpegCompression', params: { quality, subsampling: '4:2:0' } }];
    expect(render(at(30), p).data).toEqual(render(at(30), p).data);
    const losses = [95, 70, 40, 10, 2].map((quality) => distance(render(at(quality), p).data, p.data).psnr);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    expect(render(at(100), p).data).toEqual(p.data);
  });

  it('webpCompression gives the bytes of the libwebp that sharp has, and leaves nothing behind', async () => {
    for (const [width, height, quality] of [
      [64, 48, 1],
      [61, 47, 30],
      [17, 3, 75],
      [1, 1, 99],
    ] as const) {
      const p = picture(width, height, quality);
      const raw = { raw: { width, height, channels: 3 } } as const;
      const encoded = await sharp(p.data, raw).webp({ quality, effort: 4 }).toBuffer();
      const { data } = render([{ op: 'webpCompression', params: { quality } }], p);
      expect(data).toEqual(new Uint8Array(await sharp(encoded).raw().toBuffer()));
    }
    expect('ImageData' in globalThis).toBe(false);
    const p = picture(16, 16, 1);
    expect(render([{ op: 'webpCompression', params: { quality: 100 } }], p).data).toEqual(p.data);
    const wide = { width: 16384, height: 1, data: new Uint8Array(3 * 16384) };
    expect(() => render([{ op: 'webpCompression', params: { quality: 50 } }], wide)).toThrow(
      'webpCompression: expected sides up to 16383 pixels but received 16384×1; crop or resize before it',
    );
  });

  it('is a filter of its own pass, and without effect none', () => {
    expect(planOf(jpegCompression(50), 9, 9).passes.map(({ filter }) => filter?.name)).toEqual([
      'jpegCompression',
    ]);
    expect(planOf(downscale(1), 9, 9).passes[0]?.filter).toBeUndefined();
  });
});

const pixelsOf = ({ data }: Case) => new Uint8Array(inflateSync(Buffer.from(data as string, 'base64')));

describe('blurs', () => {
  it('leave constant images unchanged', () => {
    const flat: Picture = { width: 21, height: 17, data: new Uint8Array(3 * 21 * 17).fill(93) };
    for (const blur of [motionBlur(9), zoomBlur(1.5), glassBlur({ delta: 4 })]) {
      for (let i = 0; i < 5; i++) expect(distance(render(drawn(blur, i), flat).data, flat.data).max).toBe(0);
    }
  });

  it('motionBlur draws a bright pixel out along its angle, from the end that direction prefers', () => {
    const dot: Picture = { width: 21, height: 21, data: new Uint8Array(3 * 21 * 21) };
    dot.data.fill(255, 3 * (21 * 10 + 10), 3 * (21 * 10 + 11));
    const blurred = (angle: number, direction: number) => {
      const { data } = render([{ op: 'motionBlur', params: { length: 11, angle, direction } }], dot);
      const moments = { x: 0, y: 0, xx: 0, yy: 0, xy: 0, sum: 0 };
      for (let i = 0; i < 21 * 21; i++) {
        const [x, y, v] = [(i % 21) - 10, 10 - Math.floor(i / 21), data[3 * i] as number];
        moments.sum += v;
        moments.x += v * x;
        moments.y += v * y;
        moments.xx += v * x * x;
        moments.yy += v * y * y;
        moments.xy += v * x * y;
      }
      return moments;
    };
    for (const angle of [0, 30, 45, 70, 90, 120, 160]) {
      const { xx, yy, xy } = blurred(angle, 0);
      const along = (Math.atan2(2 * xy, xx - yy) * 90) / Math.PI;
      expect(Math.abs(((along - angle + 270) % 180) - 90), `${angle}`).toBeLessThan(3);
    }
    // A point is seen where the pixel lies on the line as seen from it: on the other side.
    expect(blurred(0, 1).x).toBeLessThan(0);
    expect(blurred(0, -1).x).toBeGreaterThan(0);
    expect(blurred(90, 1).y).toBeLessThan(0);
    expect(Math.abs(blurred(20, 0).x)).toBeLessThan(3 * 21);
  });

  it('glassBlur moves pixels no further than its distance', () => {
    const dot: Picture = { width: 31, height: 31, data: new Uint8Array(3 * 31 * 31) };
    dot.data.fill(255, 3 * (31 * 15 + 15), 3 * (31 * 15 + 16));
    let reached = 0;
    for (let i = 0; i < 40; i++) {
      const recipe = drawn(glassBlur({ sigma: [0, 0], delta: 2, iterations: 3 }), i);
      const { data } = render(recipe, dot);
      for (let k = 0; k < data.length; k += 3) {
        if (data[k] === 0) continue;
        const far = Math.max(Math.abs(((k / 3) % 31) - 15), Math.abs(Math.floor(k / 93) - 15));
        expect(far).toBeLessThanOrEqual(6);
        reached = Math.max(reached, far);
      }
    }
    expect(reached).toBeGreaterThanOrEqual(4);
  });

  it('drawOdd draws each odd number of its interval', () => {
    const found = (low: number, high: number) => {
      const draws = new Draws(keyOf(3));
      return [...new Set(Array.from({ length: 200 }, () => drawOdd(draws, [low, high])))].sort(
        (a, b) => a - b,
      );
    };
    expect(found(3, 7)).toEqual([3, 5, 7]);
    expect(found(2, 8)).toEqual([3, 5, 7]);
    expect(found(5, 5)).toEqual([5]);
    expect(found(3.9, 4.3)).toEqual([5]);
  });
});

describe('dropout', () => {
  const white: Picture = { width: 120, height: 90, data: new Uint8Array(3 * 120 * 90).fill(255) };
  const dark = ({ data }: { data: ArrayLike<number> }) => {
    let n = 0;
    for (let i = 0; i < data.length; i += 3) n += Number(data[i] === 0);
    return n / (data.length / 3);
  };
  const area = (operator: SampleOperator, n = 60) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += dark(render(drawn(operator, i), white));
    return sum / n;
  };

  it('pixelDropout drops the given share', () => {
    for (const amount of [0.02, 0.4]) {
      expect(Math.abs(area(pixelDropout(amount), 10) / amount - 1)).toBeLessThan(0.05);
    }
    const { data } = render(drawn(pixelDropout({ share: [0.5, 0.5], perChannel: true })), white);
    const mixed = Array.from(
      { length: data.length / 3 },
      (_, i) => new Set(data.slice(3 * i, 3 * i + 3)).size,
    );
    expect(mixed.filter((n) => n > 1).length / mixed.length).toBeCloseTo(0.75, 1);
  });

  it('coarseDropout makes as many holes as drawn, of their size, inside the image', () => {
    const operator = coarseDropout({ holes: [3, 5], height: [0.1, 0.1], width: [0.2, 0.2], p: 1 });
    const counts = new Set<number>();
    for (let i = 0; i < 60; i++) {
      const recipe = drawn(operator, i);
      const { holes } = (recipe[0] as Draw).params as { holes: number[][] };
      counts.add(holes.length);
      const share = dark(render(recipe, white));
      expect(share).toBeLessThanOrEqual(holes.length * 0.02 + 1e-9);
      expect(share).toBeGreaterThanOrEqual(0.02 - 1e-9);
    }
    expect([...counts].sort()).toEqual([3, 4, 5]);
  });

  it('gridMask fills the square of what it does not keep, turned or not', () => {
    for (const rotate of [0, 31]) {
      for (const keep of [0.3, 0.6]) {
        const share = area(
          gridMask({ keep: [keep, keep], unit: [0.2, 0.4], rotate: [rotate, rotate], p: 1 }),
          30,
        );
        expect(Math.abs(share - (1 - keep) ** 2), `keep ${keep}, ${rotate}°`).toBeLessThan(0.03);
      }
    }
  });

  it('hideAndSeek hides whole patches with its probability', () => {
    expect(area(hideAndSeek({ hide: 0.3, p: 1 }))).toBeCloseTo(0.3, 1);
    const { data } = render(drawn(hideAndSeek({ cells: [3], p: 1 })), white);
    for (let y = 0; y < 90; y++) {
      for (let x = 0; x < 120; x++) {
        const corner = 3 * (120 * 30 * Math.floor(y / 30) + 30 * Math.floor(x / 30));
        expect(data[3 * (120 * y + x)]).toBe(data[corner]);
      }
    }
  });

  it('fills after normalize in the units of the batch, with noise N(0, 1) if asked', () => {
    const normalize = { op: 'normalize', params: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } };
    for (const operator of [
      coarseDropout({ fill: 'noise', p: 1, holes: [8, 8], width: [0.5, 0.5], height: [0.5, 0.5] }),
      gridMask({ keep: [0.1, 0.1], rotate: [10, 10], fill: 'noise', p: 1 }),
      hideAndSeek({ hide: 1, fill: 'noise', p: 1 }),
    ]) {
      const { data } = render([normalize, ...drawn(operator)], white, { dtype: 'float32' });
      const filled = Array.from(data).filter((v) => v !== 2);
      const mean = filled.reduce((a, b) => a + b, 0) / filled.length;
      const deviation = Math.sqrt(filled.reduce((a, b) => a + (b - mean) ** 2, 0) / filled.length);
      expect(filled.length).toBeGreaterThan(5000);
      expect(Math.abs(mean)).toBeLessThan(0.05);
      expect(Math.abs(deviation - 1)).toBeLessThan(0.05);
    }
  });

  it('many patches are one step of a plan', () => {
    const plan = planOf(hideAndSeek({ cells: [14], p: 1 }), 224, 224);
    expect(plan.passes.map(({ steps }) => steps.length)).toEqual([1]);
  });
});

describe('weather', () => {
  const scene = picture(96, 72, 4);
  const gray = (value: number, width = 96, height = 72): Picture => ({
    width,
    height,
    data: new Uint8Array(3 * width * height).fill(value),
  });
  const mean = (data: ArrayLike<number>) => Array.from(data).reduce((a, b) => a + b, 0) / data.length;
  const through = (operator: SampleOperator, p: Picture, i = 0) => render(drawn(operator, i), p).data;

  it('fog has the given mean opacity, and thickens evenly', () => {
    for (const density of [0.2, 0.5, 0.8]) {
      let sum = 0;
      const fogs = fog({ strength: [density, density], color: [255, 255, 255], p: 1 });
      for (let i = 0; i < 12; i++) sum += mean(through(fogs, gray(0), i)) / 255 / 12;
      expect(Math.abs(sum - density)).toBeLessThan(0.06);
    }
    const even = through(
      fog({ strength: [0.5, 0.5], patchiness: [0, 0], color: [200, 100, 0], p: 1 }),
      gray(0),
    );
    expect([...even.slice(0, 3)]).toEqual([100, 50, 0]);
    expect(new Set(even).size).toBe(3);
  });

  it('rain is brighter than the image, and darkens the rest by its factor', () => {
    const data = through(rain({ strength: [0.5, 0.5], brightness: [0.5, 0.5], p: 1 }), gray(100));
    const dry = data.filter((v) => v === 50).length / data.length;
    expect(dry).toBeGreaterThan(0.5);
    expect(dry).toBeLessThan(0.98);
    expect(data.every((v) => v >= 50)).toBe(true);
  });

  it('rain falls along its slant', () => {
    for (const slant of [-30, 0, 30]) {
      const { data } = render(
        drawn(
          rain({ slant: [slant, slant], length: [0.4, 0.4], strength: [1, 1], brightness: [1, 1], p: 1 }),
        ),
        gray(0, 200, 200),
      );
      // Correlation between rows ten apart is greatest at the shift that the slant makes.
      const correlation = (shift: number) => {
        let sum = 0;
        for (let y = 0; y < 190; y++) {
          for (let x = 20; x < 180; x++) {
            sum += (data[3 * (200 * y + x)] as number) * (data[3 * (200 * (y + 10) + x + shift)] as number);
          }
        }
        return sum;
      };
      const shifts = Array.from({ length: 25 }, (_, i) => i - 12);
      const best = shifts.reduce((a, b) => (correlation(b) > correlation(a) ? b : a));
      expect(Math.abs(best - 10 * Math.tan((slant * Math.PI) / 180))).toBeLessThan(1.6);
    }
  });

  it('snow only brightens', () => {
    for (let i = 0; i < 4; i++) {
      const data = through(snow({ p: 1 }), scene, i);
      expect(data.every((v, k) => v >= (scene.data[k] as number))).toBe(true);
    }
  });

  it('shadow darkens by its strength inside its polygons, and nothing outside', () => {
    const polygons = [
      [
        [0.25, 0.25],
        [0.75, 0.25],
        [0.75, 0.75],
        [0.25, 0.75],
      ],
    ];
    const recipe: Recipe = [{ op: 'shadow', params: { strength: 0.6, polygons, softness: 0 } }];
    const { data } = render(recipe, gray(200));
    for (let y = 0; y < 72; y++) {
      for (let x = 0; x < 96; x++) {
        const inside = x >= 24 && x < 72 && y >= 18 && y < 54;
        expect(data[3 * (96 * y + x)]).toBe(inside ? 80 : 200);
      }
    }
    // A triangle covers half of the rectangle that it fits in.
    const triangle = [
      [
        [0, 0],
        [1, 0],
        [0, 1],
      ],
    ];
    const half = render(
      [{ op: 'shadow', params: { strength: 1, polygons: triangle, softness: 0 } }],
      gray(255),
    );
    expect(mean(half.data) / 255).toBeCloseTo(0.5, 2);
    const soft = through(shadow({ softness: [0.3, 0.3], p: 1 }), scene);
    expect(soft.every((v, k) => v <= (scene.data[k] as number))).toBe(true);
  });

  it('sunFlare only adds light, most of it at the sun', () => {
    const params = {
      strength: 0.8,
      x: 0.25,
      y: 0.5,
      radius: 0.2,
      rays: 10,
      color: [255, 255, 255],
      ghosts: [],
    };
    const { data } = render([{ op: 'sunFlare', params }], gray(40));
    expect(data.every((v) => v >= 40)).toBe(true);
    expect(Math.max(...data)).toBe(data[3 * (96 * 36 + 24)]);
    expect(data[3 * (96 * 36 + 95)]).toBeLessThan(60);
    for (let i = 0; i < 4; i++) {
      const flare = through(sunFlare({ p: 1 }), scene, i);
      expect(flare.every((v, k) => v >= (scene.data[k] as number))).toBe(true);
    }
  });

  it('spatter covers about a third at strength 1, whatever the size of its drops', () => {
    for (const size of [0.02, 0.04, 0.08]) {
      let covered = 0;
      for (let i = 0; i < 8; i++) {
        const operator = spatter({ strength: [1, 1], liquid: ['mud'], size: [size, size], p: 1 });
        const data = through(operator, gray(255, 160, 160), i);
        covered += data.filter((v) => v < 160).length / data.length / 8;
      }
      expect(covered).toBeGreaterThan(0.2);
      expect(covered).toBeLessThan(0.45);
    }
  });

  it('is made when rows are rendered, not when the plan is', () => {
    const recipe = parseRecipe(
      [rain(1), snow(1), fog(1), spatter(1), sunFlare(1)].flatMap((operator, i) => drawn(operator, i)),
      ops(),
    );
    // Masks of so many pixels would not fit into memory, nor be painted before the test times out.
    expect(lower(recipe, 65535, 65535, ops()).passes.length).toBeGreaterThan(0);
  });
});

describe('superpixels', () => {
  it('follow the edges of flat parts, which they leave as they are', () => {
    const flags: Picture = { width: 60, height: 40, data: new Uint8Array(3 * 60 * 40) };
    for (let i = 0; i < 2400; i++) {
      const [x, y] = [i % 60, Math.floor(i / 60)];
      flags.data.set([x < 33 ? 250 : 10, y < 17 ? 10 : 250, x < 33 ? 90 : 180], 3 * i);
    }
    expect(render(drawn(superpixels({ replace: [1, 1], segments: [24, 24], p: 1 })), flags).data).toEqual(
      flags.data,
    );
  });

  it('are about as many as requested, each in one color, and keep the mean', () => {
    const p = picture(80, 60, 9);
    const { data } = render(drawn(superpixels({ replace: [1, 1], segments: [48, 48], p: 1 })), p);
    const colors = new Set<number>();
    for (let i = 0; i < data.length; i += 3) {
      colors.add(65536 * (data[i] as number) + 256 * (data[i + 1] as number) + (data[i + 2] as number));
    }
    expect(colors.size).toBeGreaterThan(30);
    expect(colors.size).toBeLessThanOrEqual(48);
    for (const c of [0, 1, 2]) {
      const of = (pixels: ArrayLike<number>) => {
        let sum = 0;
        for (let i = c; i < pixels.length; i += 3) sum += pixels[i] as number;
        return sum / (pixels.length / 3);
      };
      expect(Math.abs(of(data) - of(p.data))).toBeLessThan(0.5);
    }
  });

  it('are painted in the share that is drawn', () => {
    const p = picture(96, 96, 2, 'noise');
    let changed = 0;
    for (let i = 0; i < 12; i++) {
      const operator = superpixels({ replace: [0.3, 0.3], segments: [100, 100], p: 1 });
      const { data } = render(drawn(operator, i), p);
      let n = 0;
      for (let k = 0; k < data.length; k++) n += Number(data[k] !== p.data[k]);
      changed += n / data.length / 12;
    }
    expect(Math.abs(changed - 0.3)).toBeLessThan(0.07);
  });

  it('more centers than the kernels hold are computed by the plain code', () => {
    const p = picture(80, 60, 9);
    const recipe = [{ op: 'superpixels', params: { replace: 1, segments: 4000, seed: [1, 2] } }];
    const plan = lower(parseRecipe(recipe, ops()), 80, 60, ops());
    const data = new Uint8Array(p.data.length);
    new Engine().run(plan, p, { data, width: 80, height: 60, dtype: 'uint8', layout: 'HWC' });
    expect(distance(data, p.data).max).toBeGreaterThan(0);
    expect(distance(data, render(recipe, p, { fuse: false }).data).max).toBe(0);
  });
});
