/** Decoding only what is seen: the same pixels as decoding the whole, and what is taken instead where that cannot be. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BoundTransform,
  centerCrop,
  Engine,
  Executor,
  grayscale,
  horizontalFlip,
  invert,
  lower,
  ops,
  type Plan,
  padCrop,
  perspective,
  randomCrop,
  randomResizedCrop,
  resize,
  rotate,
  seenBy,
  shrunkPlan,
  translate,
  verticalFlip,
} from '../../src/augment/index.js';
import { BadSampleError, type Draw, fold, keyOf } from '../../src/core/index.js';
import type { Look } from '../../src/io/decode/jpeg-part.js';
import type { Pixels } from '../../src/io/decode/pixels.js';
import { whyNotTurboJpeg } from '../../src/io/decode/turbojpeg-library.js';
import { Decoder } from '../../src/io/index.js';
import { type JpegKind, jpegOf } from './jpegs.js';
import { picture } from './make.js';

const absent = whyNotTurboJpeg();
const without = absent === undefined ? '' : ` (skipped: ${absent})`;

/** Noise over a smooth picture: wrong pixels do not hide in flat areas. */
function noisy(width: number, height: number): Uint8Array {
  const data = picture(width, height);
  let state = width * 31 + height;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = Math.max(0, Math.min(255, (data[i] as number) + ((state >>> 24) % 61) - 30));
  }
  return data;
}

const kinds: fc.Arbitrary<JpegKind> = fc.record({
  sampling: fc.integer({ min: 0, max: 6 }),
  quality: fc.integer({ min: 30, max: 99 }),
  progressive: fc.boolean(),
  restart: fc.constantFrom(0, 0, 1, 3),
  orientation: fc.integer({ min: 1, max: 8 }),
});

/** A crop of some kind, and moves around it. */
const transforms: fc.Arbitrary<readonly BoundTransform[]> = fc
  .record({
    before: fc.constantFrom([], [horizontalFlip({ p: 1 })], [verticalFlip({ p: 1 })]),
    crop: fc.constantFrom(
      randomResizedCrop(48),
      randomResizedCrop({ size: 48, interpolation: 'bicubic' }),
      randomResizedCrop({ size: 48, antialias: false }),
      randomCrop(40),
      centerCrop(40),
      padCrop(5),
      resize(60),
      translate({ x: [-0.6, 0.6], y: [-0.6, 0.6] }),
      rotate({ angle: [-30, 30], border: 'reflect' }),
      rotate(30),
    ),
    after: fc.constantFrom(
      [],
      [horizontalFlip({ p: 1 })],
      [rotate(20)],
      [randomCrop(30)],
      [grayscale({ p: 1 })],
      [invert({ p: 1 })],
    ),
  })
  .map(({ before, crop, after }) => [...before, crop, ...after].map(({ transform }) => transform));

const drawn = (chain: readonly BoundTransform[], seed: number): Draw[] =>
  chain.flatMap((transform, place) => [...transform.draw(fold(keyOf(seed), place), 0)]);

const registry = ops();
const options = { scaledDecode: false } as const;

/** Decodes into memory full of another value each time: what was not decoded cannot look right by chance. */
function decoded(decoder: Decoder, bytes: Buffer, fill: number, look?: Look): Pixels {
  const pixels = decoder.decode({ kind: 'bytes', bytes }, (size) => Buffer.alloc(size, fill), 'sample', look);
  if (pixels instanceof Promise) throw new Error('expected pixels at once');
  return pixels;
}

function rendered(plan: Plan, pixels: Pixels, how: { run: Engine['run'] }): Uint8Array {
  const data = new Uint8Array(3 * plan.width * plan.height);
  how.run(plan, pixels, { data, width: plan.width, height: plan.height, dtype: 'uint8', layout: 'HWC' });
  return data;
}

