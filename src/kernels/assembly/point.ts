// Steps on runs of uint8 RGB, in place. Equal to ../point.ts to the bit. `blendConstant` may write up to 15 bytes
// behind its run; the others touch nothing there.

/** Sixteen bytes of the first page that any kernel may overwrite. */
const SCRATCH: usize = 64;

/** One table for all channels. */
export function lookUp(data: usize, bytes: i32, table: usize): void {
  const end = data + <usize>(bytes & ~7);
  let p = data;
  for (; p < end; p += 8) {
    const v = load<u64>(p);
    store<u8>(p, load<u8>(table + <usize>(v & 255)));
    store<u8>(p, load<u8>(table + <usize>((v >> 8) & 255)), 1);
    store<u8>(p, load<u8>(table + <usize>((v >> 16) & 255)), 2);
    store<u8>(p, load<u8>(table + <usize>((v >> 24) & 255)), 3);
    store<u8>(p, load<u8>(table + <usize>((v >> 32) & 255)), 4);
    store<u8>(p, load<u8>(table + <usize>((v >> 40) & 255)), 5);
    store<u8>(p, load<u8>(table + <usize>((v >> 48) & 255)), 6);
    store<u8>(p, load<u8>(table + <usize>(v >> 56)), 7);
  }
  for (const last = data + <usize>bytes; p < last; p++) store<u8>(p, load<u8>(table + <usize>load<u8>(p)));
}

/** A table for each channel, [3, 256]. */
export function lookUp3(data: usize, bytes: i32, tables: usize): void {
  for (const end = data + <usize>bytes; data < end; data += 3) {
    store<u8>(data, load<u8>(tables + <usize>load<u8>(data)));
    store<u8>(data, load<u8>(tables + <usize>load<u8>(data, 1), 256), 1);
    store<u8>(data, load<u8>(tables + <usize>load<u8>(data, 2), 512), 2);
  }
}

/**
 * clip(trunc(v)) as 32-bit lanes. Adding 2²³ to a whole number below 2²³ leaves it in the low bits: cheaper
 * than a conversion, which WebAssembly makes safe against all that cannot be here.
 */
// @ts-ignore: decorator
@inline
function bytes4(v: v128): v128 {
  const clipped = f32x4.pmin(f32x4.pmax(v, f32x4.splat(0)), f32x4.splat(255));
  return v128.and(f32x4.add(f32x4.floor(clipped), f32x4.splat(8388608)), i32x4.splat(255));
}

/** a + f·(x − a) of four values, in single precision. */
// @ts-ignore: decorator
@inline
function blendFrom4(x: v128, a: v128, f: v128): v128 {
  return bytes4(f32x4.add(a, f32x4.mul(f, f32x4.sub(f32x4.convert_i32x4_s(x), a))));
}

/** Blends every value with one number: clip(trunc(a + f·(x − a))). */
export function blendConstant(data: usize, bytes: i32, a: f32, factor: f32): void {
  const va = f32x4.splat(a);
  const f = f32x4.splat(factor);
  for (let i = 0; i < bytes; i += 16) {
    const p = data + <usize>i;
    const v = v128.load(p);
    const lo = i16x8.extend_low_i8x16_u(v);
    const hi = i16x8.extend_high_i8x16_u(v);
    const q = i16x8.narrow_i32x4_s(blendFrom4(i32x4.extend_low_i16x8_u(lo), va, f), blendFrom4(i32x4.extend_high_i16x8_u(lo), va, f));
    const r = i16x8.narrow_i32x4_s(blendFrom4(i32x4.extend_low_i16x8_u(hi), va, f), blendFrom4(i32x4.extend_high_i16x8_u(hi), va, f));
    v128.store(p, i8x16.narrow_i16x8_u(q, r));
  }
}

