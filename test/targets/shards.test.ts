/** Targets in shards are read, refused or counted, whatever the order of the entries. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/core/index.js';
import { TarWriter } from '../../src/io/index.js';
import { batch, pull, webdataset } from '../../src/stream/index.js';
import { pngOf } from './png.js';

const SIDE = 8;
const picture = await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: '#a07850' } })
  .jpeg()
  .toBuffer();
const mask = (id: number) => Buffer.from(pngOf('gray8', SIDE, SIDE, new Uint8Array(SIDE * SIDE).fill(id)));
const boxes = [{ box: [1, 1, 5, 5], label: 2 }];

type Entry = readonly [name: string, content: Uint8Array | object | string];

async function read(
  entries: readonly Entry[],
  options: Parameters<typeof webdataset>[1] = {},
): Promise<Batch & { lines: string[] }> {
  const path = join(mkdtempSync(join(tmpdir(), 'rxaug-shards-')), 'a.tar');
  const tar = new TarWriter(path);
  for (const [name, content] of entries) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    tar.add(name, content instanceof Uint8Array ? content : Buffer.from(text));
  }
  tar.finish();
  const stream = webdataset(path, { cache: false, ...options }).pipe(batch(8, { workers: 0, maxBad: 1 }));
  for await (const one of pull(stream)) {
    return { ...one, lines: (one.origin.problems ?? []).map((p) => `${p.where}: ${p.reason}`) };
  }
  throw new Error('the stream gave no batch');
}

describe('row 9: targets in shards', () => {
  it('row 9: a json of boxes alone and a cls are one sample, in either order', async () => {
    const json: Entry = ['a.json', { boxes, boxFormat: 'voc' }];
    const cls: Entry = ['a.cls', '1'];
    for (const labels of [
      [json, cls],
      [cls, json],
    ]) {
      for (const entries of [
        [['a.jpg', picture] as Entry, ...labels],
        [...labels, ['a.jpg', picture] as Entry],
      ]) {
        const one = await read(entries);
        expect([one.size, one.labels[0], one.lines]).toEqual([1, 1, []]);
        expect(one.targets?.[0]?.boxes).toEqual(boxes);
      }
    }
    const { size, lines } = await read([['a.jpg', picture], json, ['b.jpg', picture], ['b.cls', '0']]);
    expect(size).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^a\.tar\/a\.json: it has no number, class name or distribution in 'label' or/),
    ]);
  });

  it('row 9: of two jsons the first counts, and the second is listed', async () => {
    const first = { boxes, boxFormat: 'voc' };
    const one = await read([
      ['a.jpg', picture],
      ['a.cls', '1'],
      ['a.json', first],
      ['a.JSON', { boxes: [], boxFormat: 'voc' }],
    ]);
    expect(one.targets?.[0]?.boxes).toEqual(boxes);
    expect(one.lines).toEqual([expect.stringMatching(/^a\.tar\/a\.JSON: the archive holds this name twice/)]);
  });

  it('row 9: a mask of the name seg is that mask, with its settings; names that differ in case alone are refused', async () => {
    const entries: Entry[] = [
      ['A.JPG', picture],
      ['A.cls', '0'],
      ['A.SEG.PNG', mask(5)],
    ];
    const plain = await read(entries);
    expect([Object.keys(plain.masks ?? {}), plain.masks?.mask?.[0]]).toEqual([['mask'], 5]);
    const named = await read(entries, { targets: { masks: { seg: { bits: 16 } } } });
    expect(named.masks?.seg).toEqual(new Uint16Array(SIDE * SIDE).fill(5));
    await expect(read(entries, { targets: { masks: { Depth: {}, depth: {} } } })).rejects.toThrow(
      /targets: masks: expected names that differ in more than case but received/,
    );
  });

  it('row 9: what samples lack of the targets that were asked for is counted', async () => {
    const { lines, masks } = await read(
      [
        ['a.jpg', picture],
        ['a.json', { label: 0, boxes: [] }],
        ['a.mask.png', mask(1)],
        ['b.jpg', picture],
        ['b.json', { label: 0, bbox: [1, 2, 3, 4] }],
      ],
      { targets: { boxes: { format: 'voc' }, keypoints: {}, masks: { depth: {} } } },
    );
    expect([masks?.mask?.[0], masks?.mask?.[SIDE * SIDE]]).toEqual([1, 255]);
    expect(lines).toEqual([
      "a.tar: 1 of 2 samples have no mask 'mask', whose rows hold its ignore; add a.mask.png or a.seg.png",
      "a.tar: 2 of 2 samples have no mask 'depth', whose rows hold its ignore; add a.depth.png",
      'a.tar: 1 of 2 samples have no boxes; add boxes to their a.json',
      'a.tar: 2 of 2 samples have no keypoints; add keypoints to their a.json',
    ]);
  });

  it('row 9: boxes of no known format are counted; other fields of that name are left alone', async () => {
    const label = 0;
    const one = await read([
      ['a.jpg', picture],
      ['a.json', { label, boxes }],
      ['b.jpg', picture],
      ['b.json', { label, boxes: 'in the attic' }],
    ]);
    expect(one.targets).toBeUndefined();
    expect(one.lines).toEqual([
      expect.stringMatching(/^a\.tar: the boxes of 1 samples are left out because their format is unk/),
    ]);
  });

  it('row 9: a json that cannot be read costs its sample where boxes are asked for, or where no cls has the label', async () => {
    const [json, cls]: Entry[] = [
      ['a.json', '{'],
      ['a.cls', '1'],
    ];
    for (const labels of [
      [json, cls],
      [cls, json],
    ] as Entry[][]) {
      const entries: Entry[] = [['a.jpg', picture], ...labels, ['b.jpg', picture], ['b.cls', '0']];
      const kept = await read(entries);
      expect([...kept.labels]).toEqual([1, 0]);
      const asked = await read(entries, { targets: { boxes: { format: 'voc' } } });
      expect([...asked.labels]).toEqual([0]);
      for (const { lines } of [kept, asked]) expect(lines[0]).toMatch(/^a\.tar\/a\.json: it is not JSON \(/);
    }
    const bare = await read([['a.jpg', picture], json as Entry, ['b.jpg', picture], ['b.cls', '0']]);
    expect([bare.size, bare.lines.length]).toEqual([1, 1]);
  });

  it('row 8: a mask without an image is listed by its own name', async () => {
    const { lines } = await read([
      ['a.jpg', picture],
      ['a.cls', '0'],
      ['b.seg.png', mask(1)],
    ]);
    expect(lines).toEqual(['a.tar/b.seg.png: it has no image; add b.jpg, or remove it']);
  });
});
