/**
 * The same images for examples of sources that hold many in a file:
 *
 *     digits.npy digits-labels.npy           uint8 [8, 32, 48, 3] and [8]
 *     digits-idx3-ubyte digits-idx1-ubyte    one channel, and their labels
 *     shards/train/index.json                MDS, with one shard of PNG
 *     cache/train-000000.raw                 a raw cache
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const CLASSES = ['cat', 'dog'];

/** @param images of equal size: `pixels` RGB, `png` the file, `label` */
export function pixelFixtures(folder, images, width, height) {
  const at = (...names) => path.join(folder, ...names);
  const labels = images.map(({ label }) => label);
  const pixels = Buffer.concat(images.map((image) => image.pixels));
  const n = images.length;
  fs.writeFileSync(at('digits.npy'), npy(`(${n}, ${height}, ${width}, 3)`, pixels));
  fs.writeFileSync(at('digits-labels.npy'), npy(`(${n},)`, Buffer.from(labels)));
  const gray = Buffer.from(pixels.filter((_, i) => i % 3 === 0));
  fs.writeFileSync(at('digits-idx3-ubyte'), idx([n, height, width], gray));
  fs.writeFileSync(at('digits-idx1-ubyte'), idx([n], Buffer.from(labels)));
  fs.mkdirSync(at('shards', 'train'), { recursive: true });
  writeMds(at('shards', 'train'), images);
  fs.mkdirSync(at('cache'));
  fs.writeFileSync(at('cache', 'train-000000.raw'), rawCache(pixels, labels, width, height));
}

function npy(shape, data) {
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), u16(header.length), header, data]);
}

function idx(sides, data) {
  const head = Buffer.alloc(4 + 4 * sides.length);
  head.set([0, 0, 8, sides.length]);
  for (const [i, side] of sides.entries()) head.writeUInt32BE(side, 4 + 4 * i);
  return Buffer.concat([head, data]);
}

function writeMds(dir, images) {
  const config = {
    column_encodings: ['png', 'int'],
    column_names: ['image', 'label'],
    column_sizes: [null, 8],
    compression: null,
    format: 'mds',
    hashes: [],
    size_limit: null,
    version: 2,
  };
  const rows = images.map(({ png, label }) => {
    const value = Buffer.alloc(8);
    value.writeBigInt64LE(BigInt(label));
    return Buffer.concat([u32(png.length), png, value]);
  });
  const text = Buffer.from(JSON.stringify(config));
  const start = 4 * (rows.length + 2) + text.length;
  const ends = rows.map((_, i) => rows.slice(0, i + 1).reduce((sum, { length }) => sum + length, start));
  const table = [rows.length, start, ...ends].map(u32);
  const shard = Buffer.concat([...table, text, ...rows]);
  fs.writeFileSync(path.join(dir, 'shard.00000.mds'), shard);
  const raw_data = { basename: 'shard.00000.mds', bytes: shard.length, hashes: {} };
  const shards = [{ ...config, raw_data, samples: rows.length, zip_data: null }];
  fs.writeFileSync(path.join(dir, 'index.json'), JSON.stringify({ shards, version: 2 }));
}

function rawCache(pixels, labels, width, height) {
  const head = Buffer.alloc(64);
  head.write('RXAUGRAW');
  for (const [i, value] of [1, width, height, 3, 8].entries()) head.writeUInt32LE(value, 8 + 4 * i);
  const keys = labels.map((label, i) => `${CLASSES[label]}-${i}`);
  const parts = [
    Buffer.concat(labels.map(u32)),
    Buffer.concat(keys.map((_, i) => u32(keys.slice(0, i + 1).join('').length))),
    Buffer.from(keys.join('')),
  ];
  const lengths = parts.map(({ length }) => length);
  const shape = { width, height, channels: 3, bits: 8, count: labels.length };
  const json = Buffer.from(
    JSON.stringify({ ...shape, name: 'pets', classes: CLASSES, labels: 'int32', lengths }),
  );
  const footer = Buffer.concat([...parts, json]);
  const end = Buffer.alloc(64);
  end.write('RXAUGEND');
  end.writeBigUInt64LE(BigInt(64 + pixels.length), 8);
  end.writeUInt32LE(json.length, 16);
  createHash('sha256').update(footer).digest().copy(end, 32);
  return Buffer.concat([head, pixels, footer, end]);
}

function u16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
