/** Small files that ask for very much memory, disk or time, in each format that could. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { crc32 } from '../../src/io/crc.js';
import { image, tarOf } from '../io/make.js';
import { chunk } from '../targets/png.js';
import type { Base } from './prepare-fuzz-child.js';

type Files = Readonly<Record<string, Uint8Array | string>>;

/** More than what is always allowed to come out of a file. */
const MANY = 70 << 20;

function bomb(format: string, files: Files, open: string): Base {
  const all = Object.entries(files).map(([path, bytes]) => [
    path,
    Buffer.from(bytes as string).toString('base64'),
  ]);
  return { format, files: Object.fromEntries(all), damaged: '', text: false, open };
}

const one = (format: string, name: string, bytes: Uint8Array | string): Base =>
  bomb(format, { [name]: bytes }, name);
const inFolder = (name: string, bytes: Uint8Array): Base => bomb('image', { [`cat/${name}`]: bytes }, '');

function png(
  width: number,
  height: number,
  data: Uint8Array,
  more: Buffer[] = [],
  last = [8, 2, 0, 0, 0],
): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set(last, 8);
  const end = chunk('IEND', new Uint8Array());
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    ...more,
    chunk('IDAT', data),
    end,
  ]);
}

/** Sides that files claim to have. */
const SIDES = [9000, 12_000, 100_000, 16_383, 30_000, 65_535, 1_000_000, 0x7fffffff];

async function images(): Promise<Base[]> {
  const zeros = deflateSync(Buffer.alloc(MANY));
  const few = deflateSync(Buffer.alloc(400));
  const profile = Buffer.concat([Buffer.from('p\0\0', 'latin1'), zeros]);
  const found: Base[] = [
    inFolder('data.png', png(10, 10, zeros)),
    inFolder('profile.png', png(10, 10, few, [chunk('iCCP', profile)])),
    inFolder('text.png', png(10, 10, few, [chunk('zTXt', profile)])),
    inFolder(
      'texts.png',
      png(
        10,
        10,
        few,
        Array.from({ length: 30 }, () => chunk('zTXt', profile)),
      ),
    ),
    inFolder(
      'many.png',
      png(
        10,
        10,
        few,
        Array.from({ length: 20_000 }, () => chunk('tEXt', Buffer.from('a\0b'))),
      ),
    ),
  ];
  for (const side of SIDES) {
    found.push(inFolder('wide.png', png(side, 2, few)), inFolder('large.png', png(side, side, few)));
    found.push(inFolder('zeros.png', png(side, side, zeros)));
    found.push(inFolder('deep.png', png(side, side, zeros, [], [16, 6, 0, 0, 1])));
    for (const kind of ['P5', 'P6', 'P4', 'P2'])
      found.push(inFolder('a.pnm', Buffer.from(`${kind} ${side} ${side} 255\n1 2 3`)));
    found.push(inFolder('a.bmp', bmp(side, 0)), inFolder('a.bmp', bmp(side, 1)));
    found.push(
      inFolder('a.tif', tiff(side, 1)),
      inFolder('a.tif', tiff(side, 8)),
      inFolder('a.tif', tiff(side, 5)),
    );
  }
  const jpeg = await image(64, 64).jpeg().toBuffer();
  const progressive = await image(64, 64).jpeg({ progressive: true }).toBuffer();
  for (const source of [jpeg, progressive])
    for (const side of [8000, 20_000, 65_500]) found.push(inFolder('a.jpg', resized(source, side)));
  for (const scans of [50, 500, 5000])
    found.push(inFolder('scans.jpg', scansOf(resized(progressive, 8000), scans)));
  const gif = await image(8, 8).gif().toBuffer();
  const webp = await image(8, 8).webp({ lossless: true }).toBuffer();
  for (const side of [9000, 65_535]) {
    const large = Buffer.from(gif);
    large.writeUInt16LE(side, 6);
    large.writeUInt16LE(side, 8);
    found.push(inFolder('a.gif', large));
  }
  // Width and height less one, 14 bits each, behind the signature.
  const large = Buffer.from(webp);
  const at = large.indexOf('VP8L') + 9;
  if (at > 9) large.writeUInt32LE((0x3fff | (0x3fff << 14)) >>> 0, at);
  found.push(inFolder('a.webp', large));
  return found;
}

