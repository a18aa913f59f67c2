// From uint8 RGB to what a batch holds. scale and bias: 3 float32 each; value·scale + bias in single precision.

@inline
function madd(v: v128, s: v128, b: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(v), s), b);
}

/** [n, 3] uint8 → [n, 3] float32. `coefficients`: scale r g b r g b …, 12 floats, then bias, 12 floats. */
export function writeInterleaved(src: usize, pixels: i32, coefficients: usize, dst: usize): void {
  const s0 = v128.load(coefficients);
  const s1 = v128.load(coefficients, 16);
  const s2 = v128.load(coefficients, 32);
  const b0 = v128.load(coefficients, 48);
  const b1 = v128.load(coefficients, 64);
  const b2 = v128.load(coefficients, 80);
  const end = src + <usize>(3 * (pixels - (pixels & 3)));
  for (; src < end; src += 12) {
    const v = v128.load(src);
    const lo = i16x8.extend_low_i8x16_u(v);
    const hi = i16x8.extend_high_i8x16_u(v);
    v128.store(dst, madd(i32x4.extend_low_i16x8_u(lo), s0, b0));
    v128.store(dst, madd(i32x4.extend_high_i16x8_u(lo), s1, b1), 16);
    v128.store(dst, madd(i32x4.extend_low_i16x8_u(hi), s2, b2), 32);
    dst += 48;
  }
  for (let i = 0; i < 3 * (pixels & 3); i++) {
    const c = coefficients + ((<usize>(i % 3)) << 2);
    store<f32>(dst, <f32>load<u8>(src + <usize>i) * load<f32>(c) + load<f32>(c, 48));
    dst += 4;
  }
}

/** [n, 3] uint8 → three planes of n float32, `plane` bytes apart. */
export function writePlanar(src: usize, pixels: i32, coefficients: usize, dst: usize, plane: i32): void {
  for (let c = 0; c < 3; c++) {
    const scale = load<f32>(coefficients + ((<usize>c) << 2));
    const bias = load<f32>(coefficients + ((<usize>c) << 2), 48);
    const s = f32x4.splat(scale);
    const b = f32x4.splat(bias);
    let p = src + <usize>c;
    let q = dst + <usize>(c * plane);
    let i = 0;
    for (; i + 6 <= pixels; i += 4) {
      const v = i8x16.swizzle(v128.load(p), i8x16(0, -128, -128, -128, 3, -128, -128, -128, 6, -128, -128, -128, 9, -128, -128, -128));
      v128.store(q, madd(v, s, b));
      p += 12;
      q += 16;
    }
    for (; i < pixels; i++) {
      store<f32>(q, <f32>load<u8>(p) * scale + bias);
      p += 3;
      q += 4;
    }
  }
}
