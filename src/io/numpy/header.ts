/** The header of a NumPy file: kind, order and shape of its array. Nothing in it is evaluated. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

export interface NpyArray {
  readonly path: string;
  /** What identifies the bytes of the file, if it was downloaded or unpacked. */
  readonly version?: string;
  /** Where the first element stands. */
  readonly offset: number;
  /** As written: `|u1`, `<i8`, `<U3`. */
  readonly descr: string;
  readonly shape: readonly number[];
}

/** A longer header is none. */
const MOST_HEADER = 1 << 16;
const MAGIC = '\x93NUMPY';

/**
 * @param start where the file begins, `end` where it ends, in a file that holds it as it is
 * @throws Error with a reason that fits behind the file's name; errors of the system
 */
export function readNpy(path: string, start = 0, end?: number): NpyArray {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stop = end ?? fstatSync(fd).size;
    const head = readAt(fd, start, Math.min(stop - start, 12));
    if (head.length < 10 || head.toString('latin1', 0, 6) !== MAGIC)
      throw new Error('it is no NumPy file; save the array with numpy.save');
    const [major, minor] = [head[6] as number, head[7] as number];
    if (major < 1 || major > 3 || minor !== 0 || (major > 1 && head.length < 12))
      throw new Error(`its header has version ${major}.${minor}, not 1.0, 2.0 or 3.0; save it again`);
    const [length, from] = major === 1 ? [head.readUInt16LE(8), 10] : [head.readUInt32LE(8), 12];
    if (length > MOST_HEADER || start + from + length > stop) throw damaged();
    const text = readAt(fd, start + from, length).toString(major === 3 ? 'utf8' : 'latin1');
    const { descr, fortran, shape } = dictionary(text);
    if (fortran && shape.length > 1)
      throw new Error('its array has the order of Fortran; save numpy.ascontiguousarray of it');
    const offset = start + from + length;
    const size = sizeOf(descr);
    const count = shape.reduce((product, side) => product * side, 1);
    if (offset + count * size !== stop) {
      const rest = stop - offset;
      throw new Error(
        `its array of ${count * size} bytes does not fit the ${rest} behind its header; save it again`,
      );
    }
    return { path, offset, descr, shape };
  } finally {
    closeSync(fd);
  }
}

const damaged = () => new Error('its header is damaged; save it again');

/** Exactly the three fields, in any order, as Python writes them. */
function dictionary(text: string): { descr: string; fortran: boolean; shape: number[] } {
  const plain = text.replace(/\s+/g, ' ').trim();
  const whole =
    /^\{((?: ?'(?:descr|fortran_order|shape)' ?: ?(?:'[^'\\]*'|True|False|\([0-9, ]*\)) ?,?){3}) ?\}$/;
  const body = whole.exec(plain)?.[1];
  if (body === undefined) {
    if (/'descr' ?: ?\[/.test(plain))
      throw new Error('its elements have fields; save an array of one kind of numbers');
    throw damaged();
  }
  const field = (name: string, value: string) => new RegExp(`'${name}' ?: ?${value}`).exec(body)?.[1];
  const descr = field('descr', "'([^'\\\\]*)'");
  const fortran = field('fortran_order', '(True|False)');
  const sides = field('shape', '\\(([0-9, ]*)\\)');
  if (descr === undefined || fortran === undefined || sides === undefined) throw damaged();
  const shape = sides
    .split(',')
    .map((side) => side.trim())
    .filter((side) => side !== '')
    .map(Number);
  if (shape.some((side) => !Number.isSafeInteger(side)) || shape.length > 32) throw damaged();
  return { descr, fortran: fortran === 'True', shape };
}

/** Bytes of an element. */
function sizeOf(descr: string): number {
  const found = /^[<>|=]?([a-zA-Z])(\d*)$/.exec(descr);
  const [, kind = '', digits = ''] = found ?? [];
  if (kind === 'O')
    throw new Error('its elements are Python objects, which are never read; save an array of numbers');
  if (!found || digits === '' || digits.length > 9 || !/[biufUS]/.test(kind))
    throw new Error(`its elements are of kind '${descr}'; save an array of numbers`);
  return Number(digits) * (kind === 'U' ? 4 : 1);
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, length));
  let done = 0;
  while (done < bytes.length) {
    const n = readSync(fd, bytes, done, bytes.length - done, offset + done);
    if (n === 0) break;
    done += n;
  }
  return bytes.subarray(0, done);
}
