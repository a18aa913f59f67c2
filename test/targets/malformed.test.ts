/** Targets of another shape, and fields that mean nothing: one sentence by sample and field, never taken and dropped. */
import { map, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { lower, moveBoxes, moveKeypoints, ops, opticalDistortion } from '../../src/augment/index.js';
import {
  type Batch,
  type Boxes,
  fold,
  keyOf,
  type Mask,
  type Sample,
  type Targets,
} from '../../src/core/index.js';
import { batch, fromItems, pull, samples } from '../../src/stream/index.js';
import { dataset, gray, one, rectangleMask } from './make.js';

const SIDE = 64;
const ids = rectangleMask(SIDE, SIDE, [0, 0, 9, 9], 3);
const sixteen = { ...ids, data: Uint16Array.from(ids.data).fill(300) };
const voc = (boxes: object = {}, item: object = {}): object => ({
  boxes: { format: 'voc', items: [{ box: [1, 1, 5, 5], label: 0, ...item }], ...boxes },
});
const points = (keypoints: object, ...items: object[]): object => ({
  keypoints: { items: items.length > 0 ? items : [{ x: 1, y: 1 }], ...keypoints },
});

async function first(stream: Observable<Sample>): Promise<Batch | undefined> {
  for await (const got of pull(stream.pipe(batch(1, { workers: 0, maxBad: 0 })))) return got;
}

describe('row 9: fields of targets that mean nothing, or mean something else', () => {
  it.each<[string, unknown, RegExp]>([
    ['text', 'mask.png', /^made\/0: targets: expected \{ mask, masks, boxes, .* but received 'mask.png'/],
    ['a list', [ids], /^made\/0: targets: expected .* but received \[\{"kind":"ids"/],
    ['a typing error', { boxs: 1 }, /targets: unknown field 'boxs'; known are mask, masks, boxes,/],
    ['another word', { mask: ids, erased: 'hidden' }, /targets: erased: expected 'keep' or 'hide'/],
    ['refused as text', { refused: 'all' }, /targets: refused: expected a list of sentences/],
    ['masks as text', { masks: 'a.png' }, /masks: expected masks by name/],
    ['masks as text beside a mask', { mask: ids, masks: 'a.png' }, /masks: expected masks by name/],
    ['masks as a list', { masks: [ids] }, /masks: expected masks by name, .* but received \[\{"kind":"ids"/],
    [
      'ids without their size',
      { mask: ids.data },
      /mask 'mask': expected \{ kind: 'ids', data, width, height/,
    ],
    ['a setting of a mask', { mask: { image: ids, ingore: 3 } }, /mask 'mask': unknown field 'ingore'/],
    [
      'a setting in the wrong place',
      { masks: { deep: { ...ids, bits: 16 } } },
      /mask 'deep': image: unknown field 'bits'; .* settings belong next to the image/,
    ],
    [
      'a setting within the image',
      { mask: { image: { ...ids, ignore: 3 } } },
      /mask 'mask': image: unknown field 'ignore'; .* settings belong next to the image/,
    ],
    ['bits as text', { mask: { image: sixteen, bits: '16' } }, /mask 'mask': bits: expected 8 or 16/],
    [
      'instances as text',
      { mask: { image: ids, instances: 'yes' } },
      /mask 'mask': instances: expected true or/,
    ],
    [
      'a fill that would be an instance',
      { mask: { image: ids, instances: true, fill: 9 } },
      /mask 'mask': fill: expected 0 or ignore in a mask of instances but received 9/,
    ],
    ['a rule', voc({ minVisibilty: 0.5 }), /boxes: unknown field 'minVisibilty'; known are format,/],
    ['a rule as text', voc({ minVisibility: '0.5' }), /minVisibility: expected a share in 0..1/],
    ['no classes', voc({ classes: 0 }), /boxes: classes: expected a whole number ≥ 1 but received 0/],
    ['NaN classes', voc({ classes: Number.NaN }), /boxes: classes: expected a whole number ≥ 1/],
    ['a field of keypoints', points({ swaps: [[0, 1]] }), /keypoints: unknown field 'swaps'/],
    ['a pair as text', points({ swap: ['ab'] }), /keypoints: expected \{ items: \[\{ x, y \}\], swap/],
    ['flags of COCO', points({}, { x: 1, y: 1, visible: 0 }), /keypoint 0: expected visible to be true or/],
    ['an instance', points({}, { x: 1, y: 1, instance: 'a' }), /keypoint 0: expected instance to be a whole/],
    ['a far point', points({}, { x: 1e200, y: 1 }), /keypoint 0: expected x and y of 1000000000 pixels at/],
  ])('row 9: %s', async (_, targets, complaint) => {
    await expect(one(targets as Targets)).rejects.toThrow(complaint);
    const stream = samples(dataset([targets as Targets, {}])).pipe(
      batch(2, { workers: 1, maxBad: 1, onBadSample: 'skip' }),
    );
    for await (const { bad, size } of pull(stream)) {
      expect(size).toBe(1);
      expect(bad).toEqual([{ id: 'made/0', reason: expect.stringMatching(complaint) }]);
    }
  });

  it.each<[string, object, string]>([
    ['text', { box: '1234' }, '{ box, label } with a box of four numbers'],
    ['nothing visible', { visible: 0 }, 'visible to be a share in (0, 1]'],
    ['a visible that is no share', { visible: true }, 'visible to be a share in (0, 1]'],
    ['NaN visible', { visible: Number.NaN }, 'visible to be a share in (0, 1]'],
    ['a weight', { weight: 'x' }, 'weight to be a number ≥ 0'],
    ['an instance', { instance: -1.5 }, 'instance to be a whole number ≥ 0'],
    ['a hair', { box: [1, 1, 1.0001, 5] }, 'it to be a thousandth of a pixel wide and high, at the least,'],
  ])('row 7: a box with %s is left out and listed', async (_, item, what) => {
    const { size, targets, refused } = await one(voc({}, item) as Targets);
    expect([size, targets?.[0]?.boxes]).toEqual([1, []]);
    expect(refused?.map(({ reason }) => reason)).toEqual([
      expect.stringContaining(`made/0: box 0: expected ${what} but received`),
    ]);
  });

  const size = { width: SIDE, height: SIDE };
  it.each<[string, object]>([
    ['no image', { image: undefined }],
    ['pixels without data', { image: { kind: 'pixels', ...size, channels: 3 } }],
    ['bytes that are none', { image: { kind: 'bytes', bytes: [1, 2] } }],
    ['ids without data', { targets: { mask: { kind: 'ids', ...size } } }],
    ['ids in a list', { targets: { mask: { kind: 'ids', ...size, data: Array(SIDE * SIDE).fill(1) } } }],
    ['a mask of pixels without data', { targets: { mask: { kind: 'pixels', ...size, channels: 1 } } }],
    ['a mask that is null', { targets: { masks: { deep: { image: null } } } }],
  ])('row 9: %s costs its sample alone, in a sentence', async (_, odd) => {
    const items = [{}, odd].map((more, i) => ({ id: `${i}`, image: gray(SIDE, SIDE), label: 0, ...more }));
    const data = { name: 'odd', classes: ['a'], length: 2, item: (i: number) => items[i] as never };
    for (const workers of [0, 1]) {
      for await (const one of pull(samples(data).pipe(batch(2, { workers, maxBad: 1 })))) {
        expect(one.samples.map(({ id }) => id)).toEqual(['0']);
        expect(one.bad).toEqual([
          { id: '1', reason: expect.stringMatching(/^1: .*expected .* but received/) },
        ]);
      }
    }
  });

  it('row 9: what is beside the fields of an item, or of Sample.with, is refused by name', async () => {
    const item = { id: '0', image: gray(8, 8), label: 0, masks: { mask: ids } };
    const data = { name: 'mine', classes: ['a'], length: 1, item: () => item };
    await expect(first(samples(data))).rejects.toThrow(
      /unknown field 'masks'; known are id, image, label, targets; sample 0/,
    );
    const masked = map((sample: Sample) => sample.with({ masks: { mask: ids } } as object));
    await expect(first(samples(dataset([{}])).pipe(masked))).rejects.toThrow(
      /Sample\.with: unknown field 'masks'; known are id, image, label, targets/,
    );
    const whole = map((sample: Sample) => sample.with({ targets: { mask: ids } }));
    expect((await first(samples(dataset([{}])).pipe(whole)))?.masks?.mask?.[0]).toBe(3);
  });

  it('row 9: a value that is no mask is refused by name, also where the source has settings for it', async () => {
    for (const targets of [{ mask: 'a.png' }, { masks: 'a.png' }, { masks: { a: null } }, { boxes: [] }]) {
      const stream = fromItems([{ image: gray(8, 8), label: 0, targets: targets as never }], {
        classes: 1,
        targets: { mask: { bits: 16 }, boxes: { format: 'voc' } },
      });
      await expect(first(stream)).rejects.toThrow(/from\/0: (mask 'mask'|mask 'a'|masks|boxes): expected/);
    }
  });

  it('row 9: fields that an item leaves undefined come from the source', async () => {
    const mask = { image: ids, ignore: undefined, bits: undefined } as never;
    const boxes = { ...(voc({ minVisibility: undefined }) as Targets).boxes, format: undefined } as never;
    const targets: Targets = { mask, boxes, erased: undefined };
    const stream = fromItems(
      [
        { image: gray(SIDE, SIDE), label: 0, targets },
        { image: gray(SIDE, SIDE), label: 0 },
      ],
      {
        classes: 1,
        targets: {
          mask: { ignore: 77, bits: 16 },
          boxes: { format: 'coco', minVisibility: 0.5 },
          erased: 'hide',
        },
      },
    );
    for await (const one of pull(stream.pipe(batch(2, { workers: 0, maxBad: 0 })))) {
      expect([one.masks?.mask?.[0], one.masks?.mask?.[SIDE * SIDE]]).toEqual([3, 77]);
      expect(one.masks?.mask).toBeInstanceOf(Uint16Array);
      expect(one.targets?.[0]).toMatchObject({ format: 'coco', rules: { minVisibility: 0.5 } });
      expect(one.samples[0]?.targets?.erased).toBe('hide');
    }
  });

  it('row 7: a box kept by one stage is not refused by the next, however thin', () => {
    const boxes = (format: Boxes['format'], box: readonly number[]): Boxes =>
      ({ format, items: [{ box, label: 0 }], onBadBox: 'fail' }) as never;
    for (const side of [37, 640, 4001]) {
      for (let x = 0; x < 30; x += 0.37) {
        const yolo = [(x + 0.0005) / side, 0.5, 0.001 / side, 0.5] as const;
        expect(() => moveBoxes(boxes('yolo', yolo), [], side, side)).not.toThrow();
      }
    }
  });

  it('a warp leads no far point to a number that is none', () => {
    const recipe = opticalDistortion({ p: 1 }).transform.draw(fold(keyOf(3), 1), 0);
    const { moves } = lower(recipe, SIDE, SIDE, ops());
    for (const x of [1e9, -1e9]) {
      const [moved] = moveKeypoints({ items: [{ x, y: 3 }] }, moves, SIDE, SIDE);
      expect(Number.isFinite(moved?.x) && Number.isFinite(moved?.y)).toBe(true);
      expect(moved?.visible).toBe(false);
    }
  });
});

describe('row 9: pairs of keypoints', () => {
  const recipe = [{ op: 'horizontalFlip', params: {} }];
  const person = (instance: number, x: number) => [
    { name: 'left', x, y: 1, instance },
    { name: 'right', x: x + 3, y: 1, instance },
  ];
  const swap = [['left', 'right']] as const;

  it('row 9: by name they change places within each instance', async () => {
    const items = [...person(1, 10), ...person(2, 40), { name: 'sun', x: 2, y: 2 }];
    const { targets } = await one({ keypoints: { items, swap } }, recipe);
    expect(targets?.[0]?.keypoints?.map(({ name, x, instance }) => [name, x, instance])).toEqual([
      ['left', SIDE - 13, 1],
      ['right', SIDE - 10, 1],
      ['left', SIDE - 43, 2],
      ['right', SIDE - 40, 2],
      ['sun', SIDE - 2, undefined],
    ]);
  });

  it('row 9: an image without keypoints has no pairs, half a pair is refused', async () => {
    for (const pairs of [swap, [[0, 1]] as const]) {
      const { targets } = await one({ keypoints: { items: [], swap: pairs } }, recipe);
      expect(targets?.[0]?.keypoints).toEqual([]);
    }
    const items = [...person(1, 10), ...person(2, 40).slice(0, 1)];
    await expect(one({ keypoints: { items, swap } })).rejects.toThrow(
      /made\/0: keypoints: swap: expected 'left' and 'right' in the same instances, but not both are of/,
    );
  });
});

describe('row 9: masks whose settings are their own', () => {
  it('row 9: every field of a mask overrides the setting of the source', async () => {
    const mask: Mask = { image: sixteen, bits: 16, fill: 7, ignore: 500, classes: 301, instances: false };
    const { masks } = await one({ mask }, [
      { op: 'translate', params: { unit: 'pixels', x: 4, y: 0, border: 'constant', fill: [0, 0, 0] } },
    ]);
    expect(masks?.mask).toBeInstanceOf(Uint16Array);
    expect(new Set(masks?.mask)).toEqual(new Set([300, 7]));
    await expect(one({ mask: { ...mask, classes: 300 } })).rejects.toThrow(/expected ids in 0..299 but/);
  });
});
