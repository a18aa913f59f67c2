/** The raw cache gives back the pixels that were written, and refuses files that are not what they were. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Decoder } from '../../../src/io/index.js';
import { openRawCache } from '../../../src/io/raw/open-raw.js';
import type { OutputSample, OutputSchema } from '../../../src/io/write/output.js';
import { rawFormat } from '../../../src/io/write/raw.js';
import { image, picture, scratchFolder } from '../make.js';
import { mutants, readOrRefuse } from '../mutants.js';
import { birds, checkFiles, idsOf, idsPng, place, SCHEMA } from './samples.js';

const folder = scratchFolder();
let made = 0;
const fresh = () => {
  const dir = join(folder, String(made++));
  mkdirSync(dir);
  return dir;
};

async function write(
  dir: string,
  samples: readonly OutputSample[],
  schema: OutputSchema = SCHEMA,
  index = 0,
) {
  const writer = rawFormat.shard(place(dir, 'train', index), schema);
  try {
    for (const sample of samples) await writer.add(sample);
    return await writer.finish();
  } finally {
    writer.dispose();
  }
}

/** Distributions and class numbers go to shards of their own columns. */
const oneHot = (label: OutputSample['label'], k = 3) =>
  typeof label === 'number' ? Float32Array.from({ length: k }, (_, c) => Number(c === label)) : label;

