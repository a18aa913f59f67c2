// Pillow's ImageEnhance.Sharpness, equal to ../sharpness.ts to the bit.
import { blendFrom4 } from './lanes';

@inline
function low(p: usize): v128 {
  return i16x8.extend_low_i8x16_u(v128.load64_zero(p));
}

/** Eight neighbors above one another, as 16-bit lanes. */
@inline
function column(p: usize, line: usize): v128 {
  return i16x8.add(i16x8.add(low(p - line), low(p)), low(p + line));
}

/**
 * One row of `bytes` values without its first and last pixel: `src` is its first value that has neighbors on
 * all sides. dst may be overrun by 7 bytes.
 */
export function sharpnessRow(src: usize, line: usize, bytes: i32, factor: f32, dst: usize): void {
  const f = f32x4.splat(factor);
  for (let i: usize = 0; i < <usize>bytes; i += 8) {
    const p = src + i;
    const x = low(p);
    const around = i16x8.add(i16x8.add(column(p - 3, line), column(p + 3, line)), column(p, line));
    const sum = i16x8.add(i16x8.add(around, i16x8.shl(x, 2)), i16x8.splat(6));
    // ⌊sum / 13⌋, exact for all sums that there are.
    const a = i32x4.shr_u(i32x4.extmul_low_i16x8_u(sum, i16x8.splat(5042)), 16);
    const b = i32x4.shr_u(i32x4.extmul_high_i16x8_u(sum, i16x8.splat(5042)), 16);
    const q = blendFrom4(i32x4.extend_low_i16x8_u(x), f32x4.convert_i32x4_s(a), f);
    const r = blendFrom4(i32x4.extend_high_i16x8_u(x), f32x4.convert_i32x4_s(b), f);
    const words = i16x8.narrow_i32x4_s(q, r);
    store<u64>(dst + i, i64x2.extract_lane(i8x16.narrow_i16x8_u(words, words), 0));
  }
}
