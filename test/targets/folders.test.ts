/** Masks in folders, and settings of targets that are not given. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openArrays, openImageFolder } from '../../src/io/index.js';
import { arrays, batch, pull } from '../../src/stream/index.js';
import { pngOf } from './png.js';

const SIDE = 8;
const picture = await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: '#a07850' } })
  .jpeg()
  .toBuffer();
const mask = Buffer.from(pngOf('gray8', SIDE, SIDE, new Uint8Array(SIDE * SIDE).fill(4)));

/** A folder with these files: masks where they end in .png, else images. */
function folder(...names: string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'rxaug-masks-'));
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), /\.png$/i.test(name) ? mask : picture);
  }
  return root;
}

const open = (root: string, masks = 'masks') =>
  openImageFolder(join(root, 'images'), { masks: join(root, masks) });
const maskOf = async (root: string, i = 0) => (await open(root)).item(i).targets?.masks?.mask;

describe('row 9: folders of masks', () => {
  it('row 9: masks within the folder of the images are refused, for there they would be a class', async () => {
    const root = folder('images/cat/1.jpg', 'images/masks/cat/1.png', 'images/.masks/cat/1.png');
    await expect(open(root, 'images/masks')).rejects.toThrow(
      /masks 'mask': expected a folder outside that of the images, because its folders are classes, but received/,
    );
    await expect(open(root, 'images')).rejects.toThrow(/expected a folder outside that of the images/);
    symlinkSync(join(root, 'images', 'masks'), join(root, 'elsewhere'));
    await expect(open(root, 'elsewhere')).rejects.toThrow(/expected a folder outside/);
    const hidden = await open(root, 'images/.masks');
    expect(hidden.item(0).targets?.masks?.mask).toBeDefined();
    const beside = folder('images/cat/1.jpg', 'images-masks/cat/1.png');
    expect((await open(beside, 'images-masks')).item(0).targets?.masks?.mask).toBeDefined();
  });

  it('row 9: of two masks of one image the first counts, and the second is listed', async () => {
    const root = folder('images/cat/1.jpg', 'masks/cat/1.PNG', 'masks/cat/1.png');
    const { problems, item } = await open(root);
    expect(item(0).targets?.masks?.mask).toMatchObject({ image: { path: expect.stringMatching(/1\.PNG$/) } });
    expect(problems).toEqual([
      {
        where: join(root, 'masks/cat/1.png'),
        reason: expect.stringMatching(/^'cat\/1' has the mask .* already/),
      },
    ]);
  });

  it.skipIf(process.platform === 'win32')('links are followed, circles and pipes are listed', async () => {
    const root = folder('images/cat/1.jpg', 'images/dog/2.jpg', 'masks/dog/2.png', 'other/1.png');
    symlinkSync(join(root, 'other'), join(root, 'masks/cat'));
    symlinkSync(join(root, 'masks'), join(root, 'masks/dog/circle'));
    symlinkSync(join(root, 'gone'), join(root, 'masks/dog/gone.png'));
    execFileSync('mkfifo', [join(root, 'masks/dog/pipe.png')]);
    const { problems } = await open(root);
    expect(await maskOf(root, 0)).toMatchObject({ image: { path: join(root, 'masks/cat/1.png') } });
    expect(await maskOf(root, 1)).toMatchObject({ image: { path: join(root, 'masks/dog/2.png') } });
    expect(problems.map(({ reason }) => reason).sort()).toEqual([
      'it is a pipe or a device, and no file; remove it',
      'the link leads back to its own folder; remove it',
      'the link leads nowhere; restore what it points to',
    ]);
  });

  it('row 9: nested folders, JPEG masks, and images that share a name', async () => {
    const root = folder('images/cat/in/deep/1.jpg', 'masks/cat/in/deep/1.png', 'masks/cat/2.jpg');
    const { problems } = await open(root);
    expect(await maskOf(root)).toBeDefined();
    expect(problems).toEqual([
      { where: join(root, 'masks/cat/2.jpg'), reason: expect.stringMatching(/masks of no image, or no PNG/) },
    ]);
    cpSync(join(root, 'images/cat/in/deep/1.jpg'), join(root, 'images/cat/in/deep/1.jpeg'));
    await expect(open(root)).rejects.toThrow(/expected one image of the name 'cat\/in\/deep\/1'/);
  });
});

describe('row 9: settings of targets that are not given', () => {
  const data = {
    images: new Uint8Array(3 * SIDE * SIDE),
    labels: [0],
    width: SIDE,
    height: SIDE,
    classes: ['a'],
  };
  const ids = new Uint16Array(SIDE * SIDE).fill(300);

  it('row 9: arrays refuses them by name', () => {
    expect(() => first({}, { boxes: { format: 'voc' } })).toThrow(
      "arrays: targets: 'boxes' is a setting of targets that the data do not have; they have none; add those targets, or remove the setting",
    );
    expect(() => first({ masks: ids }, { keypoints: {} })).toThrow(
      /'keypoints' is a setting .* they have mask;/,
    );
    expect(() => first({ masks: { deep: ids } }, { mask: {} })).toThrow(
      /'mask' is a setting .* they have deep;/,
    );
    expect(() => first({ masks: ids }, { masks: { deep: {} } })).toThrow(/'deep' is a setting/);
    expect(() => first({}, { erased: 'hide' })).toThrow(/'erased' is a setting/);
    expect(() => first({ masks: ids }, { mask: {}, erased: 'hide' })).not.toThrow();
  });

  const first = (more: object, targets: NonNullable<Parameters<typeof arrays>[1]>['targets']) =>
    openArrays({ ...data, ...more }, targets);

  it('row 9: imageFolder refuses them by name', async () => {
    const root = folder('images/cat/1.jpg', 'masks/cat/1.png');
    const images = join(root, 'images');
    const given = (targets: object, masks?: string) => openImageFolder(images, { masks, targets });
    await expect(given({ boxes: { format: 'voc' } })).rejects.toThrow(/imageFolder: targets: 'boxes' is a/);
    await expect(given({ mask: {} })).rejects.toThrow(/'mask' is a setting/);
    await expect(given({ masks: { deep: {} } }, join(root, 'masks'))).rejects.toThrow(/'deep' is a setting/);
    expect(await given({ mask: { ignore: 3 } }, join(root, 'masks'))).toBeDefined();
  });

  it('row 9: bits of a source go before those of its memory', async () => {
    const bytes = new Uint8Array(SIDE * SIDE).fill(3);
    const seen = async (masks: object, targets?: object) => {
      const stream = arrays({ ...data, masks } as never, { targets }).pipe(batch(1, { workers: 0 }));
      for await (const one of pull(stream)) return one.masks?.mask;
    };
    expect(await seen(bytes)).toEqual(bytes);
    expect(await seen(ids)).toEqual(ids);
    expect(await seen(bytes, { mask: { bits: 16 } })).toEqual(Uint16Array.from(bytes));
    await expect(seen(ids, { mask: { bits: 8 } })).rejects.toThrow(/expected ids in 0..255 but received 300/);
  });
});
