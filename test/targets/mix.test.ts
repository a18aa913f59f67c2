/** Stages that mix images move masks, boxes and keypoints too, or refuse them. */

import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineBatchTransform } from '../../src/augment/index.js';
import type { Batch, BoundingBox, Boxes, Dataset, Targets } from '../../src/core/index.js';
import {
  asBatchOperator,
  type BatchOperator,
  batch,
  batchCutout,
  cutmix,
  fmix,
  mixOneOf,
  mixup,
  mosaic,
  pull,
  resizeMix,
  samplePairing,
  samples,
} from '../../src/stream/index.js';

const SIDE = 64;
type Four = [number, number, number, number];
/** Which box it is: a field of one's own, which travels along. */
type Marked = BoundingBox & { readonly mark: number };
const markOf = (box: BoundingBox) => (box as Marked).mark;

/** Image i is all of the color i + 1, its mask all of the id i + 1, with a box and a keypoint of its own. */
function colored(count: number, change: (targets: Targets, i: number) => Targets = (t) => t): Dataset {
  const area = SIDE * SIDE;
  return {
    name: 'colored',
    classes: Array.from({ length: count }, (_, i) => `c${i}`),
    length: count,
    item: (i) => ({
      id: `colored/${i}`,
      label: i,
      image: {
        kind: 'pixels',
        data: new Uint8Array(3 * area).fill(i + 1),
        width: SIDE,
        height: SIDE,
        channels: 3,
      },
      targets: change(
        {
          mask: { kind: 'ids', data: new Uint8Array(area).fill(i + 1), width: SIDE, height: SIDE },
          boxes: {
            format: 'voc',
            items: [
              { box: [8 + i, 10, 24 + i, 30 + i], label: i, mark: i } as Marked,
              { box: [0, 0, SIDE, SIDE], label: i, mark: 100 + i } as Marked,
            ],
          },
          keypoints: { items: [{ x: 16 + i, y: 20, name: `${i}` }] },
        },
        i,
      ),
    }),
  };
}

async function mixed(
  data: Dataset,
  operator: BatchOperator,
  { workers = 0, elsewhere = false, layout = 'HWC' as 'HWC' | 'CHW', size = data.length, seed = 1 } = {},
): Promise<Batch> {
  const settings = { workers, dtype: 'uint8', layout } as const;
  const plain = samples(data, { seed }).pipe(batch(size, settings));
  // Behind another operator the same is done on this thread.
  const stream = elsewhere
    ? plain.pipe(
        map((b) => b),
        operator,
      )
    : plain.pipe(operator);
  for await (const one of pull(stream)) return one;
  throw new Error('the stream gave no batch');
}

const at = ({ images, layout }: Batch, row: number, p: number) =>
  images[3 * row * SIDE * SIDE + (layout === 'HWC' ? 3 * p : p)] as number;

