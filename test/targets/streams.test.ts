/** Random data sets, chains and mixes: masks, boxes, keypoints and what is left out are the same wherever it is done. */
import { createHash } from 'node:crypto';
import { map, type Observable } from 'rxjs';
import { expect, it } from 'vitest';
import { cutout, gridMask, randomErasing, resize } from '../../src/augment/index.js';
import {
  type Batch,
  type BoxFormat,
  type Dataset,
  Draws,
  fold,
  keyOf,
  type Sample,
} from '../../src/core/index.js';
import {
  batch,
  batchCutout,
  cutmix,
  fmix,
  mapPixels,
  mixOneOf,
  mosaic,
  prefetch,
  pull,
  resizeMix,
  samples,
} from '../../src/stream/index.js';
import { movers } from './chains.js';

const STREAMS = 24;
const MIXES = [cutmix, fmix, mosaic, resizeMix, () => batchCutout(9), () => mixOneOf(cutmix(), mosaic())];
const ERASERS = [() => cutout(5), () => gridMask({ p: 1 }), () => randomErasing({ p: 1 })];

function boxIn(format: BoxFormat, draws: Draws, w: number, h: number): number[] {
  const [x, y] = [draws.int(w - 4), draws.int(h - 4)];
  const [width, height] = [1 + draws.int(w - x - 1), 1 + draws.int(h - y - 1)];
  if (format === 'voc') return [x, y, x + width, y + height];
  if (format === 'coco') return [x, y, width, height];
  if (format === 'normalized') return [x / w, y / h, (x + width) / w, (y + height) / h];
  return [(x + width / 2) / w, (y + height / 2) / h, width / w, height / h];
}

/** Samples with some of all targets, in every format; some of them make no sense. */
function data(seed: number): Dataset {
  return {
    name: 'streams',
    classes: ['a', 'b'],
    length: 90,
    item(i) {
      const draws = new Draws(fold(keyOf(seed), i));
      const [width, height] = [20 + draws.int(20), 20 + draws.int(20)];
      const area = width * height;
      const bytes = new Uint8Array(3 * area).map((_, p) => p * 31 + i);
      const image = { kind: 'pixels', data: bytes, width, height, channels: 3 } as const;
      const classes = {
        kind: 'ids',
        data: new Uint8Array(area).map((_, p) => (p + i) % 5),
        width,
        height,
      } as const;
      const objects = new Uint16Array(area).map((_, p) => ((p + i) % 700 === 3 ? 600 : (p >> 5) % 4));
      const instances = { kind: 'ids', data: objects, width, height } as const;
      const format = draws.choice(['voc', 'coco', 'yolo', 'normalized'] as const);
      const boxes = Array.from({ length: draws.int(4) }, (_, label) => ({
        box: (draws.chance(0.05) ? [1, 2, -3, Number.NaN] : boxIn(format, draws, width, height)) as never,
        label,
        ...(draws.chance(0.5) && { instance: label + 1 }),
      }));
      const points = Array.from({ length: draws.int(3) }, () => ({
        x: draws.uniform(-5, width + 5),
        y: draws.uniform(0, height),
      }));
      const masks = {
        ...(draws.chance(0.5) && { a: draws.chance(0.1) ? { ...classes, width: 1 } : classes }),
        ...(draws.chance(0.4) && {
          b: { image: instances, bits: 16, ignore: 999, instances: true } as const,
        }),
      };
      const targets = {
        ...(Object.keys(masks).length > 0 && { masks }),
        ...(draws.chance(0.6) && { boxes: { format, items: boxes, minVisibility: draws.choice([0, 0.3]) } }),
        ...(draws.chance(0.4) && { keypoints: { items: points } }),
        ...(draws.chance(0.3) && { erased: 'hide' as const }),
      };
      return { id: `${i}`, label: i % 2, image, ...(Object.keys(targets).length > 0 && { targets }) };
    },
  };
}

/** All that a stream gives, as one hash; its memory is spoiled before it is given back. */
async function digest(seed: number, workers: number, behind: boolean) {
  const draws = new Draws(fold(keyOf(seed), 777));
  let stream: Observable<Sample> = samples(data(seed), { seed, shuffle: true, epochs: 2 });
  for (let k = draws.int(3); k >= 0; k--) {
    stream = stream.pipe(draws.chance(0.7) ? draws.choice(movers)(draws.int(1000)) : draws.choice(ERASERS)());
    if (draws.chance(0.15)) stream = stream.pipe(mapPixels(({ data }) => data.map((v) => 255 - v)));
  }
  let batches: Observable<Batch> = stream.pipe(
    resize({ size: [16, 24] }),
    batch(16, { workers, dtype: 'uint8', maxBad: 1 }),
  );
  if (behind) {
    batches = batches.pipe(
      map((one) => one),
      prefetch(2),
    );
  }
  for (let k = draws.int(3); k > 0; k--) batches = draws.choice(MIXES)()(batches);
  const hash = createHash('sha256');
  const counts = { size: 0, bad: 0, refused: 0, boxes: 0 };
  for await (const one of pull(batches)) {
    const { images, masks = {}, targets = [], bad, refused = [], soft, size } = one;
    hash
      .update(images)
      .update(JSON.stringify([targets, bad, refused, soft && [...soft], Object.keys(masks)]));
    for (const ids of Object.values(masks)) hash.update(ids.constructor.name).update(ids);
    for (const { boxes = [], keypoints = [] } of targets) {
      counts.boxes += boxes.length;
      for (const { box, visible = 1 } of boxes)
        expect(box.every(Number.isFinite) && visible > 0 && visible <= 1).toBe(true);
      for (const { x, y } of keypoints) expect(Number.isFinite(x) && Number.isFinite(y)).toBe(true);
    }
    counts.size += size;
    counts.bad += bad.length;
    counts.refused += refused.length;
    for (const ids of [images, ...Object.values(masks)]) ids.fill(77);
    one.dispose();
  }
  return { hash: hash.digest('hex'), ...counts };
}

it(`${STREAMS} random streams: the same on this thread, in workers, and mixed behind a queue`, async () => {
  const all = { size: 0, bad: 0, refused: 0, boxes: 0 };
  for (let seed = 0; seed < STREAMS; seed++) {
    const inline = await digest(seed, 0, false);
    expect(await digest(seed, 2, false), `stream ${seed}`).toEqual(inline);
    expect(await digest(seed, seed % 2, true), `stream ${seed}`).toEqual(inline);
    for (const key of Object.keys(all) as (keyof typeof all)[]) all[key] += inline[key];
  }
  for (const [what, count] of Object.entries(all)) expect(count, what).toBeGreaterThan(100);
});
