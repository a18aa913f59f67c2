/**
 * Every reader to every writer, through the canonical sample: what one layout holds is scanned, rendered without a draw, and
 * written in another, and labels, boxes, masks and pixels are still the same. What a layout cannot hold is refused by a
 * sentence before anything is written, and is none of the pairs.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { toCorners } from '../../src/augment/index.js';
import { masksOf } from '../../src/core/index.js';
import {
  Decoder,
  openCoco,
  openImageFolder,
  openManifest,
  openWebdataset,
  openYolo,
} from '../../src/io/index.js';
import { openMds } from '../../src/io/mds/open-mds.js';
import { openParquet } from '../../src/io/parquet/parquet.js';
import type { OpenedDataset } from '../../src/io/problems.js';
import { openRawCache } from '../../src/io/raw/open-raw.js';
import { FORMATS, formatNamed } from '../../src/io/write/formats.js';
import type { FinishedShard, OutputSample, OutputSchema } from '../../src/io/write/output.js';
import { prepared } from '../../src/prepare/definition.js';
import { SampleMaker } from '../../src/prepare/render/sample.js';
import { type Facts, scanItem } from '../../src/prepare/scan/facts.js';
import { ImageScanner } from '../../src/prepare/scan/image-scanner.js';
import { schemaOf } from '../../src/prepare/schema-of.js';
import { image, scratchFolder } from '../io/make.js';
import { idsPng } from '../io/write/samples.js';

const root = scratchFolder();
const [WIDTH, HEIGHT, COUNT] = [24, 16, 5];
let dirs = 0;
const folder = () => {
  const dir = join(root, `d${dirs++}`);
  mkdirSync(dir);
  return dir;
};

/** What a data set is made of: each kind has layouts that hold all of it. */
const KINDS = {
  labels: {
    schema: { name: 'made', classes: ['auk', 'blue tit'], masks: [], keypoints: false, labels: true },
    readers: ['webdataset', 'folder', 'parquet', 'mds', 'raw'],
  },
  masks: {
    schema: { name: 'made', classes: ['auk', 'blue tit'], masks: ['mask'], keypoints: false, labels: true },
    readers: ['webdataset', 'folder', 'parquet', 'mds', 'raw'],
  },
  boxes: {
    schema: {
      name: 'made',
      classes: ['unlabeled'],
      boxClasses: ['beak', 'wing'],
      masks: [],
      keypoints: false,
      labels: false,
    },
    readers: ['webdataset', 'parquet', 'mds', 'raw', 'coco', 'yolo'],
  },
} as const satisfies Record<string, { schema: OutputSchema; readers: readonly string[] }>;
type Kind = keyof typeof KINDS;

const open: Record<string, (dir: string, kind: Kind) => Promise<OpenedDataset>> = {
  webdataset: (dir, kind) =>
    openWebdataset(join(dir, 'train-*.tar'), {
      cache: false,
      labels: kind !== 'boxes',
      ...(kind === 'boxes' && { targets: { boxes: { format: 'voc' } } }),
    }),
  folder: (dir, kind) =>
    openImageFolder(join(dir, 'train'), {
      escaped: true,
      ...(kind === 'masks' && { masks: { mask: join(dir, 'train-masks', 'mask') } }),
    }),
  parquet: (dir, kind) =>
    openParquet(join(dir, 'train-*.parquet'), {
      cache: join(root, 'cache'),
      label: kind === 'boxes' ? false : 'label',
      ...(kind === 'masks' && { masks: 'mask' }),
      ...(kind === 'boxes' && { boxes: { format: 'coco' } }),
    }),
  mds: (dir, kind) => openMds(join(dir, 'train'), kind === 'boxes' ? { label: false } : {}),
  raw: (dir) => openRawCache(join(dir, 'train-*.raw')),
  coco: (dir, kind) =>
    openCoco(join(dir, 'images', 'train'), join(dir, 'annotations-train.json'), {
      cache: join(root, 'cache'),
      ...(kind === 'masks' && { masks: 'mask' }),
    } as Parameters<typeof openCoco>[2]),
  yolo: (dir) => openYolo(dir, { split: 'train' }),
};

async function write(name: string, schema: OutputSchema, samples: readonly OutputSample[]): Promise<string> {
  const format = formatNamed(name);
  expect(format.fault?.(schema), name).toBeUndefined();
  const dir = folder();
  const writer = format.shard({ dir, split: 'train', index: 0, count: 1 }, schema);
  for (const sample of samples) await writer.add(sample);
  const shard: FinishedShard = {
    split: 'train',
    index: 0,
    samples: samples.length,
    files: await writer.finish(),
  };
  await format.index?.(dir, [shard], schema, async (file) => readFileSync(join(dir, file)));
  return dir;
}

