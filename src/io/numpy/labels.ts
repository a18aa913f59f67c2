/** A NumPy array as labels: class numbers, names, or distributions over the classes. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { RawLabel } from '../archive/shard-index.js';
import type { NpyArray } from './header.js';

type Read = (bytes: Buffer, at: number) => number | string;

/** More bytes of labels are none. */
const MOST = 1 << 30;

/**
 * @returns the label of each image
 * @throws Error with a reason that fits behind the file's name
 */
export function npyLabels({ path, offset, descr, shape }: NpyArray, images: number): (k: number) => RawLabel {
  const [count, width = 1, ...more] = shape;
  const soft = shape.length === 2 && width > 1;
  if (count !== images || shape.length === 0 || more.length > 0)
    throw new Error(
      `its shape is (${shape.join(', ')}), but there are ${images} images; give one label, or one distribution, an image`,
    );
  const [size, read] = reader(descr);
  const length = count * width * size;
  if (length > MOST) throw new Error(`its ${length} bytes are too many for labels; check which array it is`);
  const bytes = Buffer.alloc(length);
  const fd = openSync(path, 'r');
  try {
    for (let done = 0; done < length; ) {
      const n = readSync(fd, bytes, done, length - done, offset + done);
      if (n === 0) throw new Error('it became shorter while it was read; save it again');
      done += n;
    }
  } finally {
    closeSync(fd);
  }
  if (!soft) return (k) => read(bytes, k * size);
  if (typeof read(bytes, 0) === 'string') throw new Error('it has several names an image; give one');
  return (k) => Array.from({ length: width }, (_, c) => Number(read(bytes, (k * width + c) * size)));
}

function reader(descr: string): [size: number, read: Read] {
  const big = descr.startsWith('>');
  const kind = descr.replace(/^[<>|=]/, '');
  const text = /^([US])(\d+)$/.exec(kind);
  if (text) {
    const length = Number(text[2]);
    return text[1] === 'S'
      ? [length, (b, at) => b.toString('utf8', at, at + length).replace(/\0+$/, '')]
      : [4 * length, (b, at) => letters(b, at, length, big)];
  }
  const read = (big ? BIG : LITTLE)[kind];
  if (!read) throw new Error(`its labels are of kind '${descr}'; save whole numbers, names or distributions`);
  return [Number(kind.slice(1)), read];
}

/** Text of four bytes a letter, filled up with zeros. */
function letters(bytes: Buffer, at: number, length: number, big: boolean): string {
  const points: number[] = [];
  for (let i = 0; i < length; i++) {
    const point = big ? bytes.readUInt32BE(at + 4 * i) : bytes.readUInt32LE(at + 4 * i);
    points.push(point <= 0x10ffff ? point : 0xfffd);
  }
  return String.fromCodePoint(...points).replace(/\0+$/, '');
}

const LITTLE: Readonly<Record<string, Read>> = {
  b1: (b, at) => b.readUInt8(at),
  u1: (b, at) => b.readUInt8(at),
  i1: (b, at) => b.readInt8(at),
  u2: (b, at) => b.readUInt16LE(at),
  i2: (b, at) => b.readInt16LE(at),
  u4: (b, at) => b.readUInt32LE(at),
  i4: (b, at) => b.readInt32LE(at),
  u8: (b, at) => Number(b.readBigUInt64LE(at)),
  i8: (b, at) => Number(b.readBigInt64LE(at)),
  f4: (b, at) => b.readFloatLE(at),
  f8: (b, at) => b.readDoubleLE(at),
};

const BIG: Readonly<Record<string, Read>> = {
  b1: (b, at) => b.readUInt8(at),
  u1: (b, at) => b.readUInt8(at),
  i1: (b, at) => b.readInt8(at),
  u2: (b, at) => b.readUInt16BE(at),
  i2: (b, at) => b.readInt16BE(at),
  u4: (b, at) => b.readUInt32BE(at),
  i4: (b, at) => b.readInt32BE(at),
  u8: (b, at) => Number(b.readBigUInt64BE(at)),
  i8: (b, at) => Number(b.readBigInt64BE(at)),
  f4: (b, at) => b.readFloatBE(at),
  f8: (b, at) => b.readDoubleBE(at),
};
