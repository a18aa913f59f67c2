// Steps on runs of uint8 RGB, in place. Equal to ../point.ts to the bit. Nothing behind a run is touched.

import { blues, greens, interleaved, luma4, reds, storeFour } from './lanes';

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

/** Four 32-bit lanes of (slope·x + offset) >> 18. */
@inline
function onLine(x: v128, slope: v128, offset: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.mul(x, slope), offset), 18);
}

/** A table that is a line (../line.ts): clip((slope·x + offset) >> 18). */
export function line(data: usize, bytes: i32, slope: i32, offset: i32): void {
  const s = i32x4.splat(slope);
  const o = i32x4.splat(offset);
  const end = data + <usize>(bytes & ~15);
  let p = data;
  if (p < end) do {
    const v = v128.load(p);
    const lo = i16x8.extend_low_i8x16_u(v);
    const hi = i16x8.extend_high_i8x16_u(v);
    const q = i16x8.narrow_i32x4_s(onLine(i32x4.extend_low_i16x8_u(lo), s, o), onLine(i32x4.extend_high_i16x8_u(lo), s, o));
    const r = i16x8.narrow_i32x4_s(onLine(i32x4.extend_low_i16x8_u(hi), s, o), onLine(i32x4.extend_high_i16x8_u(hi), s, o));
    v128.store(p, i8x16.narrow_i16x8_u(q, r));
    p += 16;
  } while (p < end);
  for (const last = data + <usize>bytes; p < last; p++) {
    const value = (<i32>load<u8>(p) * slope + offset) >> 18;
    store<u8>(p, <u8>max(0, min(255, value)));
  }
}

/** (slope·x + base) >> 20 of four values. */
@inline
function weighed(x: v128, slope: v128, base: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.mul(x, slope), base), 20);
}

/**
 * Blends each pixel with its luma L: clip(L + ⌊f·(x − L)⌋), where the line of ../line.ts gives ⌊f·d⌋. That is
 * clip((slope·x + base) >> 20) with base = (2²⁰ − slope)·L + offset, which the three channels share.
 */
export function saturate(data: usize, pixels: i32, slope: i32, offset: i32): void {
  const s = i32x4.splat(slope);
  const o = i32x4.splat(offset);
  const rest = i32x4.splat((1 << 20) - slope);
  // Four pixels are read before the four before them are written, whose last store goes four bytes too far.
  let v = v128.load(data);
  let p = data;
  let left = pixels;
  if (left > 5) {
    do {
      const next = v128.load(p, 12);
      const base = i32x4.add(i32x4.mul(luma4(v), rest), o);
      v128.store(p, interleaved(weighed(reds(v), s, base), weighed(greens(v), s, base), weighed(blues(v), s, base)));
      v = next;
      p += 12;
      left -= 4;
    } while (left > 5);
  }
  for (; left > 0; left -= 4, p += 12) {
    const next = v128.load(p, 12);
    const base = i32x4.add(i32x4.mul(luma4(v), rest), o);
    storeFour(p, interleaved(weighed(reds(v), s, base), weighed(greens(v), s, base), weighed(blues(v), s, base)), left);
    v = next;
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
    let p = data + <usize>(3 * i);
    const stop = data + <usize>(3 * end);
    do {
      sum = i32x4.add(sum, luma4(v128.load(p)));
      p += 12;
    } while (p < stop);
    i = end;
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
