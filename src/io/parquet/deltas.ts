/** Integers as differences in bit-packed blocks (DELTA_BINARY_PACKED). */

/** Values of a block; writers use 128. */
const LARGEST_BLOCK = 1 << 20;

/**
 * Reads `count` integers of 32 or 64 bits from `bytes`, beginning at `start`; those of 64 bits are the nearest number.
 * Throws an Error with a clause for damaged bytes.
 */
export function readDeltas(
  bytes: Uint8Array,
  start: number,
  count: number,
  bits: 32 | 64,
): { readonly values: Float64Array; readonly end: number } {
  let at = start;
  const byteAt = (i: number): number => {
    const byte = bytes[i];
    if (byte === undefined) throw new Error('its differences end too early');
    return byte;
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = byteAt(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('a number of its differences has too many bytes');
  };
  const signed = (): bigint => {
    const value = varint();
    return (value >> 1n) ^ -(value & 1n);
  };
  const [block, parts, total] = [Number(varint()), Number(varint()), Number(varint())];
  const each = block / parts;
  if (block > LARGEST_BLOCK || parts < 1 || parts > block || each % 8 !== 0 || total !== count)
    throw new Error('a block of its differences is damaged');
  const values = new Float64Array(count);
  let value = signed();
  let done = 0;
  const push = (next: bigint): void => {
    value = BigInt.asIntN(bits, next);
    values[done++] = Number(value);
  };
  if (count > 0) push(value);
  while (done < count) {
    const least = signed();
    const widths = bytes.subarray(at, at + parts);
    at += parts;
    for (let part = 0; part < parts && done < count; part++) {
      const width = widths[part] ?? 65;
      if (width > 64) throw new Error('a block of its differences is damaged');
      for (let i = 0; i < each && done < count; i++)
        push(value + least + readBits(byteAt, 8 * at + i * width, width));
      at += (each * width) / 8;
    }
  }
  return { values, end: at };
}

function readBits(byteAt: (i: number) => number, from: number, width: number): bigint {
  let value = 0n;
  for (let k = 0; k < width; ) {
    const bit = from + k;
    const take = Math.min(8 - (bit % 8), width - k);
    const part = (byteAt(Math.floor(bit / 8)) >> (bit % 8)) & ((1 << take) - 1);
    value |= BigInt(part) << BigInt(k);
    k += take;
  }
  return value;
}
