/** Masks in files are part of the plan, as their images are. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { OpenedDataset } from '../../src/io/index.js';
import { idsPng } from '../io/write/samples.js';
import { dataset, prepareHere, write } from './here.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-masks-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const maskFile = (id: string) => join(root, id.replace('.png', '-mask.png'));
const draw = (id: string, value: number) =>
  writeFileSync(
    maskFile(id),
    idsPng(48, 48, 8, () => value),
  );

/** Images, each with a mask in a file of its own. */
async function masked(...ids: string[]): Promise<OpenedDataset> {
  for (const [i, id] of ids.entries()) {
    await write(join(root, id), 100 + i);
    draw(id, 7);
  }
  const plain = dataset(root, Object.fromEntries(ids.map((id) => [id, 0])), ['one']);
  const item = (i: number) => {
    const one = plain.item(i);
    return { ...one, targets: { mask: { kind: 'file', path: maskFile(one.id) } as const } };
  };
  return { ...plain, item };
}

it('a mask that changed, or cannot be read, stops the preparation, which then continues', async () => {
  const out = join(root, 'changed');
  const source = await masked('a.png', 'b.png');
  await prepareHere({ source }, out, { planOnly: true });
  draw('b.png', 8);
  await expect(prepareHere({ source }, out, { resume: true })).rejects.toThrow(
    'prepare: a mask of b.png is not what was planned: its bytes have changed since',
  );
  rmSync(maskFile('b.png'));
  await expect(prepareHere({ source }, out, { resume: true })).rejects.toThrow(
    /^prepare: b\.png: mask 'mask': there is no file .*, then continue with --resume$/,
  );
  draw('b.png', 7);
  const { manifest } = await prepareHere({ source }, out, { resume: true });
  expect([manifest.counts.samples, manifest.refused]).toEqual([2, {}]);
});

it('an image whose mask cannot be read is left out by the scan, and added once it can', async () => {
  const out = join(root, 'missing');
  const source = await masked('c.png', 'd.png');
  rmSync(maskFile('c.png'));
  const { manifest } = await prepareHere({ source }, out);
  expect([manifest.counts.samples, manifest.refused]).toEqual([1, { unreadable: 1 }]);
  expect(readFileSync(join(out, 'refused.jsonl'), 'utf8')).toContain("mask 'mask': ");
  draw('c.png', 7);
  const then = await prepareHere({ source }, out, { retryRefused: true });
  expect([then.manifest.counts.samples, then.manifest.refused]).toEqual([2, {}]);
});

it('an addition refuses an image with another mask than the one that is written', async () => {
  const out = join(root, 'other');
  await prepareHere({ source: await masked('e.png') }, out);
  const more = await masked('e.png', 'f.png');
  draw('e.png', 9);
  await expect(prepareHere({ source: more }, out, { append: true })).rejects.toThrow(
    '1 images have changed since they were written, or their labels, boxes, keypoints or masks have, such as e.png',
  );
});
