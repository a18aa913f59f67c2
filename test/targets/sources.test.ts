/** Every source takes targets: what it is given is carried or refused by name. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { map, type Observable } from 'rxjs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Batch, Dataset, Sample, Targets } from '../../src/core/index.js';
import { TarWriter } from '../../src/io/index.js';
import { arrays, batch, fromItems, imageFolder, pull, samples, webdataset } from '../../src/stream/index.js';
import { dataset, gray, rectangleMask } from './make.js';
import { pngOf } from './png.js';

const SIDE = 64;
const folder = () => mkdtempSync(join(tmpdir(), 'rxaug-targets-'));
const picture = () =>
  sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: '#a07850' } })
    .jpeg()
    .toBuffer();
const maskFile = (id: number) =>
  Buffer.from(pngOf('gray8', SIDE, SIDE, new Uint8Array(SIDE * SIDE).fill(id)));

async function first(source$: Observable<Sample>, size = 2): Promise<Batch> {
  for await (const one of pull(source$.pipe(batch(size, { workers: 0, maxBad: 0 })))) return one;
  throw new Error('the stream gave no batch');
}

const targets: Targets = {
  mask: rectangleMask(SIDE, SIDE, [0, 0, SIDE, SIDE], 5),
  boxes: { format: 'coco', items: [{ box: [1, 2, 10, 12], label: 3 }] },
  keypoints: { items: [{ x: 9, y: 8, name: 'nose' }] },
};
const carried = {
  boxes: [{ box: [1, 2, 10, 12], label: 3 }],
  keypoints: [{ x: 9, y: 8, name: 'nose', visible: true }],
  format: 'coco',
};

describe('row 9: nothing is taken and dropped', () => {
  it('row 9: fromItems() carries targets, with the settings of the source where they have none', async () => {
    const image = gray(SIDE, SIDE);
    const one = await first(
      fromItems([{ image, label: 0, targets }], { classes: 1, targets: { mask: { bits: 16 } } }),
    );
    expect(one.targets?.[0]).toMatchObject(carried);
    expect(one.masks?.mask).toEqual(new Uint16Array(SIDE * SIDE).fill(5));
    const boxes = { ...targets.boxes, minVisibility: 0.5 } as Targets['boxes'];
    const settings = { boxes: { minVisibility: 0.1, minArea: 7 } } as const;
    const own = await first(
      fromItems([{ image, label: 0, targets: { boxes } }], { classes: 1, targets: settings }),
    );
    expect(own.targets?.[0]?.rules).toMatchObject({ minVisibility: 0.5, minArea: 7 });
  });

  it('row 9: fields that mean nothing are refused by name', async () => {
    const image = gray(SIDE, SIDE);
    const of = (item: object) => first(fromItems([item as never], { classes: 1 }));
    await expect(of({ image, label: 0, masks: 1 })).rejects.toThrow(
      /item: unknown field 'masks'; known are image, label, id, targets/,
    );
    await expect(of({ image, label: 0, targets: { bboxes: [] } })).rejects.toThrow(
      /targets: unknown field 'bboxes'; known are mask, masks, boxes, keypoints, erased/,
    );
    await expect(of({ image, label: 0, targets: [] })).rejects.toThrow(/targets: expected { mask, masks/);
    const wrong = { ...whole(), mask: new Uint8Array(1) };
    expect(() => arrays(wrong as never)).toThrow(/arrays: unknown field 'mask'; known are images, labels/);
    expect(() => arrays(whole(), { masks: 1 } as never)).toThrow(/arrays: unknown option 'masks'/);
    expect(() => imageFolder('x', { mask: 'y' } as never)).toThrow(
      /imageFolder: unknown option 'mask'; did you mean 'masks'\?/,
    );
  });

  it('row 9: arrays() carries masks, boxes and keypoints', async () => {
    const area = SIDE * SIDE;
    const one = await first(
      arrays(
        {
          ...whole(2),
          masks: { classes: new Uint8Array(2 * area).fill(4), deep: new Uint16Array(2 * area).fill(999) },
          boxes: [[{ box: [1, 2, 10, 12], label: 3 }], []],
          keypoints: [[{ x: 9, y: 8, name: 'nose' }], []],
        },
        { targets: { boxes: { format: 'coco' } } },
      ),
    );
    expect(one.targets).toEqual([
      { ...carried, rules: expect.anything() },
      { boxes: [], keypoints: [], format: 'coco', rules: expect.anything() },
    ]);
    expect(one.masks).toEqual({
      classes: new Uint8Array(2 * area).fill(4),
      deep: new Uint16Array(2 * area).fill(999),
    });
    const odd = (more: object) => () => arrays({ ...whole(2), ...more } as never);
    expect(odd({ masks: new Uint8Array(5) })).toThrow(
      /masks: expected 'mask' to be .* of 2 × 64 × 64 ids but received 5 ids/,
    );
    expect(odd({ boxes: [[]] })).toThrow(/boxes: expected 2 lists, one per image, but received 1/);
    expect(odd({ boxes: [[], []] })).toThrow(
      /boxes: expected their format; give targets: { boxes: { format: 'voc' } }/,
    );
    expect(odd({ keypoints: [1, 2] })).toThrow(/keypoints: expected 2 lists/);
  });

  it('row 9: data sets of one’s own carry targets', async () => {
    const one = await first(samples(dataset([targets])));
    expect(one.targets?.[0]).toMatchObject(carried);
    expect(one.masks?.mask?.[0]).toBe(5);
  });

  for (const [row, shown] of [
    [[1, 1], '\\[1, 1\\]'],
    [[0, 0], '\\[0, 0\\]'],
    [[-1, 2], '\\[-1, 2\\]'],
    [[Number.NaN, 1], '\\[NaN, 1\\]'],
  ] as const) {
    it(`row 9: label row [${row}] is refused by every source`, async () => {
      const label = Float32Array.from(row);
      const image = gray(4, 4);
      await expect(first(fromItems([{ image, label }], { classes: 2 }))).rejects.toThrow(
        /its label is no distribution over 2 classes/,
      );
      expect(() => arrays({ ...whole(1), classes: ['a', 'b'], labels: [label] })).toThrow(
        /its label is no distribution over 2 classes/,
      );
      const own: Dataset = {
        name: 'own',
        classes: ['a', 'b'],
        length: 1,
        item: () => ({ id: 'own/0', image, label }),
      };
      await expect(first(samples(own))).rejects.toThrow(
        new RegExp(
          `own/0: expected a label of numbers ≥ 0 that sum to 1 but received ${shown}; fix the label`,
        ),
      );
      const good = fromItems([{ image, label: 0 }], { classes: 2 }).pipe(
        map((sample) => sample.with({ label })),
      );
      await expect(first(good)).rejects.toThrow(/expected a label of numbers ≥ 0 that sum to 1/);
      const path = join(folder(), 'a.tar');
      const tar = new TarWriter(path);
      tar.add('0.jpg', await picture());
      tar.add('0.json', Buffer.from(JSON.stringify({ label: row.map((v) => (Number.isNaN(v) ? null : v)) })));
      tar.finish();
      await expect(first(webdataset(path, { classes: ['a', 'b'], cache: false }))).rejects.toThrow(
        /label|distribution/,
      );
    });
  }
});

describe('targets in shards and folders', () => {
  async function shard(entries: Record<string, Uint8Array | object>): Promise<string> {
    const path = join(folder(), 'a.tar');
    const tar = new TarWriter(path);
    for (const [name, content] of Object.entries(entries))
      tar.add(name, content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content)));
    tar.finish();
    return path;
  }

  it('row 9: webdataset reads a.mask.png, a.seg.png, a.NAME.png, and boxes and keypoints of a.json', async () => {
    const image = await picture();
    const path = await shard({
      'a.jpg': image,
      'a.mask.png': maskFile(3),
      'a.depth.png': maskFile(8),
      'a.json': {
        label: 1,
        boxes: [{ box: [1, 2, 10, 12], label: 3 }],
        boxFormat: 'coco',
        keypoints: [{ x: 9, y: 8 }],
      },
      'b.seg.png': maskFile(4),
      'b.cls': Buffer.from('0'),
      'b.json': { boxes: [{ box: [0, 0, 5, 5], label: 1 }] },
      'b.jpg': image,
    });
    for (const cache of [false, folder(), 'again'] as const) {
      const kept = cache === 'again' ? path.replace('a.tar', 'cache') : cache;
      const options = { targets: { boxes: { format: 'voc' }, masks: { depth: {} } }, cache: kept } as const;
      for (let pass = 0; pass < 2; pass++) {
        const one = await first(webdataset(path, options));
        expect(one.size).toBe(2);
        expect([one.masks?.mask?.[0], one.masks?.mask?.[SIDE * SIDE]]).toEqual([3, 4]);
        expect([one.masks?.depth?.[0], one.masks?.depth?.[SIDE * SIDE]]).toEqual([8, 255]);
        expect(one.targets?.[0]).toMatchObject({
          boxes: [{ box: [1, 2, 10, 12], label: 3 }],
          format: 'coco',
          keypoints: [{ x: 9, y: 8 }],
        });
        expect(one.targets?.[1]).toMatchObject({ boxes: [{ box: [0, 0, 5, 5], label: 1 }], format: 'voc' });
        expect([...one.labels]).toEqual([1, 0]);
        expect(one.origin.problems?.map(({ reason }) => reason)).toEqual([
          "1 of 2 samples have no mask 'depth', whose rows hold its ignore; add a.depth.png",
        ]);
      }
    }
  });

  it('row 9: what a shard holds in another shape is listed, not lost', async () => {
    const image = await picture();
    const path = await shard({
      'ok.jpg': image,
      'ok.json': { label: 0 },
      'a.jpg': image,
      'a.json': { label: 0, boxes: { box: 1 }, boxFormat: 'voc' },
      'b.jpg': image,
      'b.json': { label: 0, boxes: [], boxFormat: 'pascal' },
      'c.mask.png': maskFile(1),
      'd.jpg': image,
      'd.cls': Buffer.from('0'),
      'd.mask.png': maskFile(1),
      'd.seg.png': maskFile(2),
    });
    const one = await first(webdataset(path, { cache: false }));
    expect(one.origin.problems?.map(({ where, reason }) => `${where}: ${reason}`)).toEqual([
      'a.tar/a.json: its boxes are no list of { box, label }; fix them',
      'a.tar/b.json: its boxFormat is none of voc, coco, yolo, normalized; fix it',
      "a.tar/d.seg.png: the sample has a mask 'mask' already, which is used; remove one",
      'a.tar/c.mask.png: it has no image; add c.jpg, or remove it',
      "a.tar: 1 of 2 samples have no mask 'mask', whose rows hold its ignore; add a.mask.png or a.seg.png",
    ]);
    expect(one.size).toBe(2);
  });

  it('row 9: imageFolder reads masks from a folder laid out as the images are', async () => {
    const root = folder();
    const image = await picture();
    for (const [dir, names] of [
      ['cat', ['1', '2']],
      ['dog', ['3']],
    ] as const) {
      mkdirSync(join(root, 'images', dir), { recursive: true });
      mkdirSync(join(root, 'masks', dir), { recursive: true });
      for (const name of names) {
        writeFileSync(join(root, 'images', dir, `${name}.jpg`), image);
        if (name !== '2') writeFileSync(join(root, 'masks', dir, `${name}.png`), maskFile(Number(name)));
      }
    }
    writeFileSync(join(root, 'masks', 'spare.png'), maskFile(9));
    const images = join(root, 'images');
    const one = await first(
      imageFolder(images, { masks: join(root, 'masks'), targets: { mask: { ignore: 77 } } }),
      3,
    );
    const area = SIDE * SIDE;
    expect([0, area, 2 * area].map((p) => one.masks?.mask?.[p])).toEqual([1, 77, 3]);
    expect(one.origin.problems?.map(({ reason }) => reason)).toEqual([
      'it and 0 others are masks of no image, or no PNG, and left out; name them as the images are',
      "it and 0 others have no mask 'mask', whose rows hold its ignore; add cat/2.png",
    ]);
    await expect(first(imageFolder(images, { masks: join(root, 'none') }))).rejects.toThrow(
      /masks 'mask': the folder .* cannot be listed/,
    );
    mkdirSync(join(root, 'empty'));
    await expect(first(imageFolder(images, { masks: join(root, 'empty') }))).rejects.toThrow(
      /holds no mask for any image, such as 'cat\/1.png'/,
    );
  });
});

describe('bad keypoints', () => {
  const flipped = (keypoints: Targets['keypoints']) =>
    first(
      samples(dataset([{ keypoints }])).pipe(
        map((sample) => sample.drawn([{ op: 'horizontalFlip', params: {} }])),
      ),
      1,
    );
  const items = [
    { x: 3, y: 4, name: 'left' },
    { x: 13, y: 4, name: 'right' },
  ];

  it('pairs by name or by position change places under a flip; the wrong ones are refused by name', async () => {
    for (const swap of [[['left', 'right']], [[0, 1]]] as const) {
      const { targets } = await flipped({ items, swap });
      expect(targets?.[0]?.keypoints).toEqual([
        { x: SIDE - 13, y: 4, name: 'left', visible: true },
        { x: SIDE - 3, y: 4, name: 'right', visible: true },
      ]);
    }
    const bare = items.map(({ x, y }) => ({ x, y }));
    const cases: [Targets['keypoints'], RegExp][] = [
      [
        { items: bare, swap: [['left', 'right']] },
        /made\/0: keypoints: swap: no keypoint has the name 'left'; name each keypoint, or give the pairs by position/,
      ],
      [
        { items: [items[0], items[0]] as never, swap: [['left', 'left']] },
        /two keypoints have the name 'left'/,
      ],
      [{ items, swap: [[0, 2]] }, /swap: expected positions in 0\.\.1 but received 2/],
      [{ items, swap: [[0, 0]] }, /swap: expected each point in one pair at most/],
      [{ items: [{ x: Number.NaN, y: 1 }] }, /keypoint 0: expected x and y as numbers/],
      [{ items: 5 as never }, /keypoints: expected { items/],
    ];
    for (const [keypoints, complaint] of cases) await expect(flipped(keypoints)).rejects.toThrow(complaint);
  });
});

function whole(count = 1) {
  return {
    images: new Uint8Array(count * SIDE * SIDE * 3),
    labels: new Array<number>(count).fill(0),
    width: SIDE,
    height: SIDE,
    classes: ['a'],
  };
}
