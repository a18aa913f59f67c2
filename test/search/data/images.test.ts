import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Dataset, ImageRef } from '../../../src/core/index.js';
import { arrayDataset, loadImages, select } from '../../../src/search/data/images.js';
import { batch } from '../../../src/stream/batch.js';
import { pull, samples } from '../../../src/stream/index.js';
import { made } from './make.js';

const pixelsOf = (data: Dataset, i: number) => (data.item(i).image as { data: Uint8Array }).data;

describe('loadImages', () => {
  it('keeps the bytes of images that have the size', async () => {
    const data = made({ count: 70 });
    const images = await loadImages(data, { size: 8, channels: 3, name: 'train' });
    expect(images.ids).toHaveLength(70);
    for (const i of [0, 1, 63, 64, 69]) {
      expect(images.pixels.subarray(i * 192, (i + 1) * 192)).toEqual(pixelsOf(data, i));
      expect([images.ids[i], images.labels[i]]).toEqual([`made/${i}`, i % 2]);
    }
    expect(new Set(images.hashes).size).toBe(70);
  });

  it('says that masks, boxes and keypoints have no part in it', async () => {
    const data = made({ count: 2 });
    const points = { items: [{ x: 1, y: 2 }] };
    const marked: Dataset = { ...data, item: (i) => ({ ...data.item(i), targets: { keypoints: points } }) };
    expect((await loadImages(data, { size: 8, channels: 3, name: 'train' })).notes).toEqual([]);
    expect((await loadImages(marked, { size: 8, channels: 3, name: 'train' })).notes).toEqual([
      'train: masks, boxes and keypoints have no part in a search; the found policy moves them where it is used',
    ]);
  });

  it('resizes the shorter side and crops the middle', async () => {
    // Left half 0, middle 100, right half 200: of 16 × 8 pixels the middle 8 columns stay.
    const data = Uint8Array.from(
      { length: 16 * 8 * 3 },
      (_, at) => [0, 100, 100, 200][Math.floor(((at / 3) % 16) / 4)] as number,
    );
    const image: ImageRef = { kind: 'pixels', data, width: 16, height: 8, channels: 3 };
    const wide: Dataset = { ...made({ count: 2 }), item: (i) => ({ id: `${i}`, image, label: i }) };
    const whole = await loadImages(wide, { size: 8, channels: 3, name: 'train' });
    expect(new Set(whole.pixels)).toEqual(new Set([100]));
    const half = await loadImages(wide, { size: 4, channels: 3, name: 'train' });
    expect(half.pixels).toHaveLength(2 * 48);
    expect(Math.abs((half.pixels[3 * 5 + 1] as number) - 100)).toBeLessThan(30);
  });

  it('keeps one channel of gray images and refuses colors', async () => {
    const gray = await loadImages(made({ channels: 1 }), { size: 8, channels: 1, name: 'train' });
    expect(gray.pixels.subarray(0, 64)).toEqual(pixelsOf(made({ channels: 1 }), 0));
    await expect(loadImages(made(), { size: 8, channels: 1, name: 'train' })).rejects.toThrow(
      /train: 'made\/0': expected a gray image for channels: 1 but it has colors; set channels: 3/,
    );
  });

  it('leaves out bad images and tells them, and refuses too many', async () => {
    const good = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#804020' } })
      .png()
      .toBuffer();
    const of = (bad: number): Dataset => ({
      ...made({ count: 120 }),
      problems: [{ where: 'a.txt', reason: 'it is no image' }],
      item: (i) => ({
        id: `${i}`,
        image: { kind: 'bytes', bytes: i < bad ? Buffer.from('no image') : good },
        label: i % 2,
      }),
    });
    const images = await loadImages(of(1), { size: 8, channels: 3, name: 'train', workers: 0 });
    expect(images.ids).toHaveLength(119);
    expect(images.notes[0]).toBe('train: a.txt: it is no image');
    expect(images.notes[1]).toMatch(/^train: 0: was left out: /);
    await expect(loadImages(of(60), { size: 8, channels: 3, name: 'train', workers: 0 })).rejects.toThrow(
      /samples cannot be used/,
    );
  });

  it('refuses what is empty and labels that are distributions', async () => {
    await expect(loadImages(made({ count: 0 }), { size: 8, channels: 3, name: 'test' })).rejects.toThrow(
      "search: test: expected images but 'made' is empty; check its path",
    );
    const soft: Dataset = {
      ...made(),
      item: (i) => ({ ...made().item(i), label: Float32Array.of(0.5, 0.5) }),
    };
    await expect(loadImages(soft, { size: 8, channels: 3, name: 'test' })).rejects.toThrow(
      /test: expected class numbers as labels but 'made\/0' has a distribution; give hard labels/,
    );
  });
});

describe('images in memory', () => {
  it('are a data set that streams give again', async () => {
    const images = await loadImages(made(), { size: 8, channels: 3, name: 'train' });
    for (const channels of [1, 3] as const) {
      const own = await loadImages(made({ channels }), { size: 8, channels, name: 'train' });
      for await (const one of pull(
        samples(arrayDataset(own)).pipe(batch(20, { dtype: 'uint8', workers: 0 })),
      )) {
        expect([...one.labels]).toEqual([...own.labels]);
        expect([...one.images.subarray(0, 3)]).toEqual(
          [0, 1, 2].map((c) => own.pixels[channels === 3 ? c : 0]),
        );
        one.dispose();
      }
    }
    const some = select(images, [3, 1], 'some');
    expect(some.ids).toEqual(['made/3', 'made/1']);
    expect(arrayDataset(some).item(0)).toMatchObject({ id: 'made/3', label: 1 });
    expect(some.hashes).toEqual([images.hashes[3], images.hashes[1]]);
    expect(some.sha256).not.toBe(images.sha256);
  });
});
