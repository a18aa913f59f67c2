/** Writes PNGs of ids in every form that holds them: what the reader is tested with. */
import { deflateSync } from 'node:zlib';
import { crc32 } from '../faults/png.js';

export type PngKind = `gray${1 | 2 | 4 | 8 | 16}` | `palette${1 | 2 | 4 | 8}`;

interface Options {
  /** Of every row, or all of them in turn. */
  filter?: number | 'all';
  interlaced?: boolean;
  /** Compressed data to write in place of the pixels. */
  raw?: Uint8Array;
}

const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

export function pngOf(
  kind: PngKind,
  width: number,
  height: number,
  ids: ArrayLike<number>,
  { filter = 0, interlaced = false, raw }: Options = {},
): Uint8Array {
  const bits = Number(/\d+/.exec(kind)?.[0]);
  const palette = kind.startsWith('palette');
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bits, palette ? 3 : 0, 0, 0, interlaced ? 1 : 0], 8);
  const rows: Buffer[] = [];
  for (const [x0, y0, dx, dy] of raw ? [] : interlaced ? ADAM7 : ([[0, 0, 1, 1]] as const)) {
    let before: Buffer | undefined;
    if (x0 >= width) continue;
    for (let y = y0, n = 0; y < height; y += dy, n++) {
      const values: number[] = [];
      for (let x = x0; x < width; x += dx) values.push(ids[y * width + x] as number);
      const row = packed(values, bits);
      rows.push(
        filtered(
          filter === 'all' ? n % 5 : filter,
          row,
          before ?? Buffer.alloc(row.length),
          bits === 16 ? 2 : 1,
        ),
      );
      before = row;
    }
  }
  const colors = Buffer.from(Array.from({ length: 3 * 2 ** Math.min(8, bits) }, (_, i) => (i * 97) % 256));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', colors)] : []),
    chunk('IDAT', raw ?? deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function packed(values: readonly number[], bits: number): Buffer {
  const row = Buffer.alloc(Math.ceil((values.length * bits) / 8));
  values.forEach((value, i) => {
    if (bits === 16) row.writeUInt16BE(value, 2 * i);
    else row[(i * bits) >> 3]! |= value << (8 - bits - ((i * bits) & 7));
  });
  return row;
}

function filtered(kind: number, row: Buffer, before: Buffer, step: number): Buffer {
  const out = Buffer.from([kind, ...row]);
  for (let i = 0; i < row.length; i++) {
    const [a, b, c] = [row[i - step] ?? 0, before[i] as number, before[i - step] ?? 0];
    const p = a + b - c;
    const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
    const guess = [0, a, b, (a + b) >> 1, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][kind] as number;
    out[i + 1] = ((row[i] as number) - guess) & 255;
  }
  return out;
}

export function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
