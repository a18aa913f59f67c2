/** One whole data set of each format that a preparation reads, to be damaged. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { formatNamed } from '../../src/io/write/formats.js';
import { image, type RawEntry, tarOf } from '../io/make.js';
import { birds, place, SCHEMA } from '../io/write/samples.js';
import type { Base } from './prepare-fuzz-child.js';

const golden = (name: string) => readFileSync(join(import.meta.dirname, '../golden', name));
const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes as string).toString('base64');

type Files = Readonly<Record<string, Uint8Array | string>>;

function base(format: string, files: Files, damaged: string, open = '', text = false): Base {
  const all = Object.entries(files).map(([path, bytes]) => [path, base64(bytes)]);
  return { format, files: Object.fromEntries(all), damaged, open, text };
}

/** A data set in files below a folder, as one of our own writers makes it. */
async function written(name: 'mds' | 'raw', folder: string, damaged: RegExp): Promise<Base[]> {
  const dir = join(folder, `base-${name}`);
  mkdirSync(dir);
  const format = formatNamed(name);
  const schema = { ...SCHEMA, classes: SCHEMA.classes };
  const writer = format.shard(place(dir), schema);
  let samples = 0;
  for (const sample of await birds()) {
    await writer.add({ ...sample, label: samples % 3 });
    samples++;
  }
  const files = await writer.finish();
  const done = [{ split: 'train', index: 0, samples, files }];
  await format.index?.(dir, done, schema, async (path) => readFileSync(join(dir, path)));
  const found = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath ?? entry.path, entry.name)));
  const all = Object.fromEntries(found.map((path) => [path, readFileSync(join(dir, path))]));
  const open = name === 'mds' ? 'train' : '';
  return found
    .filter((path) => damaged.test(path))
    .map((path) => base(name, all, path, open, path.endsWith('.json')));
}

async function images(): Promise<Base[]> {
  const make = (width = 40, height = 30) => image(width, height);
  const wide = { raw: { width: 20, height: 40, channels: 3 } } as const;
  const files: Readonly<Record<string, Promise<Buffer> | Buffer>> = {
    'a.jpg': make(90, 70).jpeg().toBuffer(),
    'progressive.jpg': make().jpeg({ progressive: true }).toBuffer(),
    'turned.jpg': make().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'cmyk.jpg': make().toColorspace('cmyk').jpeg().toBuffer(),
    'a.png': make().png().toBuffer(),
    'deep.png': make().toColorspace('rgb16').png().toBuffer(),
    'palette.png': make().png({ palette: true }).toBuffer(),
    'a.webp': make().webp().toBuffer(),
    'lossless.webp': make().ensureAlpha(0.5).webp({ lossless: true }).toBuffer(),
    'a.gif': make().gif().toBuffer(),
    'moving.gif': make(20, 40)
      .raw()
      .toBuffer()
      .then((raw) =>
        make(20, 40)
          .composite([{ input: raw, ...wide }])
          .gif()
          .toBuffer(),
      ),
    'a.tif': make().tiff().toBuffer(),
    'packed.tif': make().tiff({ compression: 'lzw' }).toBuffer(),
    'a.avif': make().avif({ effort: 0 }).toBuffer(),
    'a.ppm': Buffer.concat([Buffer.from('P6\n4 4\n255\n'), Buffer.alloc(48, 99)]),
    'a.pgm': Buffer.from('P2\n3 2\n15\n0 3 6 9 12 15\n'),
    'a.bmp': bitmap(5, 4),
  };
  const whole = await make().png().toBuffer();
  return Promise.all(
    Object.entries(files).map(async ([name, bytes]) => {
      const ending = name.split('.')[1] as string;
      return base(ending, { [`cat/${name}`]: await bytes, 'dog/whole.png': whole }, `cat/${name}`);
    }),
  );
}

/** 24 bits, from the bottom up. */
function bitmap(width: number, height: number): Buffer {
  const row = 4 * Math.ceil((3 * width) / 4);
  const bytes = Buffer.alloc(54 + row * height, 120);
  bytes.fill(0, 0, 54);
  bytes.write('BM');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}

