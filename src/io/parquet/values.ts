/** The values of a page. Every count is held against the bytes that are there before room is made for it. */
import { readDeltas } from './deltas.js';
import { readRuns } from './levels.js';

/** Values without the missing ones: numbers, or bytes. */
export interface Values {
  readonly length: number;
  at(i: number): number | Uint8Array;
}

const wrap = <T extends number | Uint8Array>(list: ArrayLike<T>): Values => ({
  length: list.length,
  at: (i) => list[i] as T,
});

const short = () => new Error('a page of it ends before its last value');

/** Values as they are. A boolean is 0 or 1, integers of 64 bits are the nearest number. */
export function plainValues(
  bytes: Uint8Array,
  type: string,
  count: number,
  fixedLength: number | undefined,
): Values {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fixed = (size: number, read: (at: number) => number): Values => {
    if (count * size !== bytes.length) throw short();
    return wrap(Float64Array.from({ length: count }, (_, i) => read(i * size)));
  };
  switch (type) {
    case 'BOOLEAN':
      if (Math.ceil(count / 8) !== bytes.length) throw short();
      return { length: count, at: (i) => ((bytes[i >> 3] as number) >> (i & 7)) & 1 };
    case 'INT32':
      return fixed(4, (at) => view.getInt32(at, true));
    case 'INT64':
      return fixed(8, (at) => Number(view.getBigInt64(at, true)));
    case 'FLOAT':
      return fixed(4, (at) => view.getFloat32(at, true));
    case 'DOUBLE':
      return fixed(8, (at) => view.getFloat64(at, true));
    case 'BYTE_ARRAY': {
      if (count * 4 > bytes.length) throw short();
      const list = new Array<Uint8Array>(count);
      let at = 0;
      for (let i = 0; i < count; i++) {
        if (at + 4 > bytes.length) throw short();
        const length = view.getUint32(at, true);
        if (at + 4 + length > bytes.length) throw short();
        list[i] = bytes.subarray(at + 4, at + 4 + length);
        at += 4 + length;
      }
      if (at !== bytes.length)
        throw new Error(`a page of it has ${bytes.length - at} bytes behind its last value`);
      return wrap(list);
    }
    case 'FIXED_LEN_BYTE_ARRAY': {
      const size = fixedLength ?? 0;
      if (size <= 0 || count * size !== bytes.length) throw short();
      return wrap(Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size)));
    }
    default:
      throw new Error(`its values of type ${type} cannot be read`);
  }
}

/** Values by their numbers in a dictionary. */
export function dictionaryValues(bytes: Uint8Array, count: number, dictionary: Values | undefined): Values {
  if (!dictionary) throw new Error('a page of it lacks its dictionary');
  const indices = new Uint32Array(count);
  if (count > 0) readRuns(bytes.subarray(1), bytes[0] ?? 0, indices);
  for (const index of indices)
    if (index >= dictionary.length) throw new Error('a page of it names a value that its dictionary lacks');
  return { length: count, at: (i) => dictionary.at(indices[i] as number) };
}

/** Booleans as runs, behind their length. */
export function runValues(bytes: Uint8Array, type: string, count: number): Values {
  if (type !== 'BOOLEAN') throw new Error('runs of values that are no booleans cannot be read');
  const out = new Uint8Array(count);
  readRuns(bytes.subarray(4), 1, out);
  return wrap(out);
}

/** Differences of integers, lengths as such differences with the bytes behind them, or shared beginnings too. */
export function deltaValues(bytes: Uint8Array, type: string, encoding: string, count: number): Values {
  if (encoding === 'DELTA_BINARY_PACKED') {
    if (type !== 'INT32' && type !== 'INT64') throw new Error(`differences of type ${type} cannot be read`);
    return wrap(readDeltas(bytes, 0, count, type === 'INT32' ? 32 : 64).values);
  }
  if (type !== 'BYTE_ARRAY') throw new Error(`its encoding ${encoding} of type ${type} cannot be read`);
  const shared = encoding === 'DELTA_BYTE_ARRAY' ? readDeltas(bytes, 0, count, 32) : undefined;
  const { values: lengths, end: start } = readDeltas(bytes, shared?.end ?? 0, count, 32);
  const list: Uint8Array[] = [];
  let at = start;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const length = lengths[i] as number;
    if (length < 0 || at + length > bytes.length) throw short();
    const end = bytes.subarray(at, at + length);
    at += length;
    const head = shared?.values[i] ?? 0;
    const before = list[i - 1];
    if (head < 0 || (head > 0 && !(before && before.length >= head)))
      throw new Error('a value of it is damaged');
    total += head;
    // Text that shares its beginning; images do not.
    if (total > MOST_SHARED) throw new Error('its values share more than can be honest');
    list.push(head > 0 && before ? joined(before.subarray(0, head), end) : end);
  }
  return wrap(list);
}

const MOST_SHARED = 256 << 20;

function joined(head: Uint8Array, end: Uint8Array): Uint8Array {
  const all = new Uint8Array(head.length + end.length);
  all.set(head);
  all.set(end, head.length);
  return all;
}
