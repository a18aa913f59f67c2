/** An object keeps one number in its box, keypoints and mask, and no other object of its row has that number. */
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Batch, BoundingBox, Dataset, Mask, Targets } from '../../src/core/index.js';
import {
  type BatchOperator,
  batch,
  cutmix,
  fmix,
  mixOneOf,
  mixup,
  mosaic,
  pull,
  resizeMix,
  samples,
} from '../../src/stream/index.js';

const SIDE = 32;
const AREA = SIDE * SIDE;
const LABELS = 100;

/** Object k of image i has the label 10 · i + k, which no other object has, and the number k + 1 within its image. */
function objects(count: number, settings: Partial<Mask> = {}): Dataset {
  return {
    name: 'objects',
    classes: ['a'],
    length: count,
    item(i) {
      const [classes, instances] = [new Uint8Array(AREA), new Uint16Array(AREA)];
      const items: BoundingBox[] = [];
      const points = [];
      for (let k = 0; k < 1 + (i % 3); k++) {
        const [x0, y0, x1, y1] = [2 + 10 * k, 3, 10 + 10 * k, 25];
        for (let y = y0; y < y1; y++) {
          classes.fill(10 * i + k, y * SIDE + x0, y * SIDE + x1);
          instances.fill(k + 1, y * SIDE + x0, y * SIDE + x1);
        }
        items.push({ box: [x0, y0, x1, y1], label: 10 * i + k, instance: k + 1 });
        points.push({ x: (x0 + x1) / 2, y: 14, name: `${10 * i + k}`, instance: k + 1 });
      }
      const ids = (data: Uint8Array | Uint16Array) =>
        ({ kind: 'ids', data, width: SIDE, height: SIDE }) as const;
      const targets: Targets = {
        masks: {
          classes: { image: ids(classes), fill: LABELS },
          instances: { image: ids(instances), bits: 16, ignore: 65_535, instances: true, ...settings },
        },
        boxes: { format: 'voc', items },
        keypoints: { items: points },
      };
      const image = {
        kind: 'pixels',
        data: new Uint8Array(3 * AREA),
        width: SIDE,
        height: SIDE,
        channels: 3,
      } as const;
      return { id: `${i}`, image, label: 0, targets };
    },
  };
}

async function mixed(
  operators: readonly BatchOperator[],
  { workers = 0, behind = false, data = objects(8), seed = 1 } = {},
): Promise<Batch> {
  const rendered = samples(data, { seed }).pipe(batch(8, { workers }));
  let stream = behind ? rendered.pipe(map((one: Batch) => one)) : rendered;
  for (const operator of operators) stream = operator(stream) as typeof stream;
  for await (const one of pull(stream)) return one;
  throw new Error('the stream gave no batch');
}

/** The objects of a row by their numbers; a number must be the same object everywhere. */
function objectsIn(one: Batch, row: number): Map<number, number> {
  const objects = new Map<number, number>();
  const note = (object: number, instance: number | undefined, where: string) => {
    const known = objects.get(instance as number) ?? object;
    if (instance === undefined || known !== object) expect.fail(`${where}: ${instance} is ${known} as well`);
    objects.set(instance, object);
  };
  const { boxes = [], keypoints = [] } = one.targets?.[row] ?? {};
  for (const { label, instance } of boxes) note(label, instance, `row ${row}, box ${label}`);
  for (const { name, instance } of keypoints) note(Number(name), instance, `row ${row}, keypoint ${name}`);
  const { classes, instances } = one.masks as Record<string, Uint16Array>;
  for (let p = row * AREA; p < (row + 1) * AREA; p++) {
    const id = instances?.[p] as number;
    if (id !== 0 && id !== 65_535) note(classes?.[p] as number, id, `row ${row}, pixel ${p}`);
  }
  return objects;
}

const CASES: [string, BatchOperator[]][] = [
  ['mosaic', [mosaic()]],
  ['cutmix', [cutmix()]],
  ['resizeMix', [resizeMix()]],
  ['fmix', [fmix()]],
  ['two mosaics', [mosaic(), mosaic()]],
  ['mosaic, cutmix and one of two', [mosaic(), cutmix(), mixOneOf(resizeMix(), fmix())]],
];

describe('row 4: instances of mixed rows', () => {
  for (const [name, operators] of CASES) {
    it(`row 4: ${name}: a number is one object, in boxes, keypoints and masks`, async () => {
      let crowded = 0;
      for (const seed of [1, 2, 3]) {
        const one = await mixed(operators, { seed });
        for (let row = 0; row < one.size; row++) {
          const found = objectsIn(one, row);
          expect(Math.max(...found.keys())).toBeLessThan(one.targets?.[row]?.instances as number);
          // Of one mix, every object is there once; a second one may bring it again, as an object of its own.
          if (operators.length === 1) expect(new Set(found.values()).size).toBe(found.size);
          if (found.size > 3) crowded++;
        }
      }
      expect(crowded).toBeGreaterThan(0);
    });

    it(`row 4: ${name}: the same numbers in workers and behind them`, async () => {
      const inline = await mixed(operators);
      for (const other of [
        await mixed(operators, { workers: 2 }),
        await mixed(operators, { behind: true }),
      ]) {
        expect(other.targets).toEqual(inline.targets);
        expect(other.masks).toEqual(inline.masks);
      }
    });
  }

  it('row 4: the first image keeps its numbers, and numbers step over ignore', async () => {
    const one = await mixed([mosaic()], { data: objects(8, { ignore: 4 }) });
    for (let row = 0; row < one.size; row++) {
      const numbers = [...objectsIn(one, row).keys()];
      expect(numbers).toContain(1);
      expect(numbers).not.toContain(4);
    }
  });

  it('row 4: too many instances for the bits of a mask are refused in one sentence', async () => {
    const data = objects(8, { bits: 8, ignore: 255 });
    const many = (i: number) => ({ box: [0, 0, 4, 4], label: i, instance: 100 }) as BoundingBox;
    const crowded: Dataset = {
      ...data,
      item: (i) => {
        const { targets, ...item } = data.item(i);
        return {
          ...item,
          targets: { ...targets, boxes: { format: 'voc', items: [many(i)] }, keypoints: undefined },
        };
      },
    };
    await expect(mixed([mosaic()], { data: crowded })).rejects.toThrow(
      /mask 'instances': expected the instances of all images in a mixed row to end at 255 but they end at \d+; give/,
    );
    expect((await mixed([mosaic()], { data })).size).toBe(8);
  });

  it('row 4: mixup numbers the boxes of both', async () => {
    const data = objects(8);
    const boxed: Dataset = {
      ...data,
      item: (i) => {
        const { targets, ...item } = data.item(i);
        return { ...item, targets: { boxes: targets?.boxes } };
      },
    };
    const one = await mixed([mixup({ alpha: 1 })], { data: boxed });
    for (const { boxes = [] } of one.targets ?? []) {
      expect(new Set(boxes.map(({ instance }) => instance)).size).toBe(boxes.length);
    }
  });

  it('row 4: one batch has masks of instances by one name, or masks that are none', async () => {
    const data = objects(4);
    const odd: Dataset = {
      ...data,
      item: (i) => (i === 2 ? objects(4, { instances: false }) : data).item(i),
    };
    await expect(mixed([], { data: odd })).rejects.toThrow(
      /mask 'instances': expected instances to be the same in a batch but received true \(0\) and false \(2\)/,
    );
  });
});