async function archives(folder: string): Promise<Base[]> {
  const jpeg = await image(20, 20).jpeg().toBuffer();
  const mask = await image(20, 20).grayscale().png().toBuffer();
  const entries: RawEntry[] = [0, 1, 2].flatMap((i) => [
    { name: `${i}.jpg`, data: jpeg },
    {
      name: `${i}.json`,
      data: `{"label": ${i}, "boxes": [{"box": [1, 2, 9, 9], "label": 0}], "boxFormat": "voc"}`,
    },
    { name: `${i}.mask.png`, data: mask },
  ]);
  const tar = tarOf(entries);
  const parquet = ['hf', 'hf-list', 'pages2', 'codec-snappy', 'codec-zstd', 'codec-lz4', 'codec-brotli'];
  const pixels = JSON.parse(golden('io/pixels.json').toString()) as Record<
    'npy' | 'npz',
    Record<string, string>
  >;
  const numpy = (['npy', 'npz'] as const).flatMap((kind) =>
    Object.entries(pixels[kind])
      .filter(([name]) => kind === 'npz' || name.startsWith('NHWC'))
      .map(([, bytes]) =>
        base('numpy', { [`a.${kind}`]: Buffer.from(bytes, 'base64') }, `a.${kind}`, `a.${kind}`),
      ),
  );
  const idx = (sides: number[], data: Uint8Array) => {
    const head = Buffer.alloc(4 + 4 * sides.length);
    head.set([0, 0, 8, sides.length]);
    for (const [i, side] of sides.entries()) head.writeUInt32BE(side, 4 + 4 * i);
    return Buffer.concat([head, data]);
  };
  const digits = { images: idx([7, 5, 4], Buffer.alloc(140, 60)), labels: idx([7], Buffer.alloc(7, 3)) };
  return [
    base('tar', { 'a.tar': tar }, 'a.tar', 'a.tar'),
    base('tgz', { 'a.tar.gz': gzipSync(tar) }, 'a.tar.gz', 'a.tar.gz'),
    base('tgz', { 'a.tar.gz': gzipSync(tar, { level: 0 }) }, 'a.tar.gz', 'a.tar.gz'),
    ...parquet.map((name) =>
      base('parquet', { 'a.parquet': golden(`parquet/${name}.parquet`) }, 'a.parquet', 'a.parquet'),
    ),
    ...['plain', 'packed', 'packed-zlib'].map((name) =>
      base('tfrecord', { 'a.tfrecord': golden(`tfrecord/${name}.tfrecord`) }, 'a.tfrecord', 'a.tfrecord'),
    ),
    ...numpy,
    base('idx', digits, 'images', 'images'),
    base('idx', { ...digits, images: gzipSync(digits.images) }, 'images', 'images'),
    base('idx', digits, 'labels', 'images'),
    ...(await written('mds', folder, /\.mds$|index\.json$/)),
    ...(await written('raw', folder, /\.raw$/)),
  ];
}

async function annotations(): Promise<Base[]> {
  const jpeg = await image(40, 30).jpeg().toBuffer();
  const object = (name: string, x: number) =>
    `<object><name>${name}</name><bndbox><xmin>${x}</xmin><ymin>3</ymin><xmax>30</xmax><ymax>20</ymax></bndbox></object>\n`;
  const xml = `<annotation>\n<filename>a.jpg</filename>\n<size><width>40</width><height>30</height><depth>3</depth></size>\n${object('cat', 2)}${object('dog', 9)}</annotation>\n`;
  const coco = {
    images: [1, 2].map((id) => ({ id, file_name: `${id}.jpg`, width: 40, height: 30 })),
    categories: [
      { id: 1, name: 'cat' },
      { id: 3, name: 'dog' },
    ],
    annotations: [1, 2, 3].map((id) => ({
      ...{
        id,
        image_id: 1 + (id % 2),
        category_id: id === 2 ? 3 : 1,
        bbox: [id, 2, 10, 9],
        area: 90,
        iscrowd: 0,
      },
      segmentation: [[1, 1, 9, 1, 9, 9]],
    })),
  };
  const yaml = 'path: .\ntrain: images/train\nnames:\n  0: cat\n  1: dog\n';
  const yolo = {
    'data.yaml': yaml,
    'images/train/a.jpg': jpeg,
    'labels/train/a.txt': '0 0.5 0.5 0.2 0.3\n1 0.4 0.4 0.1 0.1\n',
  };
  const voc = { 'JPEGImages/a.jpg': jpeg, 'Annotations/a.xml': xml };
  const photos = { '1.jpg': jpeg, '2.jpg': jpeg };
  const cocoFiles = {
    'images/1.jpg': jpeg,
    'images/2.jpg': jpeg,
    'annotations.json': JSON.stringify(coco, null, 1),
  };
  const boxes = '[{"box": [1, 2, 9, 9], "label": "beak"}]';
  const lines = [1, 2]
    .map((i) => `{"image": "${i}.jpg", "label": "cat", "boxes": ${boxes}, "boxFormat": "voc"}\n`)
    .join('');
  const csv = 'image,label\n1.jpg,cat\n"2.jpg","dog, big"\n';
  return [
    base('voc', voc, 'Annotations/a.xml', '', true),
    base('yolo', yolo, 'labels/train/a.txt', '', true),
    base('yolo', yolo, 'data.yaml', '', true),
    base('coco', cocoFiles, 'annotations.json', '', true),
    base('csv', { ...photos, 'a.csv': csv }, 'a.csv', 'a.csv', true),
    base('tsv', { ...photos, 'a.tsv': csv.replaceAll(',', '\t') }, 'a.tsv', 'a.tsv', true),
    base('jsonl', { ...photos, 'a.jsonl': lines }, 'a.jsonl', 'a.jsonl', true),
  ];
}

export const fuzzBases = async (folder: string): Promise<Base[]> =>
  [await images(), await archives(folder), await annotations()].flat();
