// Where the pixels of one output row of a warp come from: `us`, `vs` [W] i32 with 11 fractional bits, as remapRow wants
// them. In double precision and in the order of the plain rows (../moves.ts, the homography of perspective), so that
// both give the same integers.

const FAR: f64 = 524288;
/** Adding it leaves a whole number in the low 32 bits. */
const MAGIC: f64 = 6755399441055744;

/** Stores ⌊2048·(t − shift) + ½⌋ of x and y; what is further out than any image stops there. */
@inline
function put(xy: v128, shift: v128, us: usize, vs: usize): void {
  const moved = f64x2.sub(xy, shift);
  const near = f64x2.pmin(f64x2.pmax(f64x2.splat(-FAR), moved), f64x2.splat(FAR));
  const whole = f64x2.floor(f64x2.add(f64x2.mul(near, f64x2.splat(2048)), f64x2.splat(0.5)));
  const bits = f64x2.add(whole, f64x2.splat(MAGIC));
  store<i32>(us, i32x4.extract_lane(bits, 0));
  store<i32>(vs, i32x4.extract_lane(bits, 2));
}

/**
 * Displacements of a lattice, interpolated along a row: `line` holds dx, dy of each column at this row; of pixel x,
 * `first[x]` is the first column that counts and `weights[x]` are the weights of `taps` columns.
 */
export function latticeRow(
  line: usize, first: usize, weights: usize, taps: i32, y: f64, shift: f64, width: i32, us: usize, vs: usize,
): void {
  const shifts = f64x2.splat(shift);
  for (let x = 0; x < width; x++) {
    let xy = f64x2(<f64>x + 0.5, y);
    let node = line + ((<usize>load<i32>(first)) << 4);
    for (const end = weights + ((<usize>taps) << 3); weights < end; weights += 8) {
      xy = f64x2.add(xy, f64x2.mul(v128.load64_splat(weights), v128.load(node)));
      node += 16;
    }
    put(xy, shifts, us, vs);
    first += 4;
    us += 4;
    vs += 4;
  }
}

/** x' = (a·x + b·y + c)/(g·x + h·y + 1), y' = (d·x + e·y + f)/(g·x + h·y + 1). */
export function homographyRow(
  a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64, h: f64, y: f64, shift: f64, width: i32, us: usize, vs: usize,
): void {
  const shifts = f64x2.splat(shift);
  const ad = f64x2(a, d);
  const be = f64x2(b * y, e * y);
  const cf = f64x2(c, f);
  const hy = h * y;
  for (let i = 0; i < width; i++) {
    const x = <f64>i + 0.5;
    const over = f64x2.add(f64x2.add(f64x2.mul(ad, f64x2.splat(x)), be), cf);
    put(f64x2.div(over, f64x2.splat(g * x + hy + 1)), shifts, us, vs);
    us += 4;
    vs += 4;
  }
}

/** Away from the center by a factor that a table gives for the squared distance, times `scale`. */
export function radialRow(
  table: usize, scale: f64, cx: f64, cy: f64, y: f64, shift: f64, width: i32, us: usize, vs: usize,
): void {
  const shifts = f64x2.splat(shift);
  const center = f64x2(cx, cy);
  const dy = y - cy;
  const across = dy * dy;
  for (let i = 0; i < width; i++) {
    const dx = <f64>i + 0.5 - cx;
    const place = (dx * dx + across) * scale;
    const low = floor(place);
    const at = table + ((<usize>(<i32>low)) << 3);
    const first = load<f64>(at);
    const factor = first + (place - low) * (load<f64>(at, 8) - first);
    put(f64x2.add(center, f64x2.mul(f64x2(dx, dy), f64x2.splat(factor))), shifts, us, vs);
    us += 4;
    vs += 4;
  }
}