describe('row 4: mixing moves masks, boxes and keypoints with their pixels', () => {
  for (const [name, operator] of Object.entries({
    mosaic: mosaic(),
    cutmix: cutmix(),
    resizeMix: resizeMix(),
    fmix: fmix(),
    mixOneOf: mixOneOf(mosaic(), cutmix(), resizeMix(), fmix()),
  })) {
    it(`row 4: ${name}: every mask pixel has the id of the image that shows there`, async () => {
      for (const [seed, layout] of [
        [1, 'HWC'],
        [2, 'CHW'],
        [3, 'HWC'],
      ] as const) {
        const one = await mixed(colored(8), operator, { seed, layout });
        expect(one.recipe).toHaveLength(1);
        const mask = one.masks?.mask as Uint8Array;
        let other = 0;
        for (let row = 0; row < one.size; row++) {
          for (let p = 0; p < SIDE * SIDE; p++) {
            const id = mask[row * SIDE * SIDE + p];
            if (id !== at(one, row, p))
              expect.fail(`row ${row}, pixel ${p}: ${id}, image ${at(one, row, p)}`);
            if (id !== row + 1) other++;
          }
        }
        expect(other).toBeGreaterThan(100);
      }
    });

    it(`row 4: ${name}: boxes are those of a second look at the pixels, keypoints lie on theirs`, async () => {
      for (const seed of [4, 5, 6, 7]) {
        const one = await mixed(colored(8), operator, { seed });
        for (let row = 0; row < one.size; row++) {
          const { boxes = [], keypoints = [] } = one.targets?.[row] ?? {};
          // The box of a whole image is that of its pixels; what shows nothing has none.
          const whole = boxes.filter((box) => markOf(box) >= 100);
          const seen = boundsByColor(one, row);
          expect(whole.map(({ label }) => label).sort()).toEqual([...seen.keys()].sort());
          for (const { box, label } of whole) expect(box).toEqual(seen.get(label));
          for (const { box, label } of boxes) {
            const [x0, y0, x1, y1] = seen.get(label) as Four;
            expect(box[0] >= x0 && box[1] >= y0 && box[2] <= x1 && box[3] <= y1).toBe(true);
          }
          for (const { x, y, visible, name } of keypoints) {
            if (!visible) continue;
            expect(at(one, row, Math.floor(y) * SIDE + Math.floor(x))).toBe(Number(name) + 1);
          }
        }
      }
    });

    it(`row 4: ${name}: the same in workers and on this thread`, async () => {
      const [a, b, c] = [
        await mixed(colored(8), operator),
        await mixed(colored(8), operator, { workers: 2 }),
        await mixed(colored(8), operator, { elsewhere: true }),
      ] as [Batch, Batch, Batch];
      for (const other of [b, c]) {
        expect(other.targets).toEqual(a.targets);
        expect(other.masks).toEqual(a.masks);
        expect(other.images).toEqual(a.images);
      }
    });
  }

  it('row 4: mosaic by hand: boxes moved, clipped, and dropped by minVisibility', async () => {
    const data = (minVisibility: number) =>
      colored(4, (targets) => ({ ...targets, boxes: { ...(targets.boxes as Boxes), minVisibility } }));
    const operator = mosaic({ center: [0.5, 0.5] });
    const all = await mixed(data(0), operator);
    const { params } = all.recipe[0] as unknown as { params: { groups: number[][] } };
    const group = params.groups[0] as number[];
    // Of the image in the upper left quarter one sees its lower right one: (32, 32) becomes (0, 0).
    const row = group[0] as number;
    const upperLeft = group[0] as number;
    const boxes = all.targets?.[row]?.boxes as BoundingBox[];
    expect(boxes.filter((box) => markOf(box) >= 100)).toHaveLength(4);
    expect(boxes.find((box) => markOf(box) === 100 + upperLeft)).toEqual({
      box: [0, 0, 32, 32],
      label: upperLeft,
      mark: 100 + upperLeft,
      visible: 0.25,
    });
    const lowerRight = group[3] as number;
    expect(boxes.find((box) => markOf(box) === lowerRight)).toMatchObject({
      box: [40 + lowerRight, 42, 56 + lowerRight, Math.min(64, 62 + lowerRight)],
      label: lowerRight,
      mark: lowerRight,
    });
    const few = await mixed(data(0.5), operator);
    expect(few.targets?.[row]?.boxes?.every(({ visible = 1 }) => visible >= 0.5)).toBe(true);
    expect(few.targets?.[row]?.boxes?.length).toBeLessThan(boxes.length);
  });

  it('row 4: masks of 16 bits and rows without a mask are mixed as well', async () => {
    const data = colored(8, (targets, i) => {
      const ids = new Uint16Array(SIDE * SIDE).fill(1000 + i);
      const deep = { image: { kind: 'ids', data: ids, width: SIDE, height: SIDE }, bits: 16 } as const;
      return i === 3 ? {} : { ...targets, mask: undefined, masks: { deep: { ...deep, ignore: 7 } } };
    });
    const one = await mixed(data, cutmix());
    const deep = one.masks?.deep as Uint16Array;
    for (let p = 0; p < deep.length; p++) {
      const image = at(one, Math.floor(p / SIDE / SIDE), p % (SIDE * SIDE)) - 1;
      if (deep[p] !== (image === 3 ? 7 : 1000 + image)) expect.fail(`${p}: ${deep[p]} for image ${image}`);
    }
  });
});

