// General affine sampling, one output row: four neighbors with 11-bit weights, or the nearest pixel.
// Coordinates are fixed-point with 32 fractional bits. The plain twin in ../sampler.ts computes
// the same integers in float64 and agrees to the bit.

import { pair } from './lanes';
import { all, begin, clip, end, paint } from './span';

const BITS: i32 = 11;
const ONE: i32 = 1 << BITS;
/** One pixel of a coordinate. */
const WHOLE: i64 = 4294967296;

/** borderIndex of ../geometry.ts: mode 0 constant (−1 outside), 1 edge, 2 reflect. */
@inline
function border(i: i32, low: i32, high: i32, mode: i32): i32 {
  if (i >= low && i < high) return i;
  if (mode == 0) return -1;
  if (mode == 1) return i < low ? low : high - 1;
  const n = high - low;
  if (n == 1) return low;
  const period = 2 * (n - 1);
  let k = (i - low) % period;
  if (k < 0) k += period;
  return low + (k < n ? k : period - k);
}

@inline
function pixel(src: usize, stride: i32, x: i32, y: i32, fill: u32): u32 {
  return x < 0 || y < 0 ? fill : load<u32>(src + <usize>(y * stride + 3 * x));
}

/** Output pixels i..end-1 one by one, wherever their source lies. */
function nearestAny(
  src: usize, stride: i32, u: i64, v: i64, du: i64, dv: i64,
  x0: i32, y0: i32, x1: i32, y1: i32, mode: i32, fill: u32, i: i32, end: i32, dst: usize,
): void {
  if (mode == 0) return paint(dst + <usize>(3 * i), end - i, fill);
  for (; i < end; i++) {
    const x = border(<i32>((u + du * <i64>i) >> 32), x0, x1, mode);
    const y = border(<i32>((v + dv * <i64>i) >> 32), y0, y1, mode);
    store<u32>(dst + <usize>(3 * i), pixel(src, stride, x, y, fill));
  }
}

/** Output pixels i..end-1, whose source is inside. */
function nearestInside(src: usize, stride: i32, u: i64, v: i64, du: i64, dv: i64, i: i32, end: i32, dst: usize): void {
  u += du * <i64>i;
  v += dv * <i64>i;
  let q = dst + <usize>(3 * i);
  if (du == WHOLE && dv == 0) {
    memory.copy(q, src + <usize>(<i32>(v >> 32) * stride + 3 * <i32>(u >> 32)), <usize>(3 * (end - i)));
    return;
  }
  for (const stop = dst + <usize>(3 * end); q < stop; q += 3) {
    store<u32>(q, load<u32>(src + <usize>(<i32>(v >> 32) * stride + 3 * <i32>(u >> 32))));
    u += du;
    v += dv;
  }
}

/** u0, v0: source coordinates of the first output pixel times 2³²; du0, dv0: what one pixel adds. Whole numbers. */
export function nearestRow(
  src: usize, stride: i32, u0: f64, v0: f64, du0: f64, dv0: f64,
  x0: i32, y0: i32, x1: i32, y1: i32, mode: i32, fill: u32, width: i32, dst: usize,
): void {
  const u = <i64>u0;
  const v = <i64>v0;
  const du = <i64>du0;
  const dv = <i64>dv0;
  all(width);
  clip(u, du, (<i64>x0) << 32, (<i64>x1) << 32);
  clip(v, dv, (<i64>y0) << 32, (<i64>y1) << 32);
  const from = begin;
  const to = end;
  nearestAny(src, stride, u, v, du, dv, x0, y0, x1, y1, mode, fill, 0, from, dst);
  nearestInside(src, stride, u, v, du, dv, from, to, dst);
  nearestAny(src, stride, u, v, du, dv, x0, y0, x1, y1, mode, fill, to, width, dst);
}

/** Pixels 0 and 1 of 8 bytes as pairs of 16-bit lanes: r0 r1 g0 g1 b0 b1 0 0. */
@inline
function pairs(v: v128): v128 {
  return i8x16.swizzle(v, i8x16(0, -128, 3, -128, 1, -128, 4, -128, 2, -128, 5, -128, -128, -128, -128, -128));
}

/** One pixel of sums with 22 fractional bits: upper·(1 − wy) + lower·wy, as upper + (lower − upper)·wy. */
@inline
function mixed(upper: v128, lower: v128, across: v128, down: v128, half: v128): v128 {
  const top = i32x4.dot_i16x8_s(pairs(upper), across);
  const change = i32x4.sub(i32x4.dot_i16x8_s(pairs(lower), across), top);
  return i32x4.shr_u(i32x4.add(i32x4.add(i32x4.shl(top, BITS), half), i32x4.mul(change, down)), 2 * BITS);
}

