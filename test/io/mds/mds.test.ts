/** MDS: what we write comes back, what MosaicML's package writes is read, and damaged shards are refused by name. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Decoder } from '../../../src/io/index.js';
import { openMds } from '../../../src/io/mds/open-mds.js';
import { mdsFormat } from '../../../src/io/write/mds.js';
import type { FinishedShard, OutputSample, OutputSchema } from '../../../src/io/write/output.js';
import { scratchFolder } from '../make.js';
import { mutants, readOrRefuse } from '../mutants.js';
import { birds, checkFiles, checkImages, place, SCHEMA } from '../write/samples.js';

const folder = scratchFolder();
let made = 0;
const fresh = () => {
  const dir = join(folder, String(made++));
  mkdirSync(dir);
  return dir;
};
const TARGETS = { masks: { Parts: { bits: 16 as const } } };

async function write(
  dir: string,
  shards: readonly (readonly OutputSample[])[],
  schema: OutputSchema = SCHEMA,
) {
  const finished: FinishedShard[] = [];
  for (const [index, samples] of shards.entries()) {
    const writer = mdsFormat.shard(place(dir, 'train', index, shards.length), schema);
    try {
      for (const sample of samples) await writer.add(sample);
      finished.push({ split: 'train', index, samples: samples.length, files: await writer.finish() });
    } finally {
      writer.dispose();
    }
  }
  const read = async (file: string) => readFileSync(join(dir, file));
  const more = (await mdsFormat.index?.(dir, [...finished].reverse(), schema, read)) ?? [];
  return [...finished.flatMap(({ files }) => files), ...more];
}

/** Class numbers and distributions are columns of their own. */
const hard = (samples: readonly OutputSample[]) =>
  samples.map((sample) => ({ ...sample, label: typeof sample.label === 'number' ? sample.label : 1 }));

describe('mdsFormat', () => {
  it('gives back labels, boxes, keypoints, masks and the bytes of images, over several shards', async () => {
    const dir = fresh();
    const samples = hard(await birds());
    const more = hard(await birds('jpeg')).map((sample) => ({ ...sample, key: `more/${sample.key}` }));
    const files = await write(dir, [samples, more]);
    expect(files.map(({ path }) => path)).toEqual([
      'train/shard.00000.mds',
      'train/shard.00000.json',
      'train/shard.00001.mds',
      'train/shard.00001.json',
      'train/index.json',
    ]);
    checkFiles(dir, files);
    const index = JSON.parse(readFileSync(join(dir, 'train/index.json'), 'utf8'));
    const encodings = index.shards.map(
      ({ column_encodings }: { column_encodings: string[] }) => column_encodings,
    );
    // PNG in one shard and JPEG in the other; some masks are missing.
    expect(encodings).toEqual(
      Array(2).fill(['json', 'bytes', 'str', 'json', 'int', 'bytes', 'bytes', 'json']),
    );
    const data = await openMds(join(dir, 'train'), { targets: TARGETS });
    expect([data.classes, data.boxClasses]).toEqual([SCHEMA.classes, SCHEMA.boxClasses]);
    expect(data.problems.map(({ reason, passed }) => [reason, passed])).toEqual([
      ["4 of 6 samples have no mask 'mask', whose rows hold its ignore; add them", 0],
      ["4 of 6 samples have no mask 'Parts', whose rows hold its ignore; add them", 0],
    ]);
    using decoder = new Decoder();
    [...samples, ...more].forEach((sample, i) => {
      const { id, label, targets } = data.item(i);
      expect(id).toBe(`shard.0000${i < 3 ? 0 : 1}.mds/${sample.key}`);
      expect(label).toBe(sample.label);
      expect(targets?.boxes?.items).toEqual(sample.boxes);
      expect(targets?.keypoints?.items).toEqual(sample.keypoints);
      checkImages(data.item(i), sample, decoder);
    });
  });

  it('writes distributions as float32, and the same bytes for the same samples', async () => {
    const soft = (await birds('jpeg')).map((sample) => ({
      ...sample,
      label: Float32Array.of(0.1, 0.2, 0.7),
    }));
    const [one, two] = [fresh(), fresh()];
    expect(await write(one, [soft])).toEqual(await write(two, [soft]));
    const data = await openMds(join(one, 'train'));
    expect(data.item(2).label).toEqual(Float32Array.of(0.1, 0.2, 0.7));
    const index = JSON.parse(readFileSync(join(one, 'train/index.json'), 'utf8'));
    expect(index.shards[0].column_encodings.slice(1, 5)).toEqual([
      'jpeg',
      'str',
      'json',
      'ndarray:float32:3',
    ]);
  });

  it('has no label column without labels', async () => {
    const dir = fresh();
    const bare = (await birds()).map(({ key, image, meta }) => ({ key, image, meta }));
    await write(dir, [bare], { name: 'x', classes: [], masks: [], keypoints: false, labels: false });
    await expect(openMds(join(dir, 'train'))).rejects.toThrow(
      /is known to be the label; give its name as label, or/,
    );
    const data = await openMds(join(dir, 'train'), { label: false });
    expect([data.length, data.classes, data.problems]).toEqual([3, ['unlabeled'], []]);
  });

  it('spills what does not fit into memory, and goes on after a refusal', { timeout: 60_000 }, async () => {
    const dir = fresh();
    const [base] = hard(await birds()) as [OutputSample];
    const big = Buffer.concat([base.image.bytes, Buffer.alloc(14_000_000, 3)]);
    const at = (k: number) => ({
      ...base,
      key: `k${k}`,
      image: { ...base.image, bytes: Buffer.concat([big, Buffer.of(k)]) },
    });
    const writer = mdsFormat.shard(place(dir), SCHEMA);
    for (let k = 0; k < 5; k++) {
      await writer.add(at(k));
      expect(() => writer.add(at(k))).toThrow(`mds: 'k${k}': the shard has a sample of this key already`);
      expect(() => writer.add({ ...base, key: 'soft', label: Float32Array.of(1, 0, 0) })).toThrow(
        /the shard's first label is a class number and this one is not/,
      );
    }
    expect(readdirSync(join(dir, 'train'))).toEqual(['shard.00000.body']);
    const files = await writer.finish();
    writer.dispose();
    expect(readdirSync(join(dir, 'train')).sort()).toEqual(['shard.00000.json', 'shard.00000.mds']);
    const shard = { split: 'train', index: 0, samples: 5, files };
    await mdsFormat.index?.(dir, [shard], SCHEMA, async (file) => readFileSync(join(dir, file)));
    const data = await openMds(join(dir, 'train'));
    for (let k = 0; k < 5; k++) {
      const { image } = data.item(k);
      if (image.kind !== 'range') throw new Error(image.kind);
      expect(image.length).toBe(big.length + 1);
      expect(readFileSync(image.path)[image.offset + big.length]).toBe(k);
    }
  });

  it('leaves nothing when it is not finished, and refuses to finish without a sample', async () => {
    const dir = fresh();
    const writer = mdsFormat.shard(place(dir), SCHEMA);
    for (const sample of hard(await birds())) writer.add(sample);
    await expect(mdsFormat.shard(place(dir, 'val'), SCHEMA).finish()).rejects.toThrow(
      'mds: val shard.00000 has no sample; add one, or write no shard',
    );
    writer.dispose();
    expect(readdirSync(dir, { recursive: true }).filter((name) => String(name).includes('.'))).toEqual([]);
  });
});

