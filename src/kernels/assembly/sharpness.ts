// Pillow's ImageEnhance.Sharpness, equal to ../sharpness.ts to the bit.

/** 2²³ above a whole number, as the upper half of its bits; and 1.5 · 2²³, whose low bits take a sign as well. */
const HIGH: i16 = 0x4b00;
const MAGIC: f32 = 8388608;
const SIGNED: f32 = 12582912;

/** ⌊m + f·(x − m)⌋ of four values, given as m + 2²³ and x + 2²³: these are exact, and so are their differences. */
@inline
function between(x: v128, m: v128, f: v128): v128 {
  const sum = f32x4.add(f32x4.sub(m, f32x4.splat(MAGIC)), f32x4.mul(f, f32x4.sub(x, m)));
  return i32x4.sub(f32x4.add(f32x4.floor(sum), f32x4.splat(SIGNED)), i32x4.splat(0x4b400000));
}

@inline
function lowFloats(x: v128): v128 {
  return i16x8.shuffle(x, i16x8.splat(HIGH), 0, 8, 1, 9, 2, 10, 3, 11);
}
@inline
function highFloats(x: v128): v128 {
  return i16x8.shuffle(x, i16x8.splat(HIGH), 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Sums of three values above one another, [n] i16; written in steps of 16. */
function columns(src: usize, line: usize, n: i32, sums: usize): void {
  for (const end = src + <usize>n; src < end; src += 16, sums += 32) {
    const a = v128.load(src - line);
    const b = v128.load(src);
    const c = v128.load(src + line);
    const low = i16x8.add(i16x8.extend_low_i8x16_u(a), i16x8.extend_low_i8x16_u(b));
    const high = i16x8.add(i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b));
    v128.store(sums, i16x8.add(low, i16x8.extend_low_i8x16_u(c)));
    v128.store(sums, i16x8.add(high, i16x8.extend_high_i8x16_u(c)), 16);
  }
}

/** Eight values x and the sums of the columns to their left, at them and to their right: blended with the mean. */
@inline
function blended(x: v128, sums: usize, f: v128): v128 {
  const around = i16x8.add(i16x8.add(v128.load(sums), v128.load(sums, 6)), v128.load(sums, 12));
  const sum = i16x8.add(around, i16x8.shl(x, 2));
  // (2·sum + 1) · 1260 / 2¹⁵, rounded: ⌊(sum + 6) / 13⌋ for all sums that there are.
  const mean = i16x8.q15mulr_sat_s(i16x8.add(i16x8.shl(sum, 1), i16x8.splat(1)), i16x8.splat(1260));
  return i16x8.narrow_i32x4_s(between(lowFloats(x), lowFloats(mean), f), between(highFloats(x), highFloats(mean), f));
}

/**
 * A whole image, its outermost pixels copied. `sums` is memory for a line of i16 and 64 bytes more; behind dst 16 bytes
 * may be overwritten.
 */
export function sharpness(src: usize, width: i32, height: i32, factor: f32, sums: usize, dst: usize): void {
  const f = f32x4.splat(factor);
  const line = <usize>(3 * width);
  memory.copy(dst, src, line);
  for (let y = 1; y < height - 1; y++) {
    src += line;
    dst += line;
    if (width > 2) {
      columns(src, line, 3 * width, sums);
      for (let i: usize = 3; i < line - 3; i += 16) {
        const v = v128.load(src + i);
        const at = sums + 2 * i - 6;
        const q = blended(i16x8.extend_low_i8x16_u(v), at, f);
        const r = blended(i16x8.extend_high_i8x16_u(v), at + 16, f);
        v128.store(dst + i, i8x16.narrow_i16x8_u(q, r));
      }
    }
    // The ends come last: the row before has run over the first, this one over its last.
    memory.copy(dst, src, 3);
    memory.copy(dst + line - 3, src + line - 3, 3);
  }
  if (height > 1) memory.copy(dst + line, src + line, line);
}
