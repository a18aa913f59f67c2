/** Definition and repetition levels, and indices into a dictionary: runs and bit-packed groups of small numbers. */

/** Bits of the largest value. */
export const widthOf = (largest: number): number => 32 - Math.clz32(largest);

/**
 * Fills `out` from runs in `bytes`; a run of more values than are left is cut. Throws an Error with a clause where the
 * bytes end too early.
 */
export function readRuns(bytes: Uint8Array, width: number, out: Uint8Array | Uint32Array): void {
  if (width > 32) throw new Error(`its numbers have ${width} bits`);
  let at = 0;
  let filled = 0;
  const byte = (): number => {
    if (at >= bytes.length) throw new Error('its levels or indices end too early');
    return bytes[at++] as number;
  };
  while (filled < out.length) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const next = byte();
      header += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) break;
      if (shift > 28) throw new Error('a run of its levels or indices is damaged');
    }
    const left = out.length - filled;
    if (header % 2 === 0) {
      let value = 0;
      for (let i = 0; i < (width + 7) >> 3; i++) value += byte() * 2 ** (8 * i);
      const count = Math.min(left, header / 2);
      out.fill(value, filled, filled + count);
      filled += count;
    } else {
      const count = Math.min(left, ((header - 1) / 2) * 8);
      if (width === 0) out.fill(0, filled, filled + count);
      // The last group may lack the bytes of values that are none.
      else if (at + Math.ceil((count * width) / 8) > bytes.length)
        throw new Error('its levels or indices end too early');
      else unpackBits(bytes, at, width, out, filled, count);
      filled += count;
      at += ((header - 1) / 2) * width;
    }
  }
}

function unpackBits(
  bytes: Uint8Array,
  start: number,
  width: number,
  out: Uint8Array | Uint32Array,
  from: number,
  count: number,
): void {
  let at = start;
  let bits = 0; // how many are held
  let held = 0; // below 2^40, so exact
  const modulus = 2 ** width;
  for (let i = 0; i < count; i++) {
    while (bits < width) {
      held += (bytes[at++] as number) * 2 ** bits;
      bits += 8;
    }
    out[from + i] = held % modulus;
    held = Math.floor(held / modulus);
    bits -= width;
  }
}