interface Golden {
  readonly pixels: string;
  readonly labels: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly mds: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../golden/io/pixels.json'), 'utf8'),
) as Golden;
const pixels = Buffer.from(golden.pixels, 'base64');
const unpackGolden = (name: string) => {
  const dir = fresh();
  for (const [file, content] of Object.entries(golden.mds[name] ?? {}))
    writeFileSync(join(dir, file), Buffer.from(content, 'base64'));
  return dir;
};

describe("shards of MosaicML's package", () => {
  it.each(['png', 'pil', 'names', 'soft', 'loose', 'json'])('%s', async (name) => {
    const data = await openMds(
      unpackGolden(name),
      name === 'json' ? { targets: { boxes: { format: 'voc' } } } : {},
    );
    expect(data.length).toBe(6);
    const notes = name === 'pil' ? [/its columns 'text' are not read/] : [];
    expect(data.problems.map(({ reason }) => reason)).toEqual(
      notes.map((note) => expect.stringMatching(note)),
    );
    expect(data.classes).toEqual(name === 'names' ? ['a', 'b', 'c'] : ['0', '1', '2']);
    const size = 3 * golden.width * golden.height;
    using decoder = new Decoder();
    for (const [i, label] of golden.labels.entries()) {
      const item = data.item(i);
      const decoded = await decoder.decode(item.image);
      expect(Buffer.from(decoded.data).equals(pixels.subarray(i * size, (i + 1) * size))).toBe(true);
      if (typeof item.label === 'number') expect(item.label).toBe(label);
      else expect(Array.from(item.label).indexOf(Math.max(...item.label))).toBe(label);
      expect(typeof item.label === 'number').toBe(name !== 'soft' && name !== 'loose');
      expect(item.targets?.boxes?.items.length).toBe(name === 'json' ? 1 : undefined);
    }
  });

  it('compressed with zstd are unpacked once, and only as far as their index says', async () => {
    const dir = unpackGolden('zstd');
    const cache = fresh();
    for (let round = 0; round < 2; round++) {
      const data = await openMds(dir, { cache });
      expect([data.length, data.problems]).toEqual([6, []]);
      const { image } = data.item(5);
      if (image.kind !== 'range') throw new Error(image.kind);
      expect(dirname(image.path)).toBe(cache);
      expect(data.versionOf?.(image.path)?.startsWith(dir)).toBe(true);
      using decoder = new Decoder();
      const decoded = await decoder.decode(image);
      expect(Buffer.from(decoded.data).equals(pixels.subarray(5 * 3 * 20))).toBe(true);
    }
    expect(readdirSync(cache).length).toBe(2);
    await expect(openMds(dir, { cache: false })).rejects.toThrow(
      /must be unpacked to the cache, but cache is false/,
    );
    const path = join(dir, 'index.json');
    const text = readFileSync(path, 'utf8');
    const { bytes } = JSON.parse(text).shards[0].raw_data;
    for (const other of [bytes - 1, bytes + 1]) {
      writeFileSync(path, text.replace(`"bytes": ${bytes}`, `"bytes": ${other}`));
      await expect(openMds(dir, { cache })).rejects.toThrow(
        /unpacks to other than the \d+ bytes of its index/,
      );
    }
    writeFileSync(path, text.replace('"zstd"', '"snappy"'));
    await expect(openMds(dir, { cache })).rejects.toThrow(/it is compressed with 'snappy'; unpack/);
  });

  it('a zstd that asks for too much memory is refused before it gets any', async () => {
    const dir = unpackGolden('zstd');
    const name = readdirSync(dir).find((file) => file.endsWith('.zstd')) as string;
    const bytes = readFileSync(join(dir, name));
    bytes[4] = 0; // no single segment: the next byte is the window
    bytes[5] = 0xa8; // 2 ** 31
    writeFileSync(join(dir, name), bytes);
    await expect(openMds(dir, { cache: fresh() })).rejects.toThrow(
      /asks for 2048 MiB of memory, more than 512/,
    );
  });

  it('pickled labels are refused, and left out on request', async () => {
    const dir = unpackGolden('pkl');
    await expect(openMds(dir, { label: 'label' })).rejects.toThrow(
      /label: expected a column of int, str, json or ndarray but received 'label \(pkl\)'/,
    );
    const data = await openMds(dir, { label: false });
    expect([data.length, data.problems[0]?.reason]).toEqual([
      6,
      expect.stringMatching(/'label' are not read/),
    ]);
  });

  it('boxes of an unknown format are left out, and said', async () => {
    const data = await openMds(unpackGolden('json'));
    expect(data.item(0).targets).toBeUndefined();
    expect(data.problems.map(({ reason }) => reason)).toEqual([expect.stringMatching(/format is unknown/)]);
  });
});

