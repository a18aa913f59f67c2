import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { image } from '../io/make.js';
import { MADE, Workspace } from './command.js';

const at = new Workspace({ 'made.ts': MADE });
afterAll(() => at.dispose());

const raw = async (name: string) => {
  const { data, info } = await sharp(join(at.path, name)).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};

/** 6×4 in which every pixel is another. */
const pixels = Uint8Array.from({ length: 72 }, (_, i) => i * 3);
const at3 = (data: Uint8Array, i: number) => [...data.subarray(3 * i, 3 * i + 3)];

beforeAll(async () => {
  await sharp(pixels, { raw: { width: 6, height: 4, channels: 3 } })
    .png()
    .toFile(join(at.path, 'image.png'));
});

describe('rxaug render', () => {
  const render = (recipe: unknown, ...more: string[]) =>
    at.rxaug([
      'render',
      'image.png',
      'out/made.png',
      '--recipe',
      typeof recipe === 'string' ? recipe : JSON.stringify(recipe),
      ...more,
    ]);

  it('applies exactly the draws', async () => {
    const { code, stdout, stderr } = await render([
      { op: 'horizontalFlip', params: {} },
      { op: 'verticalFlip' },
    ]);
    expect([code, stdout, stderr]).toEqual([0, 'out/made.png\n', '']);
    const { data, width, height } = await raw('out/made.png');
    expect([width, height]).toEqual([6, 4]);
    for (let i = 0; i < 24; i++) expect(at3(data, i)).toEqual(at3(pixels, 23 - i));
  });

  it('leaves the image as it is where the recipe is empty', async () => {
    expect((await render([])).code).toBe(0);
    expect((await raw('out/made.png')).data).toEqual(Buffer.from(pixels));
  });

  it('undoes normalize, and says so', async () => {
    const normalize = { op: 'normalize', params: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] } };
    const { stderr } = await render([
      normalize,
      { op: 'cutout', params: { size: 2, at: [[0, 0]], fill: 0 } },
    ]);
    expect(stderr).toBe('rxaug: normalize was undone for the picture\n');
    const { data } = await raw('out/made.png');
    expect(at3(data, 0)).toEqual([128, 128, 128]); // the mean, which cutout fills with after normalize
    for (let i = 1; i < 24; i++) expect(at3(data, i)).toEqual(at3(pixels, i));
  });

  it('takes the recipe from a file', async () => {
    at.write('recipe.json', JSON.stringify([{ op: 'randomRotate90', params: { turns: 1 } }]));
    expect((await render('@recipe.json')).stderr).toBe('');
    expect(await raw('out/made.png')).toMatchObject({ width: 4, height: 6 });
  });

  it.each([
    ['[{"op": "flop"}]', "unknown operator 'flop'; did you mean 'horizontalFlip'?"],
    ['[{"op": "cutout", "params": {"size": -1, "at": []}}]', 'recipe[0] cutout: size: '],
    ['[{"op": "horizontalFlip"', 'recipe: expected JSON but received text that is not'],
    ['@none.json', "--recipe: cannot read 'none.json'"],
  ])('%s is refused', async (recipe, sentence) => {
    const { code, stderr } = await render(recipe);
    expect(stderr).toContain(`rxaug: ${sentence}`);
    expect(code).toBe(2);
  });

  it('says what is wrong with the image', async () => {
    at.write('text.png', 'no picture');
    const { code, stderr } = await at.rxaug(['render', 'text.png', 'out.png', '--recipe', '[]']);
    expect(stderr).toMatch(/^rxaug: text\.png: expected a JPEG, PNG.*\n$/);
    expect(code).toBe(1);
    const missing = await at.rxaug(['render', 'none.png', 'out.png', '--recipe', '[]']);
    expect(missing.stderr).toMatch(/^rxaug: none\.png: .*\n$/);
  });
});

/** Crops that keep boxes, over one image of 6×4 that has one. */
const SAFE = `
import { arrays, batch, boxSafeCrop, definePipeline, horizontalFlip } from 'rxaug';

export default definePipeline({
  name: 'safe',
  settings: {},
  batches: ({ seed, workers }) =>
    arrays(
      {
        images: Uint8Array.from({ length: 72 }, (_, i) => i * 3),
        labels: [0], width: 6, height: 4, classes: ['a'],
        boxes: [[{ box: [4, 2, 2, 2], label: 0 }]],
      },
      { seed, epochs: 3, targets: { boxes: { format: 'coco' } } },
    ).pipe(horizontalFlip(), boxSafeCrop({ size: [4, 6], interpolation: 'nearest', antialias: false }), batch(1, { workers })),
});
`;

