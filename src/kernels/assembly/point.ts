// Steps on runs of uint8 RGB, in place. Equal to ../point.ts to the bit. `blendConstant` may write up to 15 bytes
// behind its run; the others touch nothing there.

import { blendFrom4, blues, greens, interleaved, luma4, reds, storeFour } from './lanes';

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

/** Blends each pixel with its luma L: clip(trunc(L + f·(x − L))). */
export function saturate(data: usize, pixels: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (let i = 0; i < pixels; i += 4) {
    const p = data + <usize>(3 * i);
    const v = v128.load(p);
    const l = f32x4.convert_i32x4_s(luma4(v));
    const r = blendFrom4(reds(v), l, f);
    const g = blendFrom4(greens(v), l, f);
    const b = blendFrom4(blues(v), l, f);
    storeFour(p, interleaved(r, g, b), pixels - i);
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