describe('what is refused', () => {
  it('a folder without an index, or above the splits', async () => {
    const dir = fresh();
    await write(dir, [hard(await birds())]);
    await expect(openMds(dir)).rejects.toThrow(/there is none; open one of its splits: 'train'/);
    await expect(openMds(join(dir, 'none'))).rejects.toThrow(/there is none; give the folder of a split/);
  });

  it.each([
    ['{', /is no index of MDS, version 2/],
    ['[]', /\(index: expected an object \{ version, shards, rxaug \} but received \[\]\)/],
    ['{"version":1,"shards":[]}', /\(index: version: expected 2 but received 1\); write the data set again/],
    ['{"version":2,"shards":[]}', /its index is empty/],
    [
      '{"version":2,"shards":[{"version":2,"format":"csv"}]}',
      /\(entry: format: expected 'mds' but received 'csv'\)/,
    ],
    [
      '{"version":2,"shards":[{"version":2,"format":"mds","column_names":["image","label"],"column_encodings":["png","int"],"column_sizes":[null,8],"raw_data":{"basename":"../../x","bytes":1},"samples":1}]}',
      /names '\.\.\/\.\.\/x', which is not inside its folder/,
    ],
    [
      '{"version":2,"shards":[{"version":2,"format":"mds","column_names":["image","image"],"column_encodings":["png","int"],"column_sizes":[null,8],"raw_data":{"basename":"x","bytes":1},"samples":1}]}',
      /each once/,
    ],
    [
      '{"version":2,"shards":[{"version":2,"format":"mds","column_names":["a","b"],"column_encodings":["png","png"],"column_sizes":[null,null],"raw_data":{"basename":"x","bytes":1},"samples":1}]}',
      /none of the columns 'a \(png\)', 'b \(png\)' is known to be the image; give its name as image/,
    ],
  ])('index.json %s', async (text, message) => {
    const dir = fresh();
    writeFileSync(join(dir, 'index.json'), text);
    await expect(openMds(dir)).rejects.toThrow(message);
  });

  it('columns that are not there', async () => {
    const dir = unpackGolden('png');
    await expect(openMds(dir, { image: 'x' })).rejects.toThrow(/image: expected one of the columns/);
    await expect(openMds(dir, { image: 'label' })).rejects.toThrow(
      /expected a column of jpeg, png, pil or bytes/,
    );
    await expect(openMds(dir, { label: 'image' })).rejects.toThrow(/expected a column of int, str/);
  });

  it('a format of boxes other than that of the index, and settings of targets that no column holds', async () => {
    const dir = fresh();
    await write(dir, [hard(await birds())]);
    const own = join(dir, 'train');
    await expect(openMds(own, { targets: { boxes: { format: 'coco' } } })).rejects.toThrow(
      "mds: targets: boxes: expected the format 'voc', which the data have, but received 'coco'; leave it out",
    );
    const same = await openMds(own, { targets: { boxes: { format: 'voc' } } });
    expect(same.item(0).targets).toEqual((await openMds(own)).item(0).targets);
    await expect(openMds(unpackGolden('png'), { targets: { boxes: { minArea: 4 } } })).rejects.toThrow(
      "'boxes' is a setting of targets that the data do not have",
    );
  });

  it("a column named 'meta' goes without a word in our own shards alone", async () => {
    const dir = fresh();
    await write(dir, [hard(await birds())]);
    const unreadOf = ({ problems }: { problems: readonly { reason: string }[] }) =>
      problems.map(({ reason }) => reason).filter((reason) => reason.includes('are not read'));
    expect(unreadOf(await openMds(join(dir, 'train'), { targets: TARGETS }))).toEqual([]);
    const path = join(dir, 'train/index.json');
    const { rxaug: _, ...foreign } = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify(foreign));
    expect(unreadOf(await openMds(join(dir, 'train'), { targets: TARGETS }))).toEqual([
      "its columns 'meta' are not read; leave them, or name what they are",
    ]);
  });

  it('boxes without an area are dropped alone, and counted', async () => {
    const dir = fresh();
    await write(dir, [hard(await birds())]);
    const path = join(dir, 'train/shard.00000.mds');
    const text = readFileSync(path, 'latin1');
    writeFileSync(path, text.replace('[1,2.5,20,15.25]', '[9,2.5,-2,15.25]'), 'latin1');
    const data = await openMds(join(dir, 'train'));
    expect(data.item(0).targets?.boxes?.items).toEqual([]);
    expect(data.problems.map(({ where, reason }) => `${where}: ${reason}`)).toContain(
      'shard.00000.mds/0: 1 boxes of this shard, the first of this sample, have no area or no class and are left out; correct them',
    );
  });

  it('shards that are missing or cut short are listed, and what is whole is read', async () => {
    const dir = unpackGolden('png');
    const names = readdirSync(dir).filter((name) => name.endsWith('.mds'));
    expect(names.length).toBeGreaterThan(1);
    const path = join(dir, names[0] as string);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 5));
    const data = await openMds(dir);
    expect(data.problems.map(({ where }) => where)).toEqual([
      'shard.00000.mds',
      expect.stringMatching(/^shard.00000.mds\/\d$/),
    ]);
    expect(data.length).toBe(5);
  });
});