/** Output pixels i..end-1 one by one, wherever their source lies. */
function bilinearAny(
  src: usize, stride: i32, u: i64, v: i64, du: i64, dv: i64,
  x0: i32, y0: i32, x1: i32, y1: i32, mode: i32, fill: u32, i: i32, end: i32, dst: usize,
): void {
  const half = i32x4.splat(1 << (2 * BITS - 1));
  u += du * <i64>i;
  v += dv * <i64>i;
  dst += <usize>(3 * i);
  for (; i < end; i++, dst += 3) {
    const left = <i32>(u >> 32);
    const top = <i32>(v >> 32);
    const wx = <i32>(<u32>u >> (32 - BITS));
    const wy = <i32>(<u32>v >> (32 - BITS));
    const l = border(left, x0, x1, mode);
    const r = border(left + 1, x0, x1, mode);
    const o = border(top, y0, y1, mode);
    const n = border(top + 1, y0, y1, mode);
    const upper = i64x2.splat(sixBytes(pixel(src, stride, l, o, fill), pixel(src, stride, r, o, fill)));
    const lower = i64x2.splat(sixBytes(pixel(src, stride, l, n, fill), pixel(src, stride, r, n, fill)));
    const sum = mixed(upper, lower, i32x4.splat((wx << 16) | (ONE - wx)), i32x4.splat(wy), half);
    const words = i16x8.narrow_i32x4_s(sum, sum);
    store<u32>(dst, <u32>i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0));
    u += du;
    v += dv;
  }
}

/** The pixel at u, v and its right neighbor. */
@inline
function at(src: usize, stride: i32, u: i64, v: i64): usize {
  return src + <usize>(<i32>(v >> 32) * stride + 3 * <i32>(u >> 32));
}

/** Pixels side by side, each weighed with its right neighbor alike; up to 15 bytes more are written behind the end. */
function slide(p: usize, bytes: i32, wx: i32, dst: usize): void {
  const weights = i32x4.splat((wx << 16) | (ONE - wx));
  const half = i32x4.splat(ONE >> 1);
  for (const end = dst + <usize>bytes; dst < end; dst += 16, p += 16) {
    const v = v128.load(p);
    const w = v128.load(p, 3);
    const a = i32x4.shr_u(i32x4.add(pair(v, w, weights, 0), half), BITS);
    const b = i32x4.shr_u(i32x4.add(pair(v, w, weights, 1), half), BITS);
    const c = i32x4.shr_u(i32x4.add(pair(v, w, weights, 2), half), BITS);
    const d = i32x4.shr_u(i32x4.add(pair(v, w, weights, 3), half), BITS);
    v128.store(dst, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
  }
}

/** Output pixels i..end-1, whose four neighbors are inside: by fours. */
function bilinearInside(src: usize, stride: i32, u: i64, v: i64, du: i64, dv: i64, i: i32, end: i32, dst: usize): void {
  const half = i32x4.splat(1 << (2 * BITS - 1));
  const one = i32x4.splat(ONE);
  u += du * <i64>i;
  v += dv * <i64>i;
  dst += <usize>(3 * i);
  if (du == WHOLE && dv == 0 && <u32>v >> (32 - BITS) == 0) {
    return slide(at(src, stride, u, v), 3 * (end - i), <i32>(<u32>u >> (32 - BITS)), dst);
  }
  // Fractions of four neighboring pixels, of 32 bits, in step with u and v.
  let us = i32x4(<i32>u, <i32>(u + du), <i32>(u + 2 * du), <i32>(u + 3 * du));
  let vs = i32x4(<i32>v, <i32>(v + dv), <i32>(v + 2 * dv), <i32>(v + 3 * dv));
  const dus = i32x4.splat(<i32>(4 * du));
  const dvs = i32x4.splat(<i32>(4 * dv));
  for (; i + 4 <= end; i += 4, dst += 12) {
    const wx = i32x4.shr_u(us, 32 - BITS);
    const across = v128.or(i32x4.shl(wx, 16), i32x4.sub(one, wx));
    const down = i32x4.shr_u(vs, 32 - BITS);
    us = i32x4.add(us, dus);
    vs = i32x4.add(vs, dvs);
    const p = at(src, stride, u, v);
    u += du;
    v += dv;
    const q = at(src, stride, u, v);
    u += du;
    v += dv;
    const r = at(src, stride, u, v);
    u += du;
    v += dv;
    const s = at(src, stride, u, v);
    u += du;
    v += dv;
    const line = <usize>stride;
    const a = mixed(v128.load64_zero(p), v128.load64_zero(p + line), i32x4.shuffle(across, across, 0, 0, 0, 0), i32x4.shuffle(down, down, 0, 0, 0, 0), half);
    const b = mixed(v128.load64_zero(q), v128.load64_zero(q + line), i32x4.shuffle(across, across, 1, 1, 1, 1), i32x4.shuffle(down, down, 1, 1, 1, 1), half);
    const c = mixed(v128.load64_zero(r), v128.load64_zero(r + line), i32x4.shuffle(across, across, 2, 2, 2, 2), i32x4.shuffle(down, down, 2, 2, 2, 2), half);
    const d = mixed(v128.load64_zero(s), v128.load64_zero(s + line), i32x4.shuffle(across, across, 3, 3, 3, 3), i32x4.shuffle(down, down, 3, 3, 3, 3), half);
    const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
    v128.store(dst, i8x16.swizzle(bytes, i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -128, -128, -128, -128)));
  }
  for (; i < end; i++, dst += 3) {
    const p = at(src, stride, u, v);
    const wx = <i32>(<u32>u >> (32 - BITS));
    const wy = <i32>(<u32>v >> (32 - BITS));
    const sum = mixed(v128.load64_zero(p), v128.load64_zero(p + <usize>stride), i32x4.splat((wx << 16) | (ONE - wx)), i32x4.splat(wy), half);
    const words = i16x8.narrow_i32x4_s(sum, sum);
    store<u32>(dst, <u32>i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0));
    u += du;
    v += dv;
  }
}

