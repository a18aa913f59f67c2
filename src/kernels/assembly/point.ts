// Steps on runs of uint8 RGB, in place. Equal to ../point.ts to the bit. Nothing behind a run is touched.

import { blues, greens, interleaved, luma4, reds, storeFour } from './lanes';

/** 96 bytes of the first page for `extremes`. */
const EDGES: usize = 128;

/** One table for all channels. */
export function lookUp(data: usize, bytes: i32, table: usize): void {
  const end = data + <usize>(bytes & ~7);
  let p = data;
  for (; p < end; p += 8) {
    store<u8>(p, load<u8>(table + <usize>load<u8>(p)));
    store<u8>(p, load<u8>(table + <usize>load<u8>(p, 1)), 1);
    store<u8>(p, load<u8>(table + <usize>load<u8>(p, 2)), 2);
    store<u8>(p, load<u8>(table + <usize>load<u8>(p, 3)), 3);
    store<u8>(p, load<u8>(table + <usize>load<u8>(p, 4)), 4);
    store<u8>(p, load<u8>(table + <usize>load<u8>(p, 5)), 5);
    store<u8>(p, load<u8>(table + <usize>load<u8>(p, 6)), 6);
    store<u8>(p, load<u8>(table + <usize>load<u8>(p, 7)), 7);
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

/** The table x & mask. */
export function keepBits(data: usize, bytes: i32, mask: u32): void {
  const m = i8x16.splat(<i8>mask);
  const end = data + <usize>(bytes & ~15);
  let p = data;
  for (; p < end; p += 16) v128.store(p, v128.and(v128.load(p), m));
  for (const last = data + <usize>bytes; p < last; p++) store<u8>(p, load<u8>(p) & <u8>mask);
}

/** The table that gives 255 − x from x = threshold (0..255) on, x below. */
export function invertFrom(data: usize, bytes: i32, threshold: u32): void {
  const t = i8x16.splat(<i8>threshold);
  const end = data + <usize>(bytes & ~15);
  let p = data;
  for (; p < end; p += 16) {
    const v = v128.load(p);
    v128.store(p, v128.xor(v, i8x16.ge_u(v, t)));
  }
  for (const last = data + <usize>bytes; p < last; p++) {
    const v = load<u8>(p);
    store<u8>(p, v >= <u8>threshold ? 255 - v : v);
  }
}

/** (slope·x + offset) >> 18 of four values, given as pairs x, 128·x: slope comes in two parts. */
@inline
function onLine(pairs: v128, slopes: v128, offset: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(pairs, slopes), offset), 18);
}

/** Eight values on a line. */
@inline
function eightOnLine(x: v128, slopes: v128, offset: v128): v128 {
  const y = i16x8.shl(x, 7);
  const low = onLine(i16x8.shuffle(x, y, 0, 8, 1, 9, 2, 10, 3, 11), slopes, offset);
  return i16x8.narrow_i32x4_s(low, onLine(i16x8.shuffle(x, y, 4, 12, 5, 13, 6, 14, 7, 15), slopes, offset));
}