describe('rawFormat', () => {
  it.each([false, true])(
    'gives back labels, pixels, boxes, keypoints and masks; memory: %s',
    async (memory) => {
      const dir = fresh();
      const samples = await birds();
      const files = await write(dir, samples);
      expect(files.map(({ path }) => path)).toEqual([
        'train-000000.raw',
        'train-000000.jsonl',
        'train-000000.Parts.ids',
        'train-000000.mask.ids',
      ]);
      checkFiles(dir, files);
      const data = await openRawCache(join(dir, '*.raw'), { memory });
      expect([data.name, data.classes, data.boxClasses, data.problems]).toEqual([
        'birds',
        SCHEMA.classes,
        SCHEMA.boxClasses,
        [],
      ]);
      using decoder = new Decoder();
      for (const [i, sample] of samples.entries()) {
        const { id, image: ref, label, targets } = data.item(i);
        expect(id).toBe(`train-000000.raw/${sample.key}`);
        expect(label).toEqual(oneHot(sample.label));
        expect(ref.kind).toBe(memory ? 'pixels' : 'raw');
        const { data: pixels, width, height } = await decoder.decode(ref);
        expect([width, height, Buffer.from(pixels).equals(picture(24, 16))]).toEqual([24, 16, true]);
        expect(targets?.boxes?.items).toEqual(sample.boxes);
        expect(targets?.keypoints?.items).toEqual(sample.keypoints);
        expect(Object.keys(targets?.masks ?? {}).sort()).toEqual(Object.keys(sample.masks ?? {}).sort());
        for (const [name, { png }] of Object.entries(sample.masks ?? {})) {
          const mask = targets?.masks?.[name];
          if (!mask || !('image' in mask)) throw new Error(name);
          expect(decoder.ids(mask.image, name)).toEqual(idsOf(png));
          expect(mask.bits).toBe(name === 'Parts' ? 16 : undefined);
        }
      }
    },
  );

  it('keeps class numbers in a column of their own, and the bytes depend on the samples alone', async () => {
    const [one, two] = [fresh(), fresh()];
    const hard = (await birds()).map((sample) => ({ ...sample, label: 1 }));
    expect(await write(one, hard)).toEqual(await write(two, hard));
    const data = await openRawCache(join(one, '*.raw'), { classes: ['crow', 'blue tit', 'auk', 'other'] });
    expect(Array.from({ length: 3 }, (_, i) => data.item(i).label)).toEqual([1, 1, 1]);
    const turned = await openRawCache(join(one, '*.raw'), { classes: ['blue tit', 'auk', 'crow'] });
    expect(turned.item(0).label).toBe(0);
    await expect(openRawCache(join(one, '*.raw'), { classes: ['auk'] })).rejects.toThrow(
      /to be among classes/,
    );
  });

  it('reads data without labels, and several shards', async () => {
    const dir = fresh();
    const bare = (await birds()).map(({ key, image: own, meta }) => ({ key, image: own, meta }));
    await write(dir, bare, { ...SCHEMA, labels: false }, 0);
    await write(dir, bare, { ...SCHEMA, labels: false }, 1);
    const data = await openRawCache(join(dir, '*.raw'));
    expect([data.length, data.classes, data.item(5).label]).toEqual([6, ['unlabeled'], 0]);
    expect(data.item(5).id).toBe('train-000001.raw/crow');
  });

  it('refuses settings of targets that it does not have, and another format of boxes', async () => {
    const [bare, full] = [fresh(), fresh()];
    const [{ masks: _, boxes: __, keypoints: ___, ...rest }] = (await birds()) as [OutputSample];
    const { boxClasses: ____, ...schema } = SCHEMA;
    await write(bare, [rest], { ...schema, masks: [], keypoints: false });
    await write(full, await birds());
    const open = (dir: string, targets: object) => openRawCache(join(dir, '*.raw'), { targets });
    for (const [name, targets] of Object.entries({
      boxes: { boxes: { minArea: 4 } },
      keypoints: { keypoints: { swap: [[0, 1]] } },
      mask: { mask: { ignore: 255 } },
    })) {
      await expect(open(bare, targets)).rejects.toThrow(
        `rawCache: targets: '${name}' is a setting of targets that the data do not have; they have none`,
      );
      expect((await open(full, targets)).problems).toEqual([]);
    }
    await expect(open(full, { masks: { parts: {} } })).rejects.toThrow("'parts' is a setting of targets");
    await expect(open(full, { boxes: { format: 'coco' } })).rejects.toThrow(
      "rawCache: targets: boxes: expected the format 'voc', which the data have, but received 'coco'",
    );
  });

  it('a mask that comes late and one that is missing stay with their samples', async () => {
    const dir = fresh();
    const [base] = (await birds()) as [OutputSample];
    const mask = (id: number) => ({ mask: { png: idsPng(24, 16, 8, () => id) } });
    const at = (key: string, masks: OutputSample['masks']) => ({ ...base, key, masks });
    await write(dir, [at('a', undefined), at('b', mask(7)), at('c', {}), at('d', mask(9))]);
    const data = await openRawCache(join(dir, '*.raw'));
    using decoder = new Decoder();
    const ids = Array.from({ length: 4 }, (_, i) => {
      const found = data.item(i).targets?.masks?.mask;
      return found && 'image' in found ? decoder.ids(found.image, 'mask').data[5] : undefined;
    });
    expect(ids).toEqual([undefined, 7, undefined, 9]);
  });

  const wrong: [string, (s: OutputSample) => Promise<object> | object, RegExp][] = [
    [
      'another size',
      async () => ({
        image: { bytes: await image(25, 16).png().toBuffer(), encoding: 'png', width: 25, height: 16 },
        masks: {},
      }),
      /expected 24×16 pixels, as the shard's first image has, but received 25×16; resize/,
    ],
    [
      'a size that is not its own',
      (s) => ({ image: { ...s.image, width: 23 } }),
      /not the 23×16 that it is said to have/,
    ],
    [
      'no image',
      (s) => ({ image: { ...s.image, bytes: Buffer.from('no') } }),
      /'x': its image: expected a JPEG/,
    ],
    [
      'ids above 255 among 8 bits',
      () => ({ masks: { mask: { png: idsPng(24, 16, 16, () => 256) } } }),
      /ids above 255, but the shard's first mask of that name has 8 bits/,
    ],
    [
      'a damaged mask',
      (s) => ({ masks: { mask: { png: s.masks?.mask?.png.subarray(0, 60) } } }),
      /mask 'mask': this PNG/,
    ],
    ['a key twice', () => ({ key: 'auk/1_a-b' }), /a sample of this key already/],
  ];
  it.each(wrong)('%s is refused, and the shard goes on', async (_, change, message) => {
    const dir = fresh();
    const [first, , third] = (await birds()) as [OutputSample, OutputSample, OutputSample];
    const writer = rawFormat.shard(place(dir), SCHEMA);
    await writer.add(first);
    const bad = { ...first, key: 'x', ...(await change(first)) } as OutputSample;
    await expect(async () => writer.add(bad)).rejects.toThrow(message);
    await writer.add(third);
    await writer.finish();
    expect((await openRawCache(join(dir, '*.raw'))).length).toBe(2);
  });

  it('leaves nothing when it is not finished, and refuses to finish without a sample', async () => {
    const dir = fresh();
    const writer = rawFormat.shard(place(dir), SCHEMA);
    for (const sample of await birds()) await writer.add(sample);
    writer.dispose();
    expect(readdirSync(dir)).toEqual([]);
    const empty = rawFormat.shard(place(dir), SCHEMA);
    await expect(empty.finish()).rejects.toThrow(
      'raw: train-000000 has no sample; add one, or write no shard',
    );
    empty.dispose();
  });
});