/** Luma of four pixels (12 bytes), rounded: the weight of green is split in two to fit 16 bits. */
// @ts-ignore: decorator
@inline
function luma4(v: v128): v128 {
  const rg = i8x16.swizzle(v, i8x16(0, -128, 1, -128, 3, -128, 4, -128, 6, -128, 7, -128, 9, -128, 10, -128));
  const gb = i8x16.swizzle(v, i8x16(1, -128, 2, -128, 4, -128, 5, -128, 7, -128, 8, -128, 10, -128, 11, -128));
  const sum = i32x4.add(
    i32x4.dot_i16x8_s(rg, i32x4.splat((19235 << 16) | 19595)),
    i32x4.dot_i16x8_s(gb, i32x4.splat((7471 << 16) | 19235)),
  );
  return i32x4.shr_u(i32x4.add(sum, i32x4.splat(0x8000)), 16);
}

/** Blends each pixel with its luma L: clip(trunc(L + f·(x − L))). */
export function saturate(data: usize, pixels: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (let i = 0; i < pixels; i += 4) {
    const p = data + <usize>(3 * i);
    const v = v128.load(p);
    const l = f32x4.convert_i32x4_s(luma4(v));
    const r = blendFrom4(i8x16.swizzle(v, i8x16(0, -128, -128, -128, 3, -128, -128, -128, 6, -128, -128, -128, 9, -128, -128, -128)), l, f);
    const g = blendFrom4(i8x16.swizzle(v, i8x16(1, -128, -128, -128, 4, -128, -128, -128, 7, -128, -128, -128, 10, -128, -128, -128)), l, f);
    const b = blendFrom4(i8x16.swizzle(v, i8x16(2, -128, -128, -128, 5, -128, -128, -128, 8, -128, -128, -128, 11, -128, -128, -128)), l, f);
    const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(r, g), i16x8.narrow_i32x4_s(b, b)); // r0..3 g0..3 b0..3 b0..3
    storeFour(p, i8x16.swizzle(bytes, i8x16(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 12, 13, 14, 15)), pixels - i);
  }
}

/** Stores four pixels, or as many as there are. */
// @ts-ignore: decorator
@inline
function storeFour(p: usize, v: v128, left: i32): void {
  if (left >= 4) {
    store<u64>(p, i64x2.extract_lane(v, 0));
    store<u32>(p, <u32>i32x4.extract_lane(v, 2), 8);
  } else {
    v128.store(SCRATCH, v);
    memory.copy(p, SCRATCH, <usize>(3 * left));
  }
}

/** Sum of the luma of all pixels. */
export function sumLuma(data: usize, pixels: i32): f64 {
  let total: f64 = 0;
  let i = 0;
  const whole = pixels & ~3;
  while (i < whole) {
    const end = min(whole, i + (1 << 22)); // blocks keep the 32-bit lanes from overflowing
    let sum = i32x4.splat(0);
    for (; i < end; i += 4) sum = i32x4.add(sum, luma4(v128.load(data + <usize>(3 * i))));
    total += <f64>(<u32>i32x4.extract_lane(sum, 0)) + <f64>(<u32>i32x4.extract_lane(sum, 1));
    total += <f64>(<u32>i32x4.extract_lane(sum, 2)) + <f64>(<u32>i32x4.extract_lane(sum, 3));
  }
  for (; i < pixels; i++) {
    const p = data + <usize>(3 * i);
    total += <f64>((<u32>load<u8>(p) * 19595 + <u32>load<u8>(p, 1) * 38470 + <u32>load<u8>(p, 2) * 7471 + 0x8000) >> 16);
  }
  return total;
}

/** Counts of each value by channel, [3, 256] i32, added to what is there. */
export function histogram(data: usize, pixels: i32, counts: usize): void {
  for (const end = data + <usize>(3 * pixels); data < end; data += 3) {
    const r = counts + ((<usize>load<u8>(data)) << 2);
    const g = counts + 1024 + ((<usize>load<u8>(data, 1)) << 2);
    const b = counts + 2048 + ((<usize>load<u8>(data, 2)) << 2);
    store<i32>(r, load<i32>(r) + 1);
    store<i32>(g, load<i32>(g) + 1);
    store<i32>(b, load<i32>(b) + 1);
  }
}
