// Geometries that move whole pixels.

/**
 * One row of W pixels by table: `along` [W] i32 byte offsets into src, −1 for the fill (0x00BBGGRR).
 * dst may be overrun by one byte.
 */
export function copyRow(src: usize, along: usize, width: i32, dst: usize, fill: u32): void {
  for (let x = 0; x < width; x++) {
    const at = load<i32>(along);
    store<u32>(dst, at < 0 ? fill : load<u32>(src + <usize>at));
    along += 4;
    dst += 3;
  }
}

/** W pixels that lie side by side. */
export function copySpan(src: usize, bytes: i32, dst: usize): void {
  memory.copy(dst, src, <usize>bytes);
}

/** W pixels that lie side by side, in reverse: src points at the last of them. */
export function copyReversed(src: usize, width: i32, dst: usize): void {
  let x = 0;
  // Five pixels at a time: 15 of 16 bytes, the last is overwritten by what follows.
  for (; x + 6 <= width; x += 5) {
    const v = v128.load(src - 12);
    v128.store(dst, i8x16.shuffle(v, v, 12, 13, 14, 9, 10, 11, 6, 7, 8, 3, 4, 5, 0, 1, 2, 0));
    src -= 15;
    dst += 15;
  }
  for (; x < width; x++) {
    store<u32>(dst, load<u32>(src));
    src -= 3;
    dst += 3;
  }
}

/** One row of W pixels in one color (0x00BBGGRR). dst may be overrun by one byte. */
export function fillRow(width: i32, dst: usize, fill: u32): void {
  for (let x = 0; x < width; x++) {
    store<u32>(dst, fill);
    dst += 3;
  }
}
