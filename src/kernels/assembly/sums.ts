// Exact sums over uint8 RGB. Nothing is written but the sums.

/** Sixteen values as four sums. */
@inline
function four(v: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(v));
}

/** The squares of sixteen values as four sums. */
@inline
function fourSquares(v: v128): v128 {
  return i32x4.add(
    i32x4.extadd_pairwise_i16x8_u(i16x8.extmul_low_i8x16_u(v, v)),
    i32x4.extadd_pairwise_i16x8_u(i16x8.extmul_high_i8x16_u(v, v)),
  );
}

@inline
function total(v: v128): u64 {
  return (
    <u64><u32>i32x4.extract_lane(v, 0) +
    <u64><u32>i32x4.extract_lane(v, 1) +
    <u64><u32>i32x4.extract_lane(v, 2) +
    <u64><u32>i32x4.extract_lane(v, 3)
  );
}

/**
 * Adds the values of each channel, then their squares, to six u64 at `sums`. At most 65,536 pixels: each of the four
 * partial sums takes four squares of every sixteen pixels, and has 32 bits.
 */
export function sumChannels(data: usize, pixels: i32, sums: usize): void {
  let r = i32x4.splat(0);
  let g = r;
  let b = r;
  let rr = r;
  let gg = r;
  let bb = r;
  let p = data;
  for (const end = data + <usize>(3 * (pixels & ~15)); p < end; p += 48) {
    const v = v128.load(p);
    const w = v128.load(p, 16);
    const x = v128.load(p, 32);
    const reds = i8x16.shuffle(
      i8x16.shuffle(v, w, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0), x,
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29,
    );
    const greens = i8x16.shuffle(
      i8x16.shuffle(v, w, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0), x,
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30,
    );
    const blues = i8x16.shuffle(
      i8x16.shuffle(v, w, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0), x,
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31,
    );
    r = i32x4.add(r, four(reds));
    g = i32x4.add(g, four(greens));
    b = i32x4.add(b, four(blues));
    rr = i32x4.add(rr, fourSquares(reds));
    gg = i32x4.add(gg, fourSquares(greens));
    bb = i32x4.add(bb, fourSquares(blues));
  }
  add(sums, total(r));
  add(sums + 8, total(g));
  add(sums + 16, total(b));
  add(sums + 24, total(rr));
  add(sums + 32, total(gg));
  add(sums + 40, total(bb));
  for (const last = data + <usize>(3 * pixels); p < last; p += 3) {
    for (let c: usize = 0; c < 3; c++) {
      const value = <u64>load<u8>(p + c);
      add(sums + (c << 3), value);
      add(sums + 24 + (c << 3), value * value);
    }
  }
}

@inline
function add(at: usize, value: u64): void {
  store<u64>(at, load<u64>(at) + value);
}