describe('files that are not what they were', () => {
  let good: string;
  beforeAll(async () => {
    good = fresh();
    await write(
      good,
      (await birds()).map((sample) => ({ ...sample, label: 2 })),
    );
  });
  const copy = () => {
    const dir = fresh();
    for (const name of readdirSync(good)) copyFileSync(join(good, name), join(dir, name));
    return dir;
  };
  const opened = (dir: string) => openRawCache(join(dir, '*.raw'), { classes: [...SCHEMA.classes] });

  it.each([
    ['train-000000.raw', 500],
    ['train-000000.jsonl', 200],
    ['train-000000.mask.ids', 200],
  ])('%s, %i mutants: each is refused, or pixels alone differ', async (name, count) => {
    const dir = copy();
    const bytes = readFileSync(join(good, name));
    const seen = { refused: 0, partly: 0, whole: 0 };
    for (const mutant of mutants(bytes, count, 5)) {
      writeFileSync(join(dir, name), mutant);
      seen[await readOrRefuse(() => opened(dir))]++;
      // What is not pixels is never another than was written.
      const data = await opened(dir).catch(() => undefined);
      for (let i = 0; i < (data?.length ?? 0); i++) {
        expect(data?.item(i).label).toBe(2);
        expect(['train-000000.raw/auk/1_a-b', 'train-000000.raw/auk/2', 'train-000000.raw/crow']).toContain(
          data?.item(i).id,
        );
      }
    }
    expect(seen.refused + seen.partly + seen.whole).toBe(count);
    expect(seen.refused).toBeGreaterThan(count / 4);
  });

  it('a shard that cannot be used is listed, and the others are read', async () => {
    const dir = copy();
    writeFileSync(
      join(dir, 'train-000001.raw'),
      readFileSync(join(good, 'train-000000.raw')).subarray(0, 900),
    );
    writeFileSync(join(dir, 'train-000002.raw'), 'something else');
    const data = await opened(dir);
    expect(data.length).toBe(3);
    expect(data.problems.map(({ where, reason }) => `${where}: ${reason}`)).toEqual([
      'train-000001.raw: it cannot be used (it is cut short; write it again); check the shard',
      'train-000002.raw: it cannot be used (it is no file of a raw cache; check the path); check the shard',
    ]);
  });

  it('lines and masks of other shards are not taken', async () => {
    const dir = copy();
    const path = join(dir, 'train-000000.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').split('\n').reverse().join('\n').slice(1).concat('\n'));
    await expect(opened(dir)).rejects.toThrow(/train-000000.jsonl is not as it was written/);
  });
});
