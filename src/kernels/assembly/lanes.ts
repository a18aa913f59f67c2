// What several kernels do with four pixels at a time. Inlined; nothing here is called from outside.

/** Sixteen bytes of the first page that any kernel may overwrite. */
const SCRATCH: usize = 64;

/**
 * clip(trunc(v)) as 32-bit lanes. Adding 2²³ to a whole number below 2²³ leaves it in the low bits: cheaper
 * than a conversion, which WebAssembly makes safe against all that cannot be here.
 */
@inline
export function bytes4(v: v128): v128 {
  const clipped = f32x4.pmin(f32x4.pmax(v, f32x4.splat(0)), f32x4.splat(255));
  return v128.and(f32x4.add(f32x4.floor(clipped), f32x4.splat(8388608)), i32x4.splat(255));
}

/** a + f·(x − a) of four values, in single precision. */
@inline
export function blendFrom4(x: v128, a: v128, f: v128): v128 {
  return bytes4(f32x4.add(a, f32x4.mul(f, f32x4.sub(f32x4.convert_i32x4_s(x), a))));
}

/** Luma of four pixels (12 bytes), rounded: the weight of green is split in two to fit 16 bits. */
@inline
export function luma4(v: v128): v128 {
  const rg = i8x16.swizzle(v, i8x16(0, -128, 1, -128, 3, -128, 4, -128, 6, -128, 7, -128, 9, -128, 10, -128));
  const gb = i8x16.swizzle(v, i8x16(1, -128, 2, -128, 4, -128, 5, -128, 7, -128, 8, -128, 10, -128, 11, -128));
  const sum = i32x4.add(
    i32x4.dot_i16x8_s(rg, i32x4.splat((19235 << 16) | 19595)),
    i32x4.dot_i16x8_s(gb, i32x4.splat((7471 << 16) | 19235)),
  );
  return i32x4.shr_u(i32x4.add(sum, i32x4.splat(0x8000)), 16);
}

/** Stores four pixels, or as many as there are. */
@inline
export function storeFour(p: usize, v: v128, left: i32): void {
  if (left >= 4) {
    store<u64>(p, i64x2.extract_lane(v, 0));
    store<u32>(p, <u32>i32x4.extract_lane(v, 2), 8);
  } else {
    v128.store(SCRATCH, v);
    memory.copy(p, SCRATCH, <usize>(3 * left));
  }
}

/** The red, green and blue values of four pixels (12 bytes) as 32-bit lanes. */
@inline
export function reds(v: v128): v128 {
  return i8x16.swizzle(v, i8x16(0, -128, -128, -128, 3, -128, -128, -128, 6, -128, -128, -128, 9, -128, -128, -128));
}
@inline
export function greens(v: v128): v128 {
  return i8x16.swizzle(v, i8x16(1, -128, -128, -128, 4, -128, -128, -128, 7, -128, -128, -128, 10, -128, -128, -128));
}
@inline
export function blues(v: v128): v128 {
  return i8x16.swizzle(v, i8x16(2, -128, -128, -128, 5, -128, -128, -128, 8, -128, -128, -128, 11, -128, -128, -128));
}

/** Three times four 32-bit lanes of 0..255 as four RGB pixels. */
@inline
export function interleaved(r: v128, g: v128, b: v128): v128 {
  const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(r, g), i16x8.narrow_i32x4_s(b, b)); // r0..3 g0..3 b0..3 b0..3
  return i8x16.swizzle(bytes, i8x16(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 12, 13, 14, 15));
}

/** Two times 16 bytes weighed by the pairs of 16 bits in w: a quarter of the sums. */
@inline
export function pair(u: v128, v: v128, w: v128, part: i32): v128 {
  const bytes = part < 2 ? lower(u, v) : upper(u, v);
  const lanes = part & 1 ? i16x8.extend_high_i8x16_u(bytes) : i16x8.extend_low_i8x16_u(bytes);
  return i32x4.dot_i16x8_s(lanes, w);
}

@inline
function lower(u: v128, v: v128): v128 {
  return i8x16.shuffle(u, v, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

@inline
function upper(u: v128, v: v128): v128 {
  return i8x16.shuffle(u, v, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