/** The same JPEG with other sides in its frame. */
function resized(jpeg: Buffer, side: number): Buffer {
  const bytes = Buffer.from(jpeg);
  const frame = [0xc0, 0xc2]
    .map((mark) => bytes.indexOf(Buffer.from([0xff, mark])))
    .find((at) => at > 0) as number;
  bytes.writeUInt16BE(side, frame + 5);
  bytes.writeUInt16BE(side, frame + 7);
  return bytes;
}

/** With its last scan so many times. */
function scansOf(jpeg: Buffer, times: number): Buffer {
  const at = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = jpeg.subarray(at, jpeg.length - 2);
  return Buffer.concat([
    jpeg.subarray(0, at),
    ...Array.from({ length: times }, () => scan),
    jpeg.subarray(-2),
  ]);
}

function bmp(side: number, compression: number): Buffer {
  const bytes = Buffer.alloc(80);
  bytes.write('BM');
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(side, 18);
  bytes.writeInt32LE(side, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(compression === 1 ? 8 : 24, 28);
  bytes.writeUInt32LE(compression, 30);
  return bytes;
}

/** One strip of 8-bit gray. */
function tiff(side: number, compression: number): Buffer {
  const tags: [number, number, number, number][] = [
    [256, 4, 1, side],
    [257, 4, 1, side],
    [258, 3, 1, 8],
    [259, 3, 1, compression],
    [262, 3, 1, 1],
    [273, 4, 1, 200],
    [277, 3, 1, 1],
    [278, 4, 1, side],
    [279, 4, 1, 50],
  ];
  const bytes = Buffer.alloc(250);
  bytes.write('II*\0', 'latin1');
  bytes.writeUInt32LE(8, 4);
  bytes.writeUInt16LE(tags.length, 8);
  for (const [i, [tag, type, count, value]] of tags.entries()) {
    const at = 10 + 12 * i;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(count, at + 4);
    if (type === 3) bytes.writeUInt16LE(value, at + 8);
    else bytes.writeUInt32LE(value, at + 8);
  }
  deflateSync(Buffer.alloc(20)).copy(bytes, 200);
  return bytes;
}

function archives(): Base[] {
  const zeros = gzipSync(Buffer.alloc(MANY));
  const found: Base[] = [
    one('tgz', 'a.tar.gz', zeros),
    one('tgz', 'a.tar.gz', gzipSync(tarOf([{ name: 'a.jpg', data: Buffer.alloc(MANY) }]))),
    one('tgz', 'a.tar.gz', Buffer.concat([zeros, zeros])),
    one('tgz', 'a.tar.gz', gzipSync(zeros)),
    one('tgz', 'a.tar.gz', gzipSync(tarOf(Array.from({ length: 20_000 }, (_, i) => ({ name: `${i}.jpg` }))))),
    bomb('idx', { a: zeros, labels: Buffer.alloc(9) }, 'a'),
    bomb('idx', { a: zeros, labels: zeros }, 'a'),
    one('tfrecord', 'a.tfrecord.gz', zeros),
    one('tfrecord', 'a.tfrecord', deflateSync(Buffer.alloc(MANY))),
  ];
  for (const size of [1e6, 2 ** 31, 2 ** 33 - 1]) {
    for (const type of ['0', 'x', 'g', 'L', 'K'])
      found.push(one('tar', 'a.tar', tarOf([{ name: 'a.jpg', type, data: 'x', size }], false)));
    const record = Buffer.alloc(12);
    record.writeBigUInt64LE(BigInt(size));
    found.push(one('tfrecord', 'a.tfrecord', Buffer.concat([record, Buffer.alloc(90)])));
  }
  for (const shape of [
    '1000000000, 1000, 1000, 3',
    '1, 65535, 65535, 3',
    '18446744073709551616, 2, 2',
    '100000000, 0, 0, 3',
  ])
    found.push(one('numpy', 'a.npy', npy(shape)));
  found.push(one('numpy', 'a.npz', zipped('x_train.npy', Buffer.alloc(MANY), 400)));
  found.push(
    one(
      'numpy',
      'a.npz',
      zipped('x_train.npy', Buffer.concat([npy(`${MANY >> 2}, 1, 1, 3`), Buffer.alloc(MANY)]), 0),
    ),
  );
  for (const dims of [
    [0x7fffffff, 0x7fffffff, 0x7fffffff],
    [1, 65535, 65535],
    [0xffffffff, 1, 1],
  ]) {
    const head = Buffer.alloc(16);
    head.set([0, 0, 8, 3]);
    for (const [i, side] of dims.entries()) head.writeUInt32BE(side, 4 + 4 * i);
    found.push(bomb('idx', { a: head, labels: Buffer.alloc(9) }, 'a'));
  }
  for (const name of [
    'hf',
    'hf-list',
    'pages2',
    'codec-gzip',
    'codec-snappy',
    'codec-zstd',
    'codec-brotli',
    'codec-lz4',
  ])
    for (const size of [2 ** 27, 2 ** 30 - 1]) found.push(one('parquet', 'a.parquet', lyingPage(name, size)));
  for (const size of [1000, 2 ** 26, 2 ** 31, 2 ** 40])
    for (const frame of [
      zstd(400),
      zstd(4),
      Buffer.concat([zstd(4), hungry(0x7fff0000)]),
      hungry(0x1ffffff0),
    ])
      found.push(mds(size, frame));
  return found;
}

function npy(shape: string): Buffer {
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117);
  const head = Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1');
  return Buffer.concat([head, Buffer.from(`${text}\n`, 'latin1'), Buffer.alloc(50)]);
}

