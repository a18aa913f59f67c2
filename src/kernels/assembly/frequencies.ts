// The low frequencies of an image, equal to ../frequencies.ts to the bit: double precision, in the order written there.

/**
 * Adds one row of `width` pixels to nothing: sums over x of value · (cos, sin) for each of `count` waves, whose
 * tables `waves` [count, W] hold pairs of f64. `sums` [count, 3] pairs of f64.
 */
export function frequencyRow(src: usize, width: i32, waves: usize, count: i32, sums: usize): void {
  for (let k = 0; k < count; k++) {
    let r = f64x2.splat(0);
    let g = f64x2.splat(0);
    let b = f64x2.splat(0);
    let p = src;
    for (const end = waves + ((<usize>width) << 4); waves < end; waves += 16) {
      const wave = v128.load(waves);
      r = f64x2.add(r, f64x2.mul(wave, f64x2.splat(<f64>load<u8>(p))));
      g = f64x2.add(g, f64x2.mul(wave, f64x2.splat(<f64>load<u8>(p, 1))));
      b = f64x2.add(b, f64x2.mul(wave, f64x2.splat(<f64>load<u8>(p, 2))));
      p += 3;
    }
    v128.store(sums, r);
    v128.store(sums, g, 16);
    v128.store(sums, b, 32);
    sums += 48;
  }
}

/** One row plus `count` waves, [count, 3] pairs (re, im) at `shares`: value + Σ (re·cos − im·sin), rounded, clipped. */
export function addFrequencyRow(src: usize, width: i32, waves: usize, count: i32, shares: usize, dst: usize): void {
  const step = (<usize>width) << 4;
  for (let x = 0; x < width; x++) {
    let r: f64 = 0;
    let g: f64 = 0;
    let b: f64 = 0;
    let wave = waves;
    let share = shares;
    for (let k = 0; k < count; k++) {
      const c = load<f64>(wave);
      const s = load<f64>(wave, 8);
      r += load<f64>(share) * c - load<f64>(share, 8) * s;
      g += load<f64>(share, 16) * c - load<f64>(share, 24) * s;
      b += load<f64>(share, 32) * c - load<f64>(share, 40) * s;
      wave += step;
      share += 48;
    }
    store<u8>(dst, byte(<f64>load<u8>(src) + r));
    store<u8>(dst, byte(<f64>load<u8>(src, 1) + g), 1);
    store<u8>(dst, byte(<f64>load<u8>(src, 2) + b), 2);
    src += 3;
    dst += 3;
    waves += 16;
  }
}

@inline
function byte(v: f64): u8 {
  const clipped = max<f64>(0, min<f64>(255, floor(v + 0.5)));
  return <u8>(<i32>clipped);
}