describe('row 4: what has no meaning is refused', () => {
  const without = (...fields: (keyof Targets)[]) =>
    colored(4, (targets) =>
      Object.fromEntries(Object.entries(targets).filter(([key]) => !fields.includes(key as keyof Targets))),
    );

  it('row 4: mixup refuses masks and keypoints, and keeps the boxes of both with their weights', async () => {
    for (const options of [{}, { workers: 1 }, { elsewhere: true }]) {
      await expect(mixed(without('keypoints', 'boxes'), mixup(0.5), options)).rejects.toThrow(
        /mixup: expected batches without masks, because a blend of two images has no single id per pixel; use cutmix/,
      );
      await expect(mixed(without('mask'), mixup(0.5), options)).rejects.toThrow(
        /mixup: expected batches without keypoints, because it blends two images/,
      );
    }
    const one = await mixed(without('mask', 'keypoints'), mixup(0.5));
    const { pairs, lambdas } = one.recipe[0]!.params as { pairs: [number, number][]; lambdas: number[] };
    const [[i, j], lambda] = [pairs[0] as [number, number], lambdas[0] as number];
    const boxes = one.targets?.[i]?.boxes as BoundingBox[];
    expect(boxes.map(({ label, weight }) => [label, weight])).toEqual([
      [i, lambda],
      [i, lambda],
      [j, 1 - lambda],
      [j, 1 - lambda],
    ]);
  });

  it('row 4: samplePairing refuses all of them', async () => {
    const pairing = samplePairing({ p: 1 });
    await expect(mixed(without('boxes', 'keypoints'), pairing)).rejects.toThrow(
      /samplePairing: expected batches without masks/,
    );
    await expect(mixed(without('mask', 'keypoints'), pairing)).rejects.toThrow(
      /samplePairing: expected batches without boxes/,
    );
    await expect(mixed(without('mask', 'boxes'), pairing)).rejects.toThrow(
      /samplePairing: expected batches without keypoints/,
    );
  });

  it('row 4: a batch transform that does not say what follows is refused for targets alone', async () => {
    const mirror = defineBatchTransform({
      name: 'mirrorAll',
      options: z.strictObject({}),
      params: z.strictObject({}),
      draw: () => ({}),
      apply: (_, { data }) => void data.reverse(),
      targets: () => undefined,
    });
    await expect(mixed(colored(4), asBatchOperator(mirror()))).rejects.toThrow(
      /mirrorAll: expected batches with labels alone, because it does not define what happens to masks, boxes and keypoints/,
    );
    const plain = { ...colored(4), item: (i: number) => ({ ...colored(4).item(i), targets: undefined }) };
    expect((await mixed(plain, asBatchOperator(mirror()), { elsewhere: true })).size).toBe(4);
  });

  it('row 4: layers of a plugin that lead nowhere are refused', async () => {
    const lost = (from: number, to: Four) =>
      asBatchOperator(
        defineBatchTransform({
          name: 'lost',
          options: z.strictObject({}),
          params: z.strictObject({}),
          draw: () => ({}),
          apply: () => undefined,
          targets: () => undefined,
          follow: { kind: 'layers', layers: () => new Map([[0, [{ from, to, shift: [0, 0] }]]]) },
        })(),
      );
    await expect(mixed(colored(4), lost(9, [0, 0, 4, 4]))).rejects.toThrow(
      /lost: follow: expected a row in 0\.\.3/,
    );
    await expect(mixed(colored(4), lost(1, [0, 0, 4, 99]))).rejects.toThrow(/whole pixels of 64×64/);
  });
});

describe('what is erased', () => {
  it('row 4: batchCutout hides targets where a sample asks for it', async () => {
    const data = colored(4, (targets, i) => (i < 2 ? { ...targets, erased: 'hide' } : targets));
    const operator = batchCutout({ size: 40, p: 1 });
    const one = await mixed(data, operator);
    const [x0, y0, x1, y1] = (one.recipe[0]!.params as unknown as { box: Four }).box;
    const area = (x1 - x0) * (y1 - y0);
    const ids = (row: number, id: number) =>
      one.masks?.mask?.subarray(row * SIDE * SIDE, (row + 1) * SIDE * SIDE).filter((v) => v === id).length;
    expect([ids(0, 255), ids(1, 255), ids(2, 255)]).toEqual([area, area, 0]);
    expect(one.targets?.[0]?.boxes?.find((box) => markOf(box) === 100)?.visible).toBeCloseTo(
      1 - area / 4096,
      9,
    );
    expect(one.targets?.[2]?.boxes?.find((box) => markOf(box) === 102)?.visible).toBeUndefined();
    for (const row of [0, 1, 2, 3]) {
      const { x, y } = { x: 16 + row, y: 20 };
      const under = x >= x0 && x < x1 && y >= y0 && y < y1;
      expect(one.targets?.[row]?.keypoints?.[0]?.visible).toBe(!(under && row < 2));
    }
    expect(await mixed(data, operator, { workers: 2 })).toMatchObject({
      targets: one.targets,
      masks: one.masks,
    });
  });
});

/** The smallest boxes around the pixels of each color, by image. */
function boundsByColor(one: Batch, row: number): Map<number, Four> {
  const found = new Map<number, Four>();
  for (let p = 0; p < SIDE * SIDE; p++) {
    const [x, y, image] = [p % SIDE, Math.floor(p / SIDE), at(one, row, p) - 1];
    const [x0, y0, x1, y1] = found.get(image) ?? [x, y, x, y];
    found.set(image, [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x + 1), Math.max(y1, y + 1)]);
  }
  return found;
}
