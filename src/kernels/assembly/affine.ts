// General affine sampling, one output row: four neighbors with 11-bit weights, or the nearest pixel.
// Coordinates are fixed-point with 32 fractional bits. The plain twin in ../sampler.ts computes
// the same integers in float64 and agrees to the bit.

const BITS: i32 = 11;
const ONE: i32 = 1 << BITS;

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

/** u0, v0: source coordinates of the first output pixel times 2³²; du0, dv0: what one pixel adds. Whole numbers. */
export function nearestRow(
  src: usize, stride: i32, u0: f64, v0: f64, du0: f64, dv0: f64,
  x0: i32, y0: i32, x1: i32, y1: i32, mode: i32, fill: u32, width: i32, dst: usize,
): void {
  let u = <i64>u0;
  let v = <i64>v0;
  const du = <i64>du0;
  const dv = <i64>dv0;
  const w = <u32>(x1 - x0);
  const h = <u32>(y1 - y0);
  for (const end = dst + <usize>(3 * width); dst < end; dst += 3) {
    const x = <i32>(u >> 32);
    const y = <i32>(v >> 32);
    if (<u32>(x - x0) < w && <u32>(y - y0) < h) store<u32>(dst, load<u32>(src + <usize>(y * stride + 3 * x)));
    else store<u32>(dst, pixel(src, stride, border(x, x0, x1, mode), border(y, y0, y1, mode), fill));
    u += du;
    v += dv;
  }
}

/** Pixels 0 and 1 of 8 bytes as pairs of 16-bit lanes: r0 r1 g0 g1 b0 b1 0 0. */
@inline
function pairs(v: v128): v128 {
  return i8x16.swizzle(v, i8x16(0, -128, 3, -128, 1, -128, 4, -128, 2, -128, 5, -128, -128, -128, -128, -128));
}

export function bilinearRow(
  src: usize, stride: i32, u0: f64, v0: f64, du0: f64, dv0: f64,
  x0: i32, y0: i32, x1: i32, y1: i32, mode: i32, fill: u32, width: i32, dst: usize,
): void {
  let u = <i64>u0;
  let v = <i64>v0;
  const du = <i64>du0;
  const dv = <i64>dv0;
  const half = i32x4.splat(1 << (2 * BITS - 1));
  const w = <u32>(x1 - x0 - 1);
  const h = <u32>(y1 - y0 - 1);
  for (const end = dst + <usize>(3 * width); dst < end; dst += 3) {
    const left = <i32>(u >> 32);
    const top = <i32>(v >> 32);
    const wx = <i32>(<u32>u >> (32 - BITS));
    const wy = <i32>(<u32>v >> (32 - BITS));
    let upper: v128;
    let lower: v128;
    if (<u32>(left - x0) < w && <u32>(top - y0) < h) {
      const p = src + <usize>(top * stride + 3 * left);
      upper = v128.load64_zero(p);
      lower = v128.load64_zero(p + <usize>stride);
    } else {
      const l = border(left, x0, x1, mode);
      const r = border(left + 1, x0, x1, mode);
      const o = border(top, y0, y1, mode);
      const n = border(top + 1, y0, y1, mode);
      upper = i64x2.splat(pair(pixel(src, stride, l, o, fill), pixel(src, stride, r, o, fill)));
      lower = i64x2.splat(pair(pixel(src, stride, l, n, fill), pixel(src, stride, r, n, fill)));
    }
    const weights = i32x4.splat((wx << 16) | (ONE - wx));
    const up = i32x4.mul(i32x4.dot_i16x8_s(pairs(upper), weights), i32x4.splat(ONE - wy));
    const low = i32x4.mul(i32x4.dot_i16x8_s(pairs(lower), weights), i32x4.splat(wy));
    const sum = i32x4.shr_u(i32x4.add(i32x4.add(up, low), half), 2 * BITS);
    const words = i16x8.narrow_i32x4_s(sum, sum);
    store<u32>(dst, <u32>i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0));
    u += du;
    v += dv;
  }
}

/** Two RGB pixels as six bytes. */
@inline
function pair(first: u32, second: u32): i64 {
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
      upper = i64x2.splat(pair(pixel(src, stride, l, o, fill), pixel(src, stride, r, o, fill)));
      lower = i64x2.splat(pair(pixel(src, stride, l, n, fill), pixel(src, stride, r, n, fill)));
    }
    const weights = i32x4.splat((wx << 16) | (ONE - wx));
    const up = i32x4.mul(i32x4.dot_i16x8_s(pairs(upper), weights), i32x4.splat(ONE - wy));
    const low = i32x4.mul(i32x4.dot_i16x8_s(pairs(lower), weights), i32x4.splat(wy));
    const sum = i32x4.shr_u(i32x4.add(i32x4.add(up, low), half), 2 * BITS);
    const words = i16x8.narrow_i32x4_s(sum, sum);
    store<u32>(dst, <u32>i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0));
  }
}
