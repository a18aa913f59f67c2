/** Samples as writers take them. */
import { deflateSync } from 'node:zlib';
import { pngIds } from '../../../src/io/decode/png-ids.js';
import type { ImageEncoding, OutputSample, OutputSchema, ShardPlace } from '../../../src/io/write/output.js';
import { image } from '../make.js';

export const SCHEMA: OutputSchema = {
  name: 'birds',
  classes: ['auk', 'blue tit', 'crow'],
  boxClasses: ['beak', 'wing'],
  masks: ['mask', 'Parts'],
  keypoints: true,
  labels: true,
};

export const place = (dir: string, split = 'train', index = 0, count = 1): ShardPlace => ({
  dir,
  split,
  index,
  count,
});

/** A gray PNG of ids, 8 or 16 bits. */
export function idsPng(width: number, height: number, bits: 8 | 16, idAt: (i: number) => number): Buffer {
  const rows: Buffer[] = [];
  for (let y = 0; y < height; y++) {
    const row = Buffer.alloc(1 + (width * bits) / 8);
    for (let x = 0; x < width; x++) {
      if (bits === 8) row[1 + x] = idAt(y * width + x);
      else row.writeUInt16BE(idAt(y * width + x), 1 + 2 * x);
    }
    rows.push(row);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([bits, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  let c = 0xffffffff;
  for (const byte of body) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  }
  out.writeUInt32BE((c ^ 0xffffffff) >>> 0, body.length + 4);
  return out;
}

export const idsOf = (png: Uint8Array) => pngIds(Buffer.from(png), 1e6);

const WIDTH = 24;
const HEIGHT = 16;

/** Samples with everything that a sample can have, and some that lack it. */
export async function birds(encoding: ImageEncoding = 'png'): Promise<OutputSample[]> {
  const plain = image(WIDTH, HEIGHT);
  const bytes = encoding === 'jpeg' ? await plain.jpeg().toBuffer() : await plain.png().toBuffer();
  const own = { bytes, encoding, width: WIDTH, height: HEIGHT } as const;
  return [
    {
      key: 'auk/1_a-b',
      image: own,
      label: 0,
      boxes: [{ box: [1, 2.5, 20, 15.25], label: 1, instance: 7 }],
      keypoints: [{ x: 9.5, y: 3, name: 'eye', visible: false }],
      masks: {
        mask: { png: idsPng(WIDTH, HEIGHT, 8, (i) => i % 5) },
        Parts: { png: idsPng(WIDTH, HEIGHT, 16, (i) => 3 * i) },
      },
      meta: { source: 'a.b/ö.jpg', label: 'not the label', recipe: [{ op: 'horizontalFlip' }] },
    },
    { key: 'auk/2', image: own, label: Float32Array.of(0.25, 0.5, 0.25), boxes: [], meta: {} },
    { key: 'crow', image: own, label: 2, keypoints: [], meta: { n: 1e-7, null: null } },
  ];
}