export function bilinearRow(
  src: usize, stride: i32, u0: f64, v0: f64, du0: f64, dv0: f64,
  x0: i32, y0: i32, x1: i32, y1: i32, mode: i32, fill: u32, width: i32, dst: usize,
): void {
  const u = <i64>u0;
  const v = <i64>v0;
  const du = <i64>du0;
  const dv = <i64>dv0;
  let first = 0;
  let last = width;
  all(width);
  if (mode == 0) {
    // Outside this span all four neighbors are the fill.
    clip(u, du, (<i64>(x0 - 1)) << 32, (<i64>x1) << 32);
    clip(v, dv, (<i64>(y0 - 1)) << 32, (<i64>y1) << 32);
    first = begin;
    last = end;
    paint(dst, first, fill);
  }
  clip(u, du, (<i64>x0) << 32, (<i64>(x1 - 1)) << 32);
  clip(v, dv, (<i64>y0) << 32, (<i64>(y1 - 1)) << 32);
  const from = begin;
  const to = end;
  bilinearAny(src, stride, u, v, du, dv, x0, y0, x1, y1, mode, fill, first, from, dst);
  bilinearInside(src, stride, u, v, du, dv, from, to, dst);
  bilinearAny(src, stride, u, v, du, dv, x0, y0, x1, y1, mode, fill, to, last, dst);
  paint(dst + <usize>(3 * last), width - last, fill);
}

/** Two RGB pixels as six bytes. */
@inline
function sixBytes(first: u32, second: u32): i64 {
  return <i64>((<u64>(first & 0xffffff)) | ((<u64>(second & 0xffffff)) << 24));
}

/** One output row by table: `us`, `vs` [W] i32 with 11 fractional bits; `mask` is 2047 for bilinear, 0 for nearest. */
export function remapRow(
  src: usize, stride: i32, sw: i32, sh: i32, us: usize, vs: usize, mask: i32, mode: i32, fill: u32, width: i32, dst: usize,
): void {
  const half = i32x4.splat(1 << (2 * BITS - 1));
  const w = <u32>(sw - 1);
  const h = <u32>(sh - 1);
  for (const end = dst + <usize>(3 * width); dst < end; dst += 3) {
    const u = load<i32>(us);
    const v = load<i32>(vs);
    us += 4;
    vs += 4;
    const left = u >> BITS;
    const top = v >> BITS;
    const wx = u & mask;
    const wy = v & mask;
    let upper: v128;
    let lower: v128;
    if (<u32>left < w && <u32>top < h) {
      const p = src + <usize>(top * stride + 3 * left);
      upper = v128.load64_zero(p);
      lower = v128.load64_zero(p + <usize>stride);
    } else {
      const l = border(left, 0, sw, mode);
      const r = border(left + 1, 0, sw, mode);
      const o = border(top, 0, sh, mode);
      const n = border(top + 1, 0, sh, mode);
      upper = i64x2.splat(sixBytes(pixel(src, stride, l, o, fill), pixel(src, stride, r, o, fill)));
      lower = i64x2.splat(sixBytes(pixel(src, stride, l, n, fill), pixel(src, stride, r, n, fill)));
    }
    const weights = i32x4.splat((wx << 16) | (ONE - wx));
    const up = i32x4.mul(i32x4.dot_i16x8_s(pairs(upper), weights), i32x4.splat(ONE - wy));
    const low = i32x4.mul(i32x4.dot_i16x8_s(pairs(lower), weights), i32x4.splat(wy));
    const sum = i32x4.shr_u(i32x4.add(i32x4.add(up, low), half), 2 * BITS);
    const words = i16x8.narrow_i32x4_s(sum, sum);
    store<u32>(dst, <u32>i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0));
  }
}
