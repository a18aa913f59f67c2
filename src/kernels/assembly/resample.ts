// Axis-aligned resampling in two halves, 14-bit weights in pairs: dot products of 16-bit lanes.
// The JavaScript side makes the tables; see ../separable.ts for what they mean.

const HALF: i32 = 1 << 13;

/** Pixels 0 and 1 of 8 bytes as pairs of 16-bit lanes: r0 r1 g0 g1 b0 b1 0 0. A lane of −128 gives zero. */
@inline
function pairs01(v: v128): v128 {
  return i8x16.swizzle(v, i8x16(0, -128, 3, -128, 1, -128, 4, -128, 2, -128, 5, -128, -128, -128, -128, -128));
}

/** Pixels 2 and 3 of 12 bytes, likewise. */
@inline
function pairs23(v: v128): v128 {
  return i8x16.swizzle(v, i8x16(6, -128, 9, -128, 7, -128, 10, -128, 8, -128, 11, -128, -128, -128, -128, -128));
}

/** The first three lanes after a shift, clipped to bytes. */
@inline
function packed(acc: v128): u32 {
  const words = i16x8.narrow_i32x4_s(i32x4.shr_s(acc, 14), acc);
  return <u32>i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0);
}

/**
 * One source row along x: `first` [W] i32 byte offsets, `weights` [W, taps] i16, taps 2 or a multiple of 4.
 * Reads up to 16 bytes from each offset on; dst may be overrun by one byte.
 */
export function horizontal(src: usize, first: usize, weights: usize, taps: i32, width: i32, dst: usize): void {
  const half = i32x4.splat(HALF);
  const end = dst + <usize>(3 * width);
  if (taps == 2) {
    for (; dst < end; dst += 3) {
      const v = v128.load64_zero(src + <usize>load<i32>(first));
      store<u32>(dst, packed(i32x4.add(half, i32x4.dot_i16x8_s(pairs01(v), v128.load32_splat(weights)))));
      first += 4;
      weights += 4;
    }
    return;
  }
  if (taps == 4) {
    for (; dst < end; dst += 3) {
      const v = v128.load(src + <usize>load<i32>(first));
      const a = i32x4.dot_i16x8_s(pairs01(v), v128.load32_splat(weights));
      const b = i32x4.dot_i16x8_s(pairs23(v), v128.load32_splat(weights, 4));
      store<u32>(dst, packed(i32x4.add(i32x4.add(half, a), b)));
      first += 4;
      weights += 8;
    }
    return;
  }
  for (; dst < end; dst += 3) {
    let p = src + <usize>load<i32>(first);
    let acc = half;
    for (let t = 0; t < taps; t += 4) {
      const v = v128.load(p);
      const a = i32x4.dot_i16x8_s(pairs01(v), v128.load32_splat(weights));
      const b = i32x4.dot_i16x8_s(pairs23(v), v128.load32_splat(weights, 4));
      acc = i32x4.add(i32x4.add(acc, a), b);
      p += 12;
      weights += 8;
    }
    store<u32>(dst, packed(acc));
    first += 4;
  }
}

/** Weighs rows: `rows` [taps] i32 addresses, `weights` [taps] i16, taps even; writes `bytes` rounded up to 16. */
export function vertical(rows: usize, weights: usize, taps: i32, bytes: i32, dst: usize): void {
  const half = i32x4.splat(HALF);
  for (let i = 0; i < bytes; i += 16) {
    let a = half;
    let b = half;
    let c = half;
    let d = half;
    for (let t = 0; t < taps; t += 2) {
      const u = v128.load(<usize>load<i32>(rows + ((<usize>t) << 2)) + <usize>i);
      const v = v128.load(<usize>load<i32>(rows + ((<usize>t) << 2), 4) + <usize>i);
      const w = v128.load32_splat(weights + ((<usize>t) << 1));
      const lo = i8x16.shuffle(u, v, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const hi = i8x16.shuffle(u, v, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(lo), w));
      b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(lo), w));
      c = i32x4.add(c, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(hi), w));
      d = i32x4.add(d, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(hi), w));
    }
    const ab = i16x8.narrow_i32x4_s(i32x4.shr_s(a, 14), i32x4.shr_s(b, 14));
    const cd = i16x8.narrow_i32x4_s(i32x4.shr_s(c, 14), i32x4.shr_s(d, 14));
    v128.store(dst + <usize>i, i8x16.narrow_i16x8_u(ab, cd));
  }
}
