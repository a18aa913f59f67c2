// Axis-aligned resampling in two halves, 14-bit weights in pairs: dot products of 16-bit lanes.
// The JavaScript side makes the tables; see ../separable.ts for what they mean.
import { pair } from './lanes';

// Sums have 14 fractional bits. They are rounded at the end: ((sum >> 13) + 1) >> 1 = (sum + 2¹³) >> 14, of 8 values
// at a time, with what lies below 0 clipped before it could turn into a large number.

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

/** Two vectors of sums as eight whole numbers from 0 on. */
@inline
function rounded(a: v128, b: v128): v128 {
  return i16x8.avgr_u(i16x8.narrow_i32x4_u(i32x4.shr_s(a, 13), i32x4.shr_s(b, 13)), i16x8.splat(0));
}

/** The first three lanes of a sum as bytes. */
@inline
function packed(sum: v128): u32 {
  const words = rounded(sum, sum);
  return <u32>i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0);
}

/** The first three lanes of four such sums as twelve bytes. */
@inline
function packed4(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.swizzle(shifted(a, b, c, d), i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -128, -128, -128, -128));
}

/** One output of two taps, before the shift. */
@inline
function two(p: usize, weights: usize): v128 {
  return i32x4.dot_i16x8_s(pairs01(v128.load64_zero(p)), v128.load32_splat(weights));
}

/** One output of four taps, or a part of one of more. */
@inline
function four(p: usize, weights: usize): v128 {
  const v = v128.load(p);
  const a = i32x4.dot_i16x8_s(pairs01(v), v128.load32_splat(weights));
  return i32x4.add(a, i32x4.dot_i16x8_s(pairs23(v), v128.load32_splat(weights, 4)));
}

/** One output of any number of taps. */
@inline
function one(p: usize, weights: usize, taps: i32): v128 {
  if (taps == 2) return two(p, weights);
  let acc = i32x4.splat(0);
  for (let t = 0; t < taps; t += 4) {
    acc = i32x4.add(acc, four(p, weights));
    p += 12;
    weights += 8;
  }
  return acc;
}

/** Outputs by fours, one store for each four: of two taps, of four, of more. Returns where they end. */
function fours2(src: usize, first: usize, weights: usize, dst: usize, end: usize): usize {
  if (dst < end) do {
    const a = two(src + <usize>load<i32>(first), weights);
    const b = two(src + <usize>load<i32>(first, 4), weights + 4);
    const c = two(src + <usize>load<i32>(first, 8), weights + 8);
    const d = two(src + <usize>load<i32>(first, 12), weights + 12);
    v128.store(dst, packed4(a, b, c, d));
    first += 16;
    weights += 16;
    dst += 12;
  } while (dst < end);
  return dst;
}

function fours4(src: usize, first: usize, weights: usize, dst: usize, end: usize): usize {
  if (dst < end) do {
    const a = four(src + <usize>load<i32>(first), weights);
    const b = four(src + <usize>load<i32>(first, 4), weights + 8);
    const c = four(src + <usize>load<i32>(first, 8), weights + 16);
    const d = four(src + <usize>load<i32>(first, 12), weights + 24);
    v128.store(dst, packed4(a, b, c, d));
    first += 16;
    weights += 32;
    dst += 12;
  } while (dst < end);
  return dst;
}

function foursOfMore(src: usize, first: usize, weights: usize, taps: i32, dst: usize, end: usize): usize {
  const step = <usize>(2 * taps);
  if (dst < end) do {
    let p = src + <usize>load<i32>(first);
    let q = src + <usize>load<i32>(first, 4);
    let r = src + <usize>load<i32>(first, 8);
    let s = src + <usize>load<i32>(first, 12);
    let a = i32x4.splat(0);
    let b = i32x4.splat(0);
    let c = i32x4.splat(0);
    let d = i32x4.splat(0);
    // Four chains of sums beside each other.
    const stop = weights + step;
    do {
      a = i32x4.add(a, four(p, weights));
      b = i32x4.add(b, four(q, weights + step));
      c = i32x4.add(c, four(r, weights + 2 * step));
      d = i32x4.add(d, four(s, weights + 3 * step));
      p += 12;
      q += 12;
      r += 12;
      s += 12;
      weights += 8;
    } while (weights < stop);
    v128.store(dst, packed4(a, b, c, d));
    first += 16;
    weights += 3 * step;
    dst += 12;
  } while (dst < end);
  return dst;
}

/**
 * One source row along x: `first` [W] i32 byte offsets, `weights` [W, taps] i16, taps 2 or a multiple of 4.
 * Reads up to 16 bytes from each offset on; dst may be overrun by four bytes.
 */
function horizontal(src: usize, first: usize, weights: usize, taps: i32, width: i32, dst: usize): void {
  const end = dst + <usize>(3 * (width & ~3));
  if (taps == 2) dst = fours2(src, first, weights, dst, end);
  else if (taps == 4) dst = fours4(src, first, weights, dst, end);
  else dst = foursOfMore(src, first, weights, taps, dst, end);
  for (let x = width & ~3; x < width; x++, dst += 3) {
    const p = src + <usize>load<i32>(first + ((<usize>x) << 2));
    store<u32>(dst, packed(one(p, weights + <usize>(2 * taps * x), taps)));
  }
}

