/** Values of MDS columns that are labels, and raw PIL images. Nothing that Python would have to run is read: never `pkl`. */
import type { RawLabel } from '../archive/shard-index.js';

type Numeric = (bytes: Buffer, at: number) => number;

/** Size and reading of NumPy's kinds of numbers, low byte first. */
const NUMBERS: Readonly<Record<string, readonly [size: number, read: Numeric]>> = {
  int: [8, (b, at) => Number(b.readBigInt64LE(at))],
  int8: [1, (b, at) => b.readInt8(at)],
  int16: [2, (b, at) => b.readInt16LE(at)],
  int32: [4, (b, at) => b.readInt32LE(at)],
  int64: [8, (b, at) => Number(b.readBigInt64LE(at))],
  uint8: [1, (b, at) => b.readUInt8(at)],
  uint16: [2, (b, at) => b.readUInt16LE(at)],
  uint32: [4, (b, at) => b.readUInt32LE(at)],
  uint64: [8, (b, at) => Number(b.readBigUInt64LE(at))],
  float32: [4, (b, at) => b.readFloatLE(at)],
  float64: [8, (b, at) => b.readDoubleLE(at)],
};

/** Numbers of kinds in the head of an array without a fixed kind. */
const KINDS: Readonly<Record<number, string>> = {
  8: 'uint8',
  9: 'int8',
  16: 'uint16',
  17: 'int16',
  32: 'uint32',
  33: 'int32',
  34: 'float32',
  64: 'uint64',
  65: 'int64',
  66: 'float64',
};

const isArray = (encoding: string) => encoding === 'ndarray' || encoding.startsWith('ndarray:');

export const isLabelEncoding = (encoding: string): boolean =>
  Object.hasOwn(NUMBERS, encoding) || ['str', 'str_int', 'json'].includes(encoding) || isArray(encoding);

/** @throws Error with a reason */
export function labelOf(encoding: string, bytes: Buffer): RawLabel {
  const number = NUMBERS[encoding];
  if (number) {
    if (bytes.length !== number[0]) throw new Error(`its label has ${bytes.length} bytes, not ${number[0]}`);
    return number[1](bytes, 0);
  }
  if (isArray(encoding)) return arrayOf(encoding, bytes);
  const text = bytes.toString('utf8');
  if (encoding === 'str') return text;
  if (encoding === 'str_int') {
    if (!/^-?\d{1,15}$/.test(text)) throw new Error('its label is no whole number');
    return Number(text);
  }
  const value = jsonOf(bytes, 'label');
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'number')) return value;
  throw new Error('its label is neither a number, a name nor a distribution');
}

export function jsonOf(bytes: Buffer, what: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Error(`its ${what} is no JSON`);
  }
}

/** A list of numbers; of one number, that number. */
function arrayOf(encoding: string, bytes: Buffer): RawLabel {
  const [, kind, shape] = encoding.split(':');
  let at = 0;
  const name = kind || KINDS[bytes[at++] ?? 0];
  let count = 1;
  if (shape) for (const side of shape.split(',')) count *= Number(side);
  else {
    const head = bytes[at++] ?? 0;
    const wide = 1 << (head & 3);
    for (let d = 0; d < head >> 2; d++, at += wide) {
      if (at + wide > bytes.length) throw new Error('its label is cut short');
      count *= wide === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, wide);
    }
  }
  const number = name === undefined ? undefined : NUMBERS[name];
  if (!number || name === 'int') throw new Error('its label is an array of an unknown kind');
  const [size, read] = number;
  if (bytes.length - at !== count * size) throw new Error('its label is an array of another length');
  const values = Array.from({ length: count }, (_, i) => read(bytes, at + i * size));
  return values.length === 1 ? (values[0] as number) : values;
}

const CHANNELS: Readonly<Record<string, number>> = { L: 1, LA: 2, RGB: 3, RGBA: 4 };

/** Where the pixels of a raw PIL image begin, and what they are, from its first bytes. */
export function pilHead(
  head: Buffer,
  length: number,
): { at: number; width: number; height: number; channels: number } {
  if (head.length < 12) throw new Error('its image is cut short');
  const [width, height, letters] = [head.readUInt32LE(0), head.readUInt32LE(4), head.readUInt32LE(8)];
  const mode = letters <= 8 ? head.toString('latin1', 12, 12 + letters) : '';
  const channels = CHANNELS[mode];
  if (channels === undefined) throw new Error('its image has a mode other than L, LA, RGB and RGBA');
  if (width < 1 || height < 1 || width * height * channels !== length - 12 - letters)
    throw new Error('its image has another size than it says');
  return { at: 12 + letters, width, height, channels };
}