/** A zip of one deflated file that says it holds `size` bytes; 0 for the truth. */
function zipped(name: string, data: Buffer, size: number): Buffer {
  const packed = deflateRawSync(data);
  const sizes = (at: number, head: Buffer) => {
    head.writeUInt16LE(8, at - 8);
    head.writeUInt32LE(crc32(data), at - 2);
    head.writeUInt32LE(packed.length, at + 2);
    head.writeUInt32LE(size || data.length, at + 6);
    head.writeUInt16LE(name.length, at + 10);
  };
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  sizes(16, local);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt32LE(0x00140014, 4);
  sizes(18, central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(0x00010001, 8);
  end.writeUInt32LE(central.length + name.length, 12);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, central, Buffer.from(name), end]);
}

/** The first page says that it unpacks to so many bytes. */
function lyingPage(name: string, size: number): Buffer {
  const bytes = readFileSync(join(import.meta.dirname, `../golden/parquet/${name}.parquet`));
  // Field 1, the kind of page, and field 2, the size when unpacked, as a zigzag number of seven bits a byte.
  let old = 7;
  while ((bytes[old] as number) >= 128) old++;
  const lie: number[] = [];
  let rest = 2 * size;
  for (; rest >= 128; rest = Math.floor(rest / 128)) lie.push(128 | (rest % 128));
  lie.push(rest);
  // All else stays at its place: what the header grows by is taken from the bytes behind it.
  const cut = old + 40;
  const more = lie.length - (old + 1 - 7);
  return Buffer.concat([
    bytes.subarray(0, 7),
    Buffer.from(lie),
    bytes.subarray(old + 1, cut),
    bytes.subarray(cut + more),
  ]);
}

/** A frame of blocks that each repeat one byte 128 Ki times. */
function zstd(blocks: number): Buffer {
  const block = (last: number) => {
    const head = last | (1 << 1) | ((1 << 17) << 3);
    return Buffer.from([head & 255, (head >> 8) & 255, head >> 16, 7]);
  };
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]);
  return Buffer.concat([head, ...Array.from({ length: blocks }, (_, i) => block(Number(i === blocks - 1)))]);
}

