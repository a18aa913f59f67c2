/** Masks, boxes and keypoints through the stream: with the pixels, for any number of workers, bad ones set aside. */
import { describe, expect, it } from 'vitest';
import { affine, horizontalFlip, randomResizedCrop } from '../../src/augment/index.js';
import { type Batch, type Dataset, Draws, keyOf, type Targets } from '../../src/core/index.js';
import { batch, pull, samples } from '../../src/stream/index.js';

const [W, H] = [40, 30];

/** Images whose red channel is their mask, so that one can be checked by the other. */
function data(change: (targets: Targets, i: number) => Targets = (t) => t): Dataset {
  const items = Array.from({ length: 20 }, (_, i) => {
    const draws = new Draws(keyOf(i));
    const [x0, y0] = [draws.int(20), draws.int(15)];
    const box = [x0, y0, x0 + 4 + draws.int(14), y0 + 4 + draws.int(10)] as const;
    const mask = new Uint8Array(W * H).map((_, p) => {
      const [x, y] = [p % W, Math.floor(p / W)];
      return x >= box[0] && y >= box[1] && x < box[2] && y < box[3] ? 200 : 10;
    });
    const image = new Uint8Array(3 * W * H).map((_, p) => (p % 3 === 0 ? (mask[p / 3] as number) : 90));
    const targets: Targets = {
      mask: { kind: 'pixels', data: mask, width: W, height: H, channels: 1 },
      boxes: { format: 'voc', items: [{ box, label: 1 }] },
      keypoints: { items: [{ x: box[0] + 1, y: box[1] + 1 }] },
    };
    const pixels = { kind: 'pixels', data: image, width: W, height: H, channels: 3 } as const;
    return { id: `s${i}`, label: 0, image: pixels, targets: change(targets, i) };
  });
  return {
    name: 'made',
    classes: ['a'],
    length: items.length,
    item: (i) => items[i] as (typeof items)[number],
  };
}

async function collect(set: Dataset, workers: number): Promise<Batch[]> {
  const draws = [
    horizontalFlip(),
    affine({ rotate: [-20, 20], interpolation: 'nearest' }),
    randomResizedCrop({ size: 24, interpolation: 'nearest' }),
  ] as const;
  const batches = samples(set, { seed: 3 }).pipe(...draws, batch(8, { workers, dtype: 'uint8', maxBad: 1 }));
  const all: Batch[] = [];
  for await (const one of pull(batches)) all.push(one);
  return all;
}

describe('targets', () => {
  it('follow the pixels', async () => {
    for (const { images, masks, targets, size, samples } of await collect(data(), 0)) {
      expect(targets).toHaveLength(size);
      let known = 0;
      for (let p = 0; p < size * 24 * 24; p++) {
        if (masks?.mask?.[p] === 0) continue; // came in from outside
        known++;
        expect(masks?.mask?.[p]).toBe(images[3 * p]);
      }
      expect(known).toBeGreaterThan(size * 24 * 24 * 0.5);
      expect(samples[0]?.recipe.length).toBeGreaterThan(1);
      for (const { boxes = [] } of targets ?? []) {
        for (const { box } of boxes) expect(Math.min(...box) >= 0 && Math.max(...box) <= 24).toBe(true);
      }
    }
  });

  it('are the same for workers', async () => {
    const inline = await collect(data(), 0);
    const threads = await collect(data(), 2);
    threads.forEach((batch, i) => {
      expect(batch.targets).toEqual(inline[i]?.targets);
      expect(batch.masks).toEqual(inline[i]?.masks);
    });
  });

  it('that do not fit set their sample aside, with one sentence', async () => {
    const odd = data((targets, i) => {
      if (i === 3)
        return {
          ...targets,
          mask: { kind: 'pixels', data: new Uint8Array(6), width: 3, height: 2, channels: 1 },
        };
      if (i === 5)
        return {
          ...targets,
          boxes: { format: 'voc', onBadBox: 'fail', items: [{ box: [9, 9, 2, 2], label: 0 }] },
        };
      return targets;
    });
    const [first] = await collect(odd, 0);
    expect(first?.size).toBe(6);
    expect(first?.targets).toHaveLength(6);
    expect(first?.bad).toEqual([
      {
        id: 's3',
        reason:
          "s3: mask 'mask': expected 40×30 like its image but received 3×2; resize the mask without blending",
      },
      { id: 's5', reason: expect.stringMatching(/^s5: box 0: expected its right and lower edge beyond/) },
    ]);
  });
});
