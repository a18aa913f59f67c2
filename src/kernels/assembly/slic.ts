// Which of some centers each pixel is nearest to, four pixels at a time; ../slic.ts is the plain twin.

/**
 * `pixels` RGB with so many of them, `places` [count] f32 along x, `centers` [n, 5] f32 in rows of `columns`; those
 * looked at are in rows r0..r1 and columns c0..c1. `labels` [count] i32 may be overrun by three.
 */
export function nearestCenters(
  pixels: usize, count: i32, places: usize, py: f32, centers: usize, columns: i32,
  r0: i32, r1: i32, c0: i32, c1: i32, labels: usize,
): void {
  const y = f32x4.splat(py);
  for (let i = 0; i < count; i += 4) {
    const v = v128.load(pixels + <usize>(3 * i));
    const r = f32x4.convert_i32x4_s(i32x4.shl(i8x16.swizzle(v, i8x16(0, -128, -128, -128, 3, -128, -128, -128, 6, -128, -128, -128, 9, -128, -128, -128)), 2));
    const g = f32x4.convert_i32x4_s(i32x4.shl(i8x16.swizzle(v, i8x16(1, -128, -128, -128, 4, -128, -128, -128, 7, -128, -128, -128, 10, -128, -128, -128)), 2));
    const b = f32x4.convert_i32x4_s(i32x4.shl(i8x16.swizzle(v, i8x16(2, -128, -128, -128, 5, -128, -128, -128, 8, -128, -128, -128, 11, -128, -128, -128)), 2));
    const x = v128.load(places + (<usize>i << 2));
    let best = f32x4.splat(f32.MAX_VALUE);
    let label = i32x4.splat(0);
    for (let row = r0; row <= r1; row++) {
      const last = row * columns + c1;
      for (let k = row * columns + c0; k <= last; k++) {
        const p = centers + <usize>(20 * k);
        const dr = f32x4.sub(r, v128.load32_splat(p));
        const dg = f32x4.sub(g, v128.load32_splat(p, 4));
        const db = f32x4.sub(b, v128.load32_splat(p, 8));
        const dx = f32x4.sub(x, v128.load32_splat(p, 12));
        const dy = f32x4.sub(y, v128.load32_splat(p, 16));
        const color = f32x4.add(f32x4.add(f32x4.mul(dr, dr), f32x4.mul(dg, dg)), f32x4.mul(db, db));
        const d = f32x4.add(color, f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy)));
        const nearer = f32x4.lt(d, best);
        best = f32x4.pmin(best, d);
        label = v128.bitselect(i32x4.splat(k), label, nearer);
      }
    }
    v128.store(labels + (<usize>i << 2), label);
  }
}