/** A frame that asks for all of its bytes at once. */
function hungry(bytes: number): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes, 5);
  return Buffer.concat([head, Buffer.from([3, 0, 16, 7]), Buffer.alloc(8)]);
}

function mds(bytes: number, frame: Buffer): Base {
  const info = { bytes, hashes: {} };
  const shard = {
    ...{ version: 2, format: 'mds', compression: 'zstd', hashes: [], samples: 2, size_limit: 2 ** 26 },
    ...{ column_names: ['image', 'label'], column_encodings: ['jpeg', 'int'], column_sizes: [null, 8] },
    raw_data: { basename: 'shard.00000.mds', ...info },
    zip_data: { basename: 'shard.00000.mds.zstd', ...info, bytes: frame.length },
  };
  const index = JSON.stringify({ version: 2, shards: [shard] });
  return bomb('mds', { 'index.json': index, 'shard.00000.mds.zstd': frame }, '');
}

async function annotations(): Promise<Base[]> {
  const jpeg = await image(16, 16).jpeg().toBuffer();
  const deep = (open: string, close: string) => open.repeat(200_000) + close.repeat(200_000);
  const voc = (text: string) => bomb('voc', { 'JPEGImages/a.jpg': jpeg, 'Annotations/a.xml': text }, '');
  const coco = (text: string) => bomb('coco', { 'images/a.jpg': jpeg, 'annotations.json': text }, '');
  const yolo = (text: string) => bomb('yolo', { 'images/train/a.jpg': jpeg, 'data.yaml': text }, '');
  const entities = Array.from({ length: 9 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join(
    '',
  );
  const anchors = Array.from(
    { length: 9 },
    (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`,
  );
  const line = (value: string) => `{"image": "a.jpg", "label": "x", "boxes": ${value}}\n`;
  return [
    voc(
      `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">${entities}]><annotation><filename>&e9;</filename></annotation>`,
    ),
    voc(deep('<a>', '</a>')),
    voc(`<annotation>${'<object>'.repeat(100_000)}`),
    coco(deep('[', ']')),
    coco(`{"images": ${deep('[', ']')}}`),
    coco(
      `{"images": [{"id": 1, "file_name": "a.jpg", "x": ${deep('{"a":', '}').replace('}', '1}')}}], "annotations": [], "categories": [{"id": 1, "name": "a"}]}`,
    ),
    coco(`{"images": "${'x'.repeat(1e6)}`),
    yolo(`a0: &a0 ha\n${anchors.join('\n')}\nnames: *a9\ntrain: images/train\n`),
    yolo(`names: ${deep('[', ']')}\n`),
    yolo('names: {0: a, 999999999: b}\ntrain: images/train\n'),
    yolo('nc: 2000000000\ntrain: images/train\n'),
    bomb('jsonl', { 'a.jpg': jpeg, 'a.jsonl': line(deep('[', ']')) }, 'a.jsonl'),
    bomb('jsonl', { 'a.jpg': jpeg, 'a.jsonl': `{"image": "${'x'.repeat(1e6)}` }, 'a.jsonl'),
    bomb('csv', { 'a.jpg': jpeg, 'a.csv': `image,label\n"${'a.jpg,\n'.repeat(100_000)}` }, 'a.csv'),
    bomb('csv', { 'a.jpg': jpeg, 'a.csv': `image,label${',x'.repeat(200_000)}\na.jpg,cat\n` }, 'a.csv'),
    bomb('csv', { 'a.jpg': jpeg, 'a.csv': 'image,label\na.jpg,4000000000\n' }, 'a.csv'),
  ];
}

/** Some two hundred, of all kinds. */
export const bombs = async (): Promise<Base[]> => [await images(), archives(), await annotations()].flat();