describe('row 9: recipes that depend on the boxes of their sample', () => {
  const render = (...args: string[]) => at.rxaug(['render', 'image.png', 'out/safe.png', ...args]);

  it('row 9: are rendered with them, or refused', async () => {
    at.write('safe.ts', SAFE);
    let last: { recipe: unknown; boxesBefore: unknown; shown: number[][] } | undefined;
    const same = async (shown: number[][]) => {
      const { data } = await raw('out/safe.png');
      expect(Array.from({ length: 24 }, (_, i) => at3(data, i))).toEqual(shown);
    };
    for (const epoch of ['0', '1']) {
      const { code, stderr } = await at.rxaug([
        ...['preview', 'safe.ts', '--out', 'safe.png', '--workers', '0', '--count', '1', '--scale', '1'],
        ...['--epoch', epoch, '--no-targets'],
      ]);
      expect([code, stderr]).toEqual([0, '']);
      const { cells } = JSON.parse(readFileSync(join(at.path, 'safe.json'), 'utf8'));
      const sheet = await raw('safe.png');
      const { x, y, recipe, boxesBefore } = cells[0];
      expect(boxesBefore).toMatchObject({ format: 'coco', items: [{ box: [4, 2, 2, 2] }] });
      const shown = Array.from({ length: 24 }, (_, i) =>
        at3(sheet.data, (y + Math.floor(i / 6)) * sheet.width + x + (i % 6)),
      );
      expect((await render('--recipe', '@safe.json', '--cell', '0')).stderr).toBe('');
      await same(shown);
      last = { recipe, boxesBefore, shown };
    }
    const plain = ['--recipe', JSON.stringify(last?.recipe)];
    expect((await render(...plain, '--boxes', JSON.stringify(last?.boxesBefore))).stderr).toBe('');
    await same(last?.shown ?? []);
    const without = await render(...plain);
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(
      /^rxaug: render: the recipe \(.*boxSafeCrop\) depends on the boxes of its/,
    );
    expect((await render(...plain, '--boxes', '[')).stderr).toMatch(/^rxaug: --boxes: expected JSON but/);
    expect((await render(...plain, '--boxes', '[]')).stderr).toMatch(/^rxaug: boxes: expected \{ format/);
  });
});

describe('rxaug preview', () => {
  it('shows what the trainer sees, with the recipe of every cell beside it', async () => {
    const args = [
      '--count',
      '10',
      '--columns',
      '4',
      '--scale',
      '1',
      '--workers',
      '0',
      '--seed',
      '5',
      '--epoch',
      '1',
    ];
    const { code, stdout, stderr } = await at.rxaug(['preview', 'made.ts', '--out', 'a/sheet.png', ...args]);
    expect([code, stdout, stderr]).toEqual([0, 'a/sheet.png\na/sheet.json\n', '']);
    const sheet = await raw('a/sheet.png');
    expect([sheet.width, sheet.height]).toEqual([4 * 12 + 4, 3 * 12 + 4]);
    const about = JSON.parse(readFileSync(join(at.path, 'a/sheet.json'), 'utf8'));
    expect(about).toMatchObject({ pipeline: 'made', seed: 5, epoch: 1, columns: 4 });
    expect(about.cells).toHaveLength(10);
    expect(about.batches).toHaveLength(2);
    expect(about.batches[0]).toMatchObject({ epoch: 1, index: 0, size: 8, recipe: [{ op: 'mixup' }] });
    expect(about.cells[9]).toMatchObject({ cell: 9, x: 4 + 12, y: 4 + 24, batch: 1, row: 1, epoch: 1 });
    for (const cell of about.cells) {
      expect(cell.id).toMatch(/^arrays\/\d+$/);
      expect(cell.class).toBe(['dark', 'bright'][cell.label]);
      expect(cell.soft[0] + cell.soft[1]).toBeCloseTo(1);
      expect(cell.recipe.at(-1).op).toBe('cutout');
    }
  });

  it('gives recipes from which render makes the same cell', async () => {
    await at.rxaug([
      'preview',
      'made.ts',
      '--scale',
      '1',
      '--workers',
      '0',
      '--set',
      'mixup=0',
      '--count',
      '8',
    ]);
    const about = JSON.parse(readFileSync(join(at.path, 'sheet.json'), 'utf8'));
    const sheet = await raw('sheet.png');
    for (const cell of [0, 7]) {
      const { id, x, y } = about.cells[cell];
      const number = Number(id.split('/')[1]);
      const image = Uint8Array.from(
        { length: 192 },
        (_, k) => 90 * (number % 2) + (((number * 192 + k) * 7919) % 101),
      );
      await sharp(image, { raw: { width: 8, height: 8, channels: 3 } })
        .png()
        .toFile(join(at.path, 'cell.png'));
      await at.rxaug(['render', 'cell.png', 'again.png', '--recipe', '@sheet.json', '--cell', `${cell}`]);
      const again = await raw('again.png');
      for (let v = 0; v < 8; v++) {
        const from = 3 * ((y + v) * sheet.width + x);
        expect(again.data.subarray(24 * v, 24 * v + 24)).toEqual(sheet.data.subarray(from, from + 24));
      }
    }
    const none = await at.rxaug(['render', 'cell.png', 'x.png', '--recipe', '@sheet.json', '--cell', '8']);
    expect([none.code, none.stderr]).toEqual([2, 'rxaug: --cell: expected 0..7 but received 8\n']);
  });

  it('names the images that are left out, and the files that are passed over', async () => {
    at.write('mine/cat/1.png', await image(12, 12).png().toBuffer());
    at.write('mine/cat/broken.png', 'text');
    at.write('mine/notes.txt', 'text');
    at.write(
      'mine.ts',
      `import { batch, definePipeline, imageFolder, resize } from 'rxaug';
       export default definePipeline({ name: 'mine', settings: {}, batches: () => imageFolder('mine').pipe(resize(8), batch(2)) });`,
    );
    const { code, stderr } = await at.rxaug(['preview', 'mine.ts', '--out', 'mine.png', '--workers', '0']);
    expect(code).toBe(0);
    expect(stderr).toContain('1 sample was left out:\n  cat/broken.png: expected a JPEG');
    expect(stderr).toContain(
      "1 file is passed over, read neither as image nor as label (1 .txt, such as 'notes.txt')",
    );
  });

  it('says so where the stream is empty', async () => {
    const { code, stderr } = await at.rxaug(['preview', 'made.ts', '--epoch', '3']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'rxaug: preview: the stream gave no batch in epoch 3; choose an earlier epoch, or set more epochs\n',
    );
  });
});