/** A table that is a line (./line.ts), of a slope below 2²²: clip((slope·x + offset) >> 18). */
export function line(data: usize, bytes: i32, slope: i32, offset: i32): void {
  const s = i32x4.splat((slope & 127) | ((slope >> 7) << 16));
  const o = i32x4.splat(offset);
  const end = data + <usize>(bytes & ~15);
  let p = data;
  if (p < end) do {
    const v = v128.load(p);
    const q = eightOnLine(i16x8.extend_low_i8x16_u(v), s, o);
    v128.store(p, i8x16.narrow_i16x8_u(q, eightOnLine(i16x8.extend_high_i8x16_u(v), s, o)));
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
 * Blends each pixel with its luma L: clip(L + ⌊f·(x − L)⌋), where the line of ./line.ts gives ⌊f·d⌋. That is
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

/** L + ⌊f·(x − L)⌋ of four values: adding 1.5·2²³ to a whole number within ±2²² leaves it in the low bits. */
@inline
function apart(x: v128, l: v128, f: v128): v128 {
  const change = f32x4.mul(f, f32x4.convert_i32x4_s(i32x4.sub(x, l)));
  const whole = i32x4.sub(f32x4.add(f32x4.floor(change), f32x4.splat(12582912)), i32x4.splat(0x4b400000));
  return i32x4.add(l, whole);
}

/** `saturate` for factors up to 16000 whose products are on no line: in single precision. */
export function saturateAnyhow(data: usize, pixels: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  let v = v128.load(data);
  let left = pixels;
  if (left > 5) {
    do {
      const next = v128.load(data, 12); // before the store goes four bytes too far
      const l = luma4(v);
      v128.store(data, interleaved(apart(reds(v), l, f), apart(greens(v), l, f), apart(blues(v), l, f)));
      v = next;
      data += 12;
      left -= 4;
    } while (left > 5);
  }
  for (; left > 0; left -= 4, data += 12) {
    const next = v128.load(data, 12);
    const l = luma4(v);
    storeFour(data, interleaved(apart(reds(v), l, f), apart(greens(v), l, f), apart(blues(v), l, f)), left);
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

/** Adds one to the count of the byte at p. */
@inline
function count(counts: usize, p: usize): void {
  const at = counts + (<usize>load<u8>(p) << 2);
  store<i32>(at, load<i32>(at) + 1);
}

/**
 * Counts of each value by channel, [3, 256] i32, added to what is there; `other` is memory for as many, of zeros. Two
 * pixels in a row are often alike, and one would wait for the count of the other: so they are counted apart.
 */
export function histogram(data: usize, pixels: i32, counts: usize, other: usize): void {
  for (const end = data + <usize>(3 * (pixels & ~1)); data < end; data += 6) {
    count(counts, data);
    count(counts + 1024, data + 1);
    count(counts + 2048, data + 2);
    count(other, data + 3);
    count(other + 1024, data + 4);
    count(other + 2048, data + 5);
  }
  if (pixels & 1) {
    count(counts, data);
    count(counts + 1024, data + 1);
    count(counts + 2048, data + 2);
  }
  for (const end = counts + 3072; counts < end; counts += 16, other += 16) {
    v128.store(counts, i32x4.add(v128.load(counts), v128.load(other)));
  }
}

/** The lowest and the highest value of each channel: `ends` [2, 3] u8, lowest first. Expects one pixel or more. */
export function extremes(data: usize, pixels: i32, ends: usize): void {
  const end = data + <usize>(3 * pixels);
  let r = load<u8>(data);
  let g = load<u8>(data, 1);
  let b = load<u8>(data, 2);
  let R = r;
  let G = g;
  let B = b;
  if (pixels >= 16) {
    // Sixteen pixels are three vectors; lane i of vector k is channel (16k + i) mod 3.
    let a0 = v128.load(data);
    let a1 = v128.load(data, 16);
    let a2 = v128.load(data, 32);
    let z0 = a0;
    let z1 = a1;
    let z2 = a2;
    for (data += 48; data + 48 <= end; data += 48) {
      const u = v128.load(data);
      const v = v128.load(data, 16);
      const w = v128.load(data, 32);
      a0 = i8x16.min_u(a0, u);
      a1 = i8x16.min_u(a1, v);
      a2 = i8x16.min_u(a2, w);
      z0 = i8x16.max_u(z0, u);
      z1 = i8x16.max_u(z1, v);
      z2 = i8x16.max_u(z2, w);
    }
    v128.store(EDGES, a0);
    v128.store(EDGES, a1, 16);
    v128.store(EDGES, a2, 32);
    v128.store(EDGES, z0, 48);
    v128.store(EDGES, z1, 64);
    v128.store(EDGES, z2, 80);
    for (let i: usize = 0; i < 48; i += 3) {
      r = min(r, load<u8>(EDGES + i));
      g = min(g, load<u8>(EDGES + i, 1));
      b = min(b, load<u8>(EDGES + i, 2));
      R = max(R, load<u8>(EDGES + i, 48));
      G = max(G, load<u8>(EDGES + i, 49));
      B = max(B, load<u8>(EDGES + i, 50));
    }
  }
  for (; data < end; data += 3) {
    r = min(r, load<u8>(data));
    g = min(g, load<u8>(data, 1));
    b = min(b, load<u8>(data, 2));
    R = max(R, load<u8>(data));
    G = max(G, load<u8>(data, 1));
    B = max(B, load<u8>(data, 2));
  }
  store<u8>(ends, r);
  store<u8>(ends, g, 1);
  store<u8>(ends, b, 2);
  store<u8>(ends, R, 3);
  store<u8>(ends, G, 4);
  store<u8>(ends, B, 5);
}