@inline
function shifted(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_u(rounded(a, b), rounded(c, d));
}

function vertical2(rows: usize, weights: usize, bytes: i32, dst: usize): void {
  const w = v128.load32_splat(weights);
  let p = <usize>load<i32>(rows);
  let q = <usize>load<i32>(rows, 4);
  const end = dst + <usize>bytes;
  do {
    const u = v128.load(p);
    const v = v128.load(q);
    v128.store(dst, shifted(pair(u, v, w, 0), pair(u, v, w, 1), pair(u, v, w, 2), pair(u, v, w, 3)));
    p += 16;
    q += 16;
    dst += 16;
  } while (dst < end);
}

function vertical4(rows: usize, weights: usize, bytes: i32, dst: usize): void {
  const w = v128.load32_splat(weights);
  const z = v128.load32_splat(weights, 4);
  let p = <usize>load<i32>(rows);
  let q = <usize>load<i32>(rows, 4);
  let r = <usize>load<i32>(rows, 8);
  let s = <usize>load<i32>(rows, 12);
  const end = dst + <usize>bytes;
  do {
    const u = v128.load(p);
    const v = v128.load(q);
    const x = v128.load(r);
    const y = v128.load(s);
    const a = i32x4.add(pair(u, v, w, 0), pair(x, y, z, 0));
    const b = i32x4.add(pair(u, v, w, 1), pair(x, y, z, 1));
    const c = i32x4.add(pair(u, v, w, 2), pair(x, y, z, 2));
    const d = i32x4.add(pair(u, v, w, 3), pair(x, y, z, 3));
    v128.store(dst, shifted(a, b, c, d));
    p += 16;
    q += 16;
    r += 16;
    s += 16;
    dst += 16;
  } while (dst < end);
}

/** Weighs rows: `rows` [taps] i32 addresses, `weights` [taps] i16, taps even; writes `bytes` rounded up to 16. */
export function vertical(rows: usize, weights: usize, taps: i32, bytes: i32, dst: usize): void {
  if (taps == 2) return vertical2(rows, weights, bytes, dst);
  if (taps == 4) return vertical4(rows, weights, bytes, dst);
  for (let i = 0; i < bytes; i += 16) {
    let a = i32x4.splat(0);
    let b = i32x4.splat(0);
    let c = i32x4.splat(0);
    let d = i32x4.splat(0);
    let t = 0;
    do {
      const u = v128.load(<usize>load<i32>(rows + ((<usize>t) << 2)) + <usize>i);
      const v = v128.load(<usize>load<i32>(rows + ((<usize>t) << 2), 4) + <usize>i);
      const w = v128.load32_splat(weights + ((<usize>t) << 1));
      a = i32x4.add(a, pair(u, v, w, 0));
      b = i32x4.add(b, pair(u, v, w, 1));
      c = i32x4.add(c, pair(u, v, w, 2));
      d = i32x4.add(d, pair(u, v, w, 3));
      t += 2;
    } while (t < taps);
    v128.store(dst + <usize>i, shifted(a, b, c, d));
  }
}

/**
 * Rows y0..y1-1 of an image (`src`, `stride` bytes a line, lines up to `last`) through a filter along x and one
 * along y. Lines are filtered along x when first needed and kept in `ring` ([rowTaps] lines of `pitch` bytes) while
 * the filter along y spans them; `held` [rowTaps] i32 says which line each slot holds, −1 for none. `rows` is memory
 * for rowTaps addresses. `firstRows` [H] i32, `rowWeights` [H, rowTaps] i16; the rest as in `horizontal`.
 */
export function resampleRows(
  src: usize, stride: i32, last: i32,
  first: usize, weights: usize, taps: i32, width: i32,
  firstRows: usize, rowWeights: usize, rowTaps: i32,
  ring: usize, pitch: i32, held: usize, rows: usize,
  y0: i32, y1: i32, dst: usize,
): void {
  for (let y = y0; y < y1; y++) {
    const top = load<i32>(firstRows + ((<usize>y) << 2));
    const weighs = rowWeights + <usize>(2 * rowTaps * y);
    let count = rowTaps; // without pairs of no weight at the end
    while (count > 2 && load<u32>(weighs + <usize>(2 * count - 4)) == 0) count -= 2;
    for (let t = 0; t < count; t++) {
      // A tap beyond the image has weight 0, so any row will do.
      const line = min(top + t, last);
      const slot = line % rowTaps;
      const at = ring + <usize>(slot * pitch);
      const holds = held + ((<usize>slot) << 2);
      if (load<i32>(holds) != line) {
        store<i32>(holds, line);
        horizontal(src + <usize>(stride * line), first, weights, taps, width, at);
      }
      store<i32>(rows + ((<usize>t) << 2), <i32>at);
    }
    vertical(rows, weighs, count, 3 * width, dst);
    dst += <usize>(3 * width);
  }
}