async function made(kind: Kind): Promise<OutputSample[]> {
  const bytes = await image(WIDTH, HEIGHT).png().toBuffer();
  return Promise.all(
    Array.from({ length: COUNT }, async (_, i) => ({
      key: `k${i}`,
      image: {
        bytes:
          i === 0
            ? bytes
            : await image(WIDTH, HEIGHT)
                .modulate({ brightness: 1 + i / 10 })
                .png()
                .toBuffer(),
        encoding: 'png' as const,
        width: WIDTH,
        height: HEIGHT,
      },
      ...(kind !== 'boxes' && { label: i % 2 }),
      ...(kind === 'masks' && { masks: { mask: { png: idsPng(WIDTH, HEIGHT, 8, (at) => (at + i) % 7) } } }),
      ...(kind === 'boxes' && {
        boxes: Array.from({ length: 1 + (i % 3) }, (_, b) => ({
          box: [1 + b, 2, 10.5 + b, 12.25] as const,
          label: (i + b) % 2,
        })),
      }),
      meta: { i },
    })),
  );
}

/** Scanned and rendered, as `rxaug prepare` does, without a transform. */
async function canonical(data: OpenedDataset): Promise<{ schema: OutputSchema; samples: OutputSample[] }> {
  const schema = schemaOf(data, 'made');
  const { rules } = prepared({ source: data, encode: { format: 'png' } });
  const { classes, labels } = schema;
  const maker = await SampleMaker.create({ rules, transforms: [], seed: 0, classes, labels });
  const scanner = new ImageScanner(false);
  const samples: OutputSample[] = [];
  for (let index = 0; index < data.length; index++) {
    const { id, image: ref, label, targets } = data.item(index);
    const facts = (await scanner.scan(scanItem(data, index))) as Facts;
    const { sha256, masks, width, height, format, plain } = facts;
    const made = await maker.make({
      ...{ key: `k${index}`, id, image: ref, sha256, width, height, format, plain, label },
      ...(masks && { masks }),
      ...(targets && { targets }),
      ...{ copy: 0, augmented: false },
    });
    expect(made.notes).toEqual([]);
    samples.push(made.sample);
  }
  maker.dispose();
  scanner.dispose();
  return { schema, samples };
}

/** What has to survive, in the order of the samples. */
async function essence(data: OpenedDataset): Promise<unknown[]> {
  const decoder = new Decoder();
  const all: unknown[] = [];
  for (let i = 0; i < data.length; i++) {
    const { id, image: ref, label, targets } = data.item(i);
    const { data: pixels, width, height } = await decoder.decode(ref, undefined, id);
    const masks = targets ? masksOf(targets) : [];
    all.push({
      pixels: createHash('sha256')
        .update(pixels.subarray(0, 3 * width * height))
        .digest('hex'),
      label: typeof label === 'number' ? data.classes[label] : label,
      boxes: targets?.boxes?.items.map(({ box, label: own }) => ({
        of: data.boxClasses?.[own],
        at: toCorners(targets.boxes?.format ?? 'voc', box, width, height).map(
          (v) => Math.round(v * 1e4) / 1e4,
        ),
      })),
      masks: masks.map(({ name, image: mask }) => [
        name,
        createHash('sha256').update(decoder.ids(mask, name).data).digest('hex'),
      ]),
    });
  }
  decoder.dispose();
  return all.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

describe.each(Object.keys(KINDS) as Kind[])('%s', (kind) => {
  const { schema, readers } = KINDS[kind];
  const sources = new Map<string, OpenedDataset>();
  let expected: unknown[];
  beforeAll(async () => {
    const samples = await made(kind);
    for (const name of readers) {
      const dir = await write(name, schema, samples);
      sources.set(name, await (open[name] as (typeof open)[string])(dir, kind));
    }
    expected = await essence(sources.get('webdataset') as OpenedDataset);
    expect(expected).toHaveLength(COUNT);
  }, 60_000);

  it.each(readers.flatMap((from) => readers.map((to) => [from, to] as const)))(
    'survives from %s to %s',
    async (from, to) => {
      const { schema: own, samples } = await canonical(sources.get(from) as OpenedDataset);
      const dir = await write(to, own, samples);
      const back = await (open[to] as (typeof open)[string])(dir, kind);
      expect(await essence(back)).toEqual(expected);
    },
    60_000,
  );

  it('each layout that holds less refuses it by a sentence', () => {
    const others = FORMATS.filter(({ name }) => !(readers as readonly string[]).includes(name));
    for (const { name, fault } of others) expect(fault?.(schema), name).toMatch(/\S+; \S+|\S+ \S+/);
  });
});

describe('a table of images', () => {
  it('is read as its folder is, and written as any other', async () => {
    const samples = await made('labels');
    const dir = await write('folder', KINDS.labels.schema, samples);
    const lines = samples.map(
      ({ key, label }) =>
        `${join(dir, 'train', KINDS.labels.schema.classes[label as number] as string, `${key}.png`)},${label}`,
    );
    const file = join(dir, 'photos.csv');
    await import('node:fs').then(({ writeFileSync }) =>
      writeFileSync(file, `path,label\n${lines.join('\n')}\n`),
    );
    const { samples: again } = await canonical(await openManifest(file));
    expect(
      again.map(({ image: { bytes } }) =>
        Buffer.from(bytes).equals(Buffer.from(samples[0]?.image.bytes ?? [])),
      ),
    ).toContain(true);
    expect(again.map(({ label }) => label)).toEqual(samples.map(({ label }) => label));
  });
});