describe.skipIf(absent !== undefined)(`a part of a JPEG${without}`, () => {
  it('renders to the same bytes as the whole: 2,000 random recipes on every kind of file', () => {
    const partly = new Decoder(options);
    const wholly = new Decoder({ ...options, verify: 'whole' });
    const engines = [new Engine(), new Engine()] as const;
    let parts = 0;
    const property = fc.property(
      kinds,
      fc.integer({ min: 40, max: 150 }),
      fc.integer({ min: 40, max: 150 }),
      transforms,
      fc.integer({ min: 0, max: 1e6 }),
      (kind, width, height, chain, seed) => {
        const bytes = jpegOf(noisy(width, height), width, height, kind);
        const recipe = drawn(chain, seed);
        let plan: Plan | undefined;
        const part = decoded(partly, bytes, 77, (w, h) => {
          plan = lower(recipe, w, h, registry);
          const seen = seenBy(plan, w, h);
          if (seen) parts++;
          return seen;
        });
        const whole = decoded(wholly, bytes, 200);
        expect([part.width, part.height]).toEqual([whole.width, whole.height]);
        const expected = rendered(plan as Plan, whole, engines[0]);
        expect(Buffer.compare(rendered(plan as Plan, part, engines[1]), expected)).toBe(0);
      },
    );
    fc.assert(property, { numRuns: 2000, seed: 15 });
    expect(parts).toBeGreaterThan(1000);
    partly.dispose();
    wholly.dispose();
  });

  it('seenBy() names every pixel that the plain executor reads', () => {
    const width = 90;
    const height = 70;
    const property = fc.property(transforms, fc.integer({ min: 0, max: 1e6 }), (chain, seed) => {
      const plan = lower(drawn(chain, seed), width, height, registry);
      const seen = seenBy(plan, width, height);
      if (!seen) return;
      const data = noisy(width, height);
      const blotted = Uint8Array.from(data, (value, i) => {
        const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
        const [x0, y0, x1, y1] = seen.window;
        return x >= x0 && x < x1 && y >= y0 && y < y1 ? value : 255 - value;
      });
      const of = (pixels: Uint8Array) =>
        rendered(plan, { data: pixels, width, height, channels: 3 }, new Executor());
      expect(Buffer.compare(of(blotted), of(data))).toBe(0);
    });
    fc.assert(property, { numRuns: 500, seed: 16 });
  });

  it('seenBy() is the whole where statistics, a filter or a warp read all of it', () => {
    const of = (...chain: { transform: BoundTransform }[]) =>
      seenBy(
        lower(
          drawn(
            chain.map(({ transform }) => transform),
            3,
          ),
          200,
          100,
          registry,
        ),
        200,
        100,
      );
    expect(of(randomCrop(40))).toMatchObject({ shrink: 1 });
    expect(of(perspective({ p: 1 }), randomCrop(40))).toBeUndefined();
  });

  it('is written nowhere but in the image, and leaves the memory outside the part as it was', () => {
    const decoder = new Decoder(options);
    const [width, height, guard] = [200, 160, 4096];
    const kind = { sampling: 2, quality: 90, progressive: false, restart: 0, orientation: 1 };
    const bytes = jpegOf(noisy(width, height), width, height, kind);
    const memory = Buffer.alloc(3 * width * height + 2 * guard, 123);
    const window = [100, 80, 110, 90] as const;
    void decoder.decode(
      { kind: 'bytes', bytes },
      (size) => memory.subarray(guard, guard + size),
      'sample',
      () => ({ window, shrink: 1 }),
    );
    expect(memory.subarray(0, guard + 3 * width * 48).every((value) => value === 123)).toBe(true);
    expect(memory.subarray(guard + 3 * width * 112).every((value) => value === 123)).toBe(true);
    decoder.dispose();
  });
});