describe('damaged', () => {
  let good: string;
  beforeAll(async () => {
    good = fresh();
    await write(good, [hard(await birds())]);
  });
  it.each([
    ['shard.00000.mds', 600],
    ['index.json', 400],
  ])('%s: of %i mutants none crashes, and each loss is told', { timeout: 120_000 }, async (name, count) => {
    const dir = fresh();
    for (const file of readdirSync(join(good, 'train')))
      copyFileSync(join(good, 'train', file), join(dir, file));
    const bytes = readFileSync(join(dir, name));
    const seen = { refused: 0, partly: 0, whole: 0 };
    for (const mutant of mutants(bytes, count, 11)) {
      writeFileSync(join(dir, name), mutant);
      seen[await readOrRefuse(() => openMds(dir, { targets: TARGETS }))]++;
    }
    expect(seen.refused + seen.partly + seen.whole).toBe(count);
    expect(seen.refused).toBeGreaterThan(0);
  });

  it('a zstd shard: of 300 mutants none crashes, hangs or grows', { timeout: 120_000 }, async () => {
    const dir = unpackGolden('zstd');
    const cache = fresh();
    const name = readdirSync(dir).find((file) => file.endsWith('.zstd')) as string;
    const seen = { refused: 0, partly: 0, whole: 0 };
    for (const mutant of mutants(readFileSync(join(dir, name)), 300, 3)) {
      writeFileSync(join(dir, name), mutant);
      seen[await readOrRefuse(() => openMds(dir, { cache }))]++;
    }
    expect(seen.refused).toBeGreaterThan(100);
    expect(readdirSync(cache).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });
});
