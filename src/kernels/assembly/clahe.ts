// Contrast-limited adaptive histogram equalization, equal to ../clahe.ts to the bit.
import { luma4 } from './lanes';

/** The luma of each pixel; writes up to 3 bytes behind the run. */
export function lumaRow(src: usize, pixels: i32, dst: usize): void {
  for (let i = 0; i < pixels; i += 4) {
    const words = i16x8.narrow_i32x4_s(luma4(v128.load(src)), i32x4.splat(0));
    store<u32>(dst, <u32>i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0));
    src += 12;
    dst += 4;
  }
}

/** Counts of each value, [256] i32, added to what is there. */
export function countRow(data: usize, n: i32, counts: usize): void {
  for (const end = data + <usize>n; data < end; data++) {
    const at = counts + ((<usize>load<u8>(data)) << 2);
    store<i32>(at, load<i32>(at) + 1);
  }
}

@inline
function put(p: usize, change: i32, dst: usize): void {
  store<u8>(dst, <u8>max(0, min(255, <i32>load<u8>(p) + change)));
}

/**
 * One row: each luma is looked up in four tables, two of the tiles above (`upper`) and two below; of pixel x they
 * begin at `firsts[x]` and `seconds[x]` [W] i32 bytes, `shares[x]` [W] f32 is the share of the second.
 */
export function claheRow(
  src: usize, lumas: usize, pixels: i32, upper: usize, lower: usize, ya: f32, firsts: usize, seconds: usize, shares: usize, dst: usize,
): void {
  const yb = <f32>1 - ya;
  for (let x = 0; x < pixels; x++) {
    const value = <usize>load<u8>(lumas);
    const l = value + <usize>load<i32>(firsts);
    const r = value + <usize>load<i32>(seconds);
    const xa = load<f32>(shares);
    const xb = <f32>1 - xa;
    const u = <f32>load<u8>(upper + l) * xb + <f32>load<u8>(upper + r) * xa;
    const d = <f32>load<u8>(lower + l) * xb + <f32>load<u8>(lower + r) * xa;
    const change = <i32>nearest(u * yb + d * ya) - <i32>value;
    put(src, change, dst);
    put(src + 1, change, dst + 1);
    put(src + 2, change, dst + 2);
    lumas++;
    firsts += 4;
    seconds += 4;
    shares += 4;
    src += 3;
    dst += 3;
  }
}