describe.skipIf(absent !== undefined)(`scaledDecode${without}`, () => {
  const width = 403;
  const height = 301;

  it('decodes a part at a fraction to the same bytes as the whole at that fraction', () => {
    const partly = new Decoder();
    const wholly = new Decoder({ verify: 'whole' });
    const engines = [new Engine(), new Engine()] as const;
    const shrinks = new Set<number>();
    const property = fc.property(kinds, fc.integer({ min: 0, max: 1e6 }), (kind, seed) => {
      const bytes = jpegOf(noisy(width, height), width, height, kind);
      const recipe = drawn([randomResizedCrop({ size: 24, scale: [0.05, 1] }).transform], seed);
      let plan: Plan | undefined;
      const look: Look = (w, h) => {
        plan = lower(recipe, w, h, registry);
        return seenBy(plan, w, h);
      };
      const [part, whole] = [decoded(partly, bytes, 77, look), decoded(wholly, bytes, 200, look)];
      expect(part.shrunk).toEqual(whole.shrunk);
      shrinks.add(part.shrunk?.shrink ?? 1);
      const as = part.shrunk ? shrunkPlan(plan as Plan, part.shrunk) : (plan as Plan);
      expect(Buffer.compare(rendered(as, part, engines[0]), rendered(as, whole, engines[1]))).toBe(0);
    });
    fc.assert(property, { numRuns: 300, seed: 17 });
    expect([...shrinks].sort()).toEqual([2, 4, 8]);
    partly.dispose();
    wholly.dispose();
  });

  it('gives the picture of the whole, in place, for every orientation: 34 dB and more on a smooth one', () => {
    const decoder = new Decoder();
    const exact = new Decoder(options);
    const engine = new Engine();
    for (let orientation = 1; orientation <= 8; orientation++) {
      for (const side of [180, 90, 45]) {
        const kind = { sampling: 0, quality: 95, progressive: false, restart: 0, orientation };
        const bytes = jpegOf(picture(width, height), width, height, kind);
        const recipe = drawn([resize([side, side]).transform], 1);
        const of = (which: Decoder) => {
          let plan: Plan | undefined;
          const pixels = decoded(which, bytes, 0, (w, h) => {
            plan = lower(recipe, w, h, registry);
            return seenBy(plan, w, h);
          });
          const as = pixels.shrunk ? shrunkPlan(plan as Plan, pixels.shrunk) : (plan as Plan);
          return { data: rendered(as, pixels, engine), shrink: pixels.shrunk?.shrink ?? 1 };
        };
        const [scaled, full] = [of(decoder), of(exact)];
        expect(full.shrink).toBe(1);
        expect(scaled.shrink).toBe(side === 180 ? 1 : side === 90 ? 2 : 4);
        const error = scaled.data.reduce((sum, v, i) => sum + (v - (full.data[i] as number)) ** 2, 0);
        const psnr = 10 * Math.log10((255 ** 2 * full.data.length) / Math.max(1e-9, error));
        expect(psnr, `orientation ${orientation}, ${side}`).toBeGreaterThan(34);
      }
    }
    decoder.dispose();
    exact.dispose();
  });
});

describe('verify', () => {
  const [width, height] = [160, 160];
  const kind = { sampling: 2, quality: 90, progressive: false, restart: 1, orientation: 1 };
  const damaged = () => {
    const bytes = jpegOf(noisy(width, height), width, height, kind);
    bytes.fill(0, bytes.length - 400, bytes.length - 2); // in the last rows
    return bytes;
  };
  const window =
    (y0: number, y1: number): Look =>
    () => ({ window: [0, y0, width, y1], shrink: 1 });
  const outcome = async (decoder: Decoder, look: Look) => {
    try {
      await decoder.decode({ kind: 'bytes', bytes: damaged() }, undefined, 'sample', look);
      return 'decoded';
    } catch (error) {
      if (!(error instanceof BadSampleError)) throw error;
      return error.message;
    }
  };

  it.skipIf(absent !== undefined)(
    `finds damage in what is seen, and with 'whole' all of it${without}`,
    async () => {
      const [seen, whole] = [new Decoder(), new Decoder({ verify: 'whole' })];
      expect(await outcome(seen, window(100, 160))).toMatch(/^sample: this JPEG is damaged/);
      expect(await outcome(seen, window(0, 40))).toBe('decoded');
      expect(await outcome(whole, window(0, 40))).toMatch(/^sample: this JPEG is damaged/);
      seen.dispose();
      whole.dispose();
    },
  );
});

it('RXAUG_DECODER=turbojpeg is refused where the library is absent, and any other value by name', async () => {
  const { execFile } = await import('node:child_process');
  const run = (value: string, hide: boolean) =>
    new Promise<string>((resolve) => {
      const block = hide
        ? "import m from 'node:module'; const load = m._load; m._load = (name, ...rest) => { if (name === 'koffi') throw new Error('no koffi'); return load(name, ...rest); };"
        : '';
      const code = `${block} const { whyNotTurboJpeg } = await import('./dist/io/decode/turbojpeg-library.js'); try { console.log(whyNotTurboJpeg()); } catch (error) { console.log(error.message); }`;
      const env = { ...process.env, RXAUG_DECODER: value };
      execFile(process.execPath, ['--input-type=module', '-e', code], { env }, (_, stdout) =>
        resolve(stdout),
      );
    });
  expect(await run('turbojpeg', true)).toContain('RXAUG_DECODER=turbojpeg: no koffi; install koffi');
  expect(await run('', true)).toBe('no koffi\n');
  expect(await run('other', false)).toContain("expected 'turbojpeg' or 'binding' but received 'other'");
});
