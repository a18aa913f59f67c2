/** One image in memory: the pixels of the stream for the same key, the same errors, and a file of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import {
  augMixTriples,
  cutout,
  horizontalFlip,
  normalize,
  ops,
  parseRecipe,
  policy,
  randomApply,
  randomResizedCrop,
  rotate,
  type SampleOperator,
  staged,
  trivialAugment,
} from '../../src/augment/index.js';
import { BadSampleError, type Batch, linear, type Targets } from '../../src/core/index.js';
import { augment, batch, fromItems, mapPixels, mixup, samples } from '../../src/stream/index.js';
import { Renderer } from '../../src/stream/renderer.js';
import { image, picture, scratchFolder } from '../io/make.js';
import { all, dataset, failure, itemOf } from './make.js';

const folder = scratchFolder();
const chain = () => [randomResizedCrop(24), horizontalFlip(), rotate(20), trivialAugment(), cutout(6)];

/** Row `row` of a batch. */
const rowOf = ({ images, height, width }: Batch, row: number) =>
  images.subarray(3 * height * width * row, 3 * height * width * (row + 1));

describe('augment', () => {
  it('gives the bytes and the recipe that a stream gives for the same seed, epoch and index', async () => {
    const of = (i: number) => itemOf(i, { width: 40, height: 30 });
    const [a, b, c, d, e] = chain() as [SampleOperator, ...SampleOperator[]];
    const stream = samples(dataset(4, of), { seed: 7, epochs: 2 }).pipe(
      a,
      b as SampleOperator,
      c as SampleOperator,
      d as SampleOperator,
      e as SampleOperator,
      batch(4, { dtype: 'uint8', workers: 0 }),
    );
    const batches = await all(stream);
    for (const [epoch, index] of [
      [0, 0],
      [0, 3],
      [1, 2],
    ] as const) {
      const { data, width, height, recipe } = await augment(of(index).image, chain(), {
        seed: 7,
        epoch,
        index,
      });
      const from = batches[epoch] as Batch;
      expect([width, height]).toEqual([24, 24]);
      expect(recipe).toEqual(from.samples[index]?.recipe);
      expect(Buffer.from(data as Uint8Array).equals(rowOf(from, index) as Uint8Array)).toBe(true);
    }
    const other = await augment(of(0).image, chain(), { seed: 8 });
    expect(other.recipe).not.toEqual(batches[0]?.samples[0]?.recipe);
  });

  it('gives float32 after normalize, with the values of a float32 batch', async () => {
    const { image: pixels } = itemOf(3, { width: 8, height: 8 });
    const [of] = await all(
      samples(dataset(1, () => itemOf(3, { width: 8, height: 8 }))).pipe(
        horizontalFlip(),
        normalize(),
        batch(1, { workers: 0 }),
      ),
    );
    const { data } = await augment(pixels, [horizontalFlip(), normalize()]);
    expect(data).toBeInstanceOf(Float32Array);
    expect([...data]).toEqual([...(of as Batch).images]);
  });

  it('takes a path, the bytes of a file and pixels: all give the same pixels', async () => {
    const png = await image(20, 12).png().toBuffer();
    const path = join(folder, 'a.png');
    await image(20, 12).png().toFile(path);
    const seen = await Promise.all(
      [
        path,
        png,
        new URL(`file://${path}`),
        { data: new Uint8Array(picture(20, 12)), width: 20, height: 12 },
      ].map((given) => augment(given, [policy('rand-m9-n2')], { seed: 3 })),
    );
    for (const { data, recipe } of seen) {
      expect(recipe).toEqual(seen[0]?.recipe);
      expect([...data]).toEqual([...(seen[0]?.data ?? [])]);
    }
    const plain = await augment(png, []);
    expect([...plain.data]).toEqual([...picture(20, 12)]);
  });

  it('moves masks, boxes and keypoints along as the stream does', async () => {
    const ids = Uint8Array.from({ length: 8 * 6 }, (_, i) => i % 8);
    const targets: Targets = {
      mask: { kind: 'ids', data: ids, width: 8, height: 6 },
      boxes: { format: 'voc', items: [{ box: [1, 1, 3, 4], label: 2 }] },
      keypoints: { items: [{ x: 1.5, y: 2.5 }] },
    };
    const pixels = itemOf(1, { width: 8, height: 6 });
    const [from] = await all(
      samples(dataset(1, () => ({ ...pixels, targets }))).pipe(
        horizontalFlip({ p: 1 }),
        batch(1, { workers: 0 }),
      ),
    );
    const out = await augment(pixels.image, [horizontalFlip({ p: 1 })], { targets });
    expect(out.targets?.boxes?.items).toEqual([{ box: [5, 1, 7, 4], label: 2 }]);
    expect(out.targets?.keypoints?.items).toEqual([{ x: 6.5, y: 2.5, visible: true }]);
    const mask = out.targets?.masks?.mask as { image: { data: Uint8Array } };
    expect([...mask.image.data.subarray(0, 8)]).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
    expect([...mask.image.data]).toEqual([...(from?.masks?.mask ?? [])]);
    expect(out.targets?.boxes?.items).toEqual(from?.targets?.[0]?.boxes);
  });

  it('writes a picture whose ending is its format, and refuses normalized pixels and other endings', async () => {
    const out = await augment({ data: new Uint8Array(picture(20, 12)), width: 20, height: 12 }, [
      horizontalFlip(),
    ]);
    const path = join(folder, 'deep/b.png');
    await out.toFile(path);
    expect([...(await sharp(readFileSync(path)).raw().toBuffer())]).toEqual([...out.data]);
    expect((await sharp(await out.encode('jpg', { quality: 80 })).metadata()).format).toBe('jpeg');
    expect((await sharp(await out.encode('webp')).metadata()).format).toBe('webp');
    await expect(out.toFile('x.bmp')).rejects.toThrow("toFile: expected png, jpg or webp but received 'bmp'");
    await expect(out.encode('png', { quality: 80 })).rejects.toThrow('quality 80 means nothing for png');
    const floats = await augment({ data: new Uint8Array(12), width: 2, height: 2 }, [normalize()]);
    await expect(floats.encode('png')).rejects.toThrow('received normalized ones; leave normalize() out');
  });

  it('refuses by name what is no transform of samples, and a schedule without progress', async () => {
    const pixels = { data: new Uint8Array(12), width: 2, height: 2 };
    const tried = (...given: unknown[]) => augment(pixels, given as SampleOperator[]);
    await expect(tried(horizontalFlip(), mixup(0.2))).rejects.toThrow(
      'augment: mixup at place 1 mixes the images of a batch; use it in a stream, after batch(size)',
    );
    await expect(tried(batch(2))).rejects.toThrow(
      'augment: expected a transform at place 0 but received function',
    );
    await expect(tried(mapPixels(() => undefined))).rejects.toThrow('a transform at place 0');
    await expect(tried(augMixTriples())).rejects.toThrow('a transform at place 0');
    await expect(tried(cutout(linear(0, 16)))).rejects.toThrow(
      "'cutout' at place 0 follows a schedule; give progress",
    );
    await expect(tried(randomApply(linear(0, 1), horizontalFlip()))).rejects.toThrow('give progress');
    await expect(tried(randomApply(1, staged([0, horizontalFlip()])))).rejects.toThrow('give progress');
    await expect(augment(pixels, horizontalFlip() as never)).rejects.toThrow('write [horizontalFlip()]');
    await expect(augment(7 as never, [])).rejects.toThrow('augment: expected a path, the bytes of an image');
    await expect(augment(pixels, [], { sed: 1 } as never)).rejects.toThrow("did you mean 'seed'?");
    await expect(augment(pixels, [], { targets: { box: [] } as never })).rejects.toThrow(
      "unknown field 'box'",
    );
    const { recipe } = await augment(pixels, [cutout({ size: linear(0, 2) })], { progress: 1 });
    expect(recipe).toHaveLength(1);
  });

  it('fails for an image that cannot be read with the sentence that the stream counts it by', async () => {
    const bytes = new TextEncoder().encode('no image at all');
    const made = fromItems([{ id: 'image', image: bytes, label: 0 }], { classes: 1 });
    const stream = made.pipe(batch(1, { workers: 0, onBadSample: 'fail' }));
    const message = await failure(all(stream));
    const error = await augment(bytes, []).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadSampleError);
    expect(message).toContain((error as Error).message);
    await expect(augment('nowhere.png', [])).rejects.toThrow('nowhere.png');
  });

  it('gives a recipe that replays to the same bytes, and does many at once', async () => {
    const jpeg = await image(64, 48).jpeg().toBuffer();
    const many = await Promise.all(
      Array.from({ length: 8 }, (_, index) => augment(jpeg, chain(), { seed: 1, index })),
    );
    const single = await augment(jpeg, chain(), { seed: 1, index: 5 });
    expect([...(many[5]?.data ?? [])]).toEqual([...single.data]);
    expect(parseRecipe(JSON.stringify(single.recipe), ops())).toEqual(single.recipe);
    expect(new Set(many.map(({ recipe }) => JSON.stringify(recipe))).size).toBe(8);
  });

  it('disposes of the renderer of a large image, whose memory and files it does not keep', async () => {
    const dispose = vi.spyOn(Renderer.prototype, 'dispose');
    try {
      await augment({ data: new Uint8Array(12), width: 2, height: 2 }, []);
      const before = dispose.mock.calls.length;
      const [width, height] = [8000, 2001];
      await augment({ data: new Uint8Array(3 * width * height), width, height }, []);
      await vi.waitFor(() => expect(dispose.mock.calls.length).toBe(before + 1));
    } finally {
      dispose.mockRestore();
    }
  });
});
