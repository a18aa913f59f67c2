// The median of a square of values, sixteen bytes at a time. ../neighbors.ts is the plain twin.

/** The address of the k-th of some rows. */
@inline
function row(rows: usize, k: i32): usize {
  return <usize>load<i32>(rows + (<usize>k << 2));
}

/** Three by three: columns sorted, then the median of the greatest low, the middle middle and the least high. */
function three(rows: usize, bytes: i32, dst: usize): void {
  const a = row(rows, 0);
  const b = row(rows, 1);
  const c = row(rows, 2);
  for (let i = 0; i < bytes; i += 16) {
    let lows = i8x16.splat(0);
    let highs = i8x16.splat(-1);
    let most = i8x16.splat(0);
    let middle = i8x16.splat(0);
    for (let x = 0; x < 9; x += 3) {
      const p = v128.load(a + <usize>(i + x));
      const q = v128.load(b + <usize>(i + x));
      const r = v128.load(c + <usize>(i + x));
      const low = i8x16.min_u(p, q);
      const high = i8x16.max_u(p, q);
      const mid = i8x16.max_u(low, i8x16.min_u(high, r));
      lows = i8x16.max_u(lows, i8x16.min_u(low, r));
      highs = i8x16.min_u(highs, i8x16.max_u(high, r));
      middle = i8x16.max_u(middle, i8x16.min_u(most, mid));
      most = i8x16.max_u(most, mid);
    }
    const low = i8x16.min_u(lows, middle);
    const high = i8x16.max_u(lows, middle);
    v128.store(dst + <usize>i, i8x16.max_u(low, i8x16.min_u(high, highs)));
  }
}

/**
 * `rows` [size] i32 addresses of the leftmost neighbors; writes `bytes` rounded up to 16. Beyond three by three
 * the median is found bit by bit: a bit is set if more than half of the values reach as far.
 */
export function medianRow(rows: usize, size: i32, bytes: i32, dst: usize): void {
  if (size == 3) {
    three(rows, bytes, dst);
    return;
  }
  const half = i8x16.splat(<i8>((size * size) >> 1));
  const width = 3 * size;
  for (let i = 0; i < bytes; i += 16) {
    let found = i8x16.splat(0);
    for (let bit = 128; bit > 0; bit >>= 1) {
      const limit = v128.or(found, i8x16.splat(<i8>bit));
      let count = i8x16.splat(0);
      for (let k = 0; k < size; k++) {
        const p = row(rows, k) + <usize>i;
        for (let x = 0; x < width; x += 3) count = i8x16.sub(count, i8x16.ge_u(v128.load(p + <usize>x), limit));
      }
      found = v128.or(found, v128.and(i8x16.gt_u(count, half), i8x16.splat(<i8>bit)));
    }
    v128.store(dst + <usize>i, found);
  }
}
