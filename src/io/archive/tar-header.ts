/** Parses one header block of a tar archive: ustar, old GNU, star and version 7. */
import { isUtf8 } from 'node:buffer';

export const BLOCK = 512;

export interface TarHeader {
  readonly name: string;
  /** '0' a file, '5' a folder, 'x' a record about the next entry, … */
  readonly type: string;
  /** As stated; NaN where it is not a number. */
  readonly size: number;
  /** Whether a sparse file's map continues in the next block. */
  readonly extended: boolean;
}

/** Undefined where the checksum does not hold. */
export function readHeader(block: Buffer): TarHeader | undefined {
  if (!checksumHolds(block)) return undefined;
  return {
    name: nameIn(block),
    type: String.fromCharCode(block[156] as number),
    size: number(block, 124, 12),
    extended: block[isStar(block) ? 355 : 482] !== 0,
  };
}

export function isZero(block: Buffer): boolean {
  return block[0] === 0 && block.every((byte) => byte === 0);
}

/** Up to the first zero byte. */
export function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return decoded(end === -1 ? bytes : bytes.subarray(0, end));
}

/** UTF-8, or else one character per byte: two names never become one. */
export function decoded(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

function nameIn(block: Buffer): string {
  const name = textOf(block.subarray(0, 100));
  const ustar = block.toString('latin1', 257, 263) === 'ustar\0';
  // star keeps two times where ustar has the end of its prefix.
  const prefix = ustar && block[345] !== 0 ? textOf(block.subarray(345, isStar(block) ? 476 : 500)) : '';
  return prefix ? `${prefix}/${name}` : name;
}

const isStar = (block: Buffer) =>
  block.toString('latin1', 257, 262) === 'ustar' && block.toString('latin1', 508, 512) === 'tar\0';

/** Octal digits, or base 256 where the first byte is 128; negative numbers are none. */
function number(block: Buffer, at: number, length: number): number {
  let value = 0;
  if ((block[at] as number) & 0x80) {
    if (block[at] !== 0x80) return Number.NaN;
    for (let i = at + 1; i < at + length; i++) value = value * 256 + (block[i] as number);
    return value;
  }
  // Some writers let the field before it run over by a zero byte.
  let i = block[at] === 0 ? at + 1 : at;
  while (i < at + length && block[i] === 0x20) i++;
  for (; i < at + length; i++) {
    const digit = (block[i] as number) - 48;
    if (digit < 0 || digit > 7) return block[i] === 0 || block[i] === 0x20 ? value : Number.NaN;
    value = value * 8 + digit;
  }
  return value;
}

/** The sum of the header's bytes, its own field taken as spaces; some writers summed signed bytes. */
function checksumHolds(block: Buffer): boolean {
  let sum = 8 * 32;
  let signed = sum;
  for (let i = 0; i < BLOCK; i++) {
    if (i === 148) i = 156;
    const byte = block[i] as number;
    sum += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const stated = number(block, 148, 8);
  return stated === sum || stated === signed;
}
