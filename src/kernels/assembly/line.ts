// Digital lines: value(x) = ⌊(slope·x + offset) / 2^bits⌋ for every x, in 32-bit integers. Whether values are such a line is
// decided exactly, over all of them.

/** [512] i32 of the first page: the values in question. One more than there are products, for they come by fours. */
const VALUES: usize = 32768;

/** Maximum number of rounds; three are nearly always enough. */
const ROUNDS: i32 = 40;

/** Fractional bits of a line over bytes: slopes up to 16 fit 32 bits. */
const BYTE_BITS: i32 = 18;
/** Fractional bits of a line over products: factors up to 4 fit 32 bits. */
const PRODUCT_BITS: i32 = 20;

@inline
function valueAt(k: i32): i32 {
  return load<i32>(VALUES + (<usize>k << 2));
}

/** Larger of all lanes. */
@inline
function largest(v: v128): i32 {
  const two = i32x4.max_s(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  return max(i32x4.extract_lane(two, 0), i32x4.extract_lane(two, 1));
}

/** ⌊a / b⌋. */
@inline
function floorDiv(a: i64, b: i64): i64 {
  const q = a / b;
  return q - i64(a % b != 0 && (a < 0) != (b < 0));
}

/**
 * The line through the values of from, from + 1, …, to `line`: slope, offset. False if there is none. Values at or below
 * `low`, or at or above `high`, may lie further out. Each value bounds the offset for a given slope: it is at least
 * value·2^bits − slope·x, and less than 2^bits above that. Where the bounds of two values contradict each other, the slope must
 * be past where they meet; as the room between the bounds is concave in the slope, going there finds the line in few rounds.
 */
function search(n: i32, from: i32, bits: i32, guess: i32, steepest: i32, low: i32, high: i32, line: usize): bool {
  const lows = i32x4.splat(low);
  const highs = i32x4.splat(high);
  const lowest = i32x4.splat(i32.MIN_VALUE);
  let least = -steepest << bits;
  let most = (steepest << bits) - 1; // the kernel takes slopes below
  let slope = guess;
  for (let round = 0; round < ROUNDS && least <= most; round++) {
    slope = min(most, max(least, slope));
    let aboves = lowest;
    let belows = lowest; // of the negative: the smallest is the largest of these
    // The last four may overlap those before them.
    for (let k = 0, end = n - 4; ; k = min(k + 4, end)) {
      const v = v128.load(VALUES + (<usize>k << 2));
      const x = i32x4.add(i32x4.splat(from + k), i32x4(0, 1, 2, 3));
      const scaled = i32x4.sub(i32x4.shl(v, bits), i32x4.mul(x, i32x4.splat(slope)));
      aboves = i32x4.max_s(aboves, v128.bitselect(scaled, lowest, i32x4.gt_s(v, lows)));
      belows = i32x4.max_s(belows, v128.bitselect(i32x4.neg(scaled), lowest, i32x4.lt_s(v, highs)));
      if (k == end) break;
    }
    const above = largest(aboves);
    const under = largest(belows);
    const room = (1 << bits) - 1;
    // Without a bound on one side any offset on the other will do.
    const below = under == i32.MIN_VALUE ? i32.MAX_VALUE : room - under;
    if (above <= below) {
      store<i32>(line, slope);
      store<i32>(line, min(below, max(above, 0)), 4);
      return true;
    }
    let i = 0;
    while ((valueAt(i) << bits) - slope * (from + i) != above || valueAt(i) <= low) i++;
    let j = 0;
    while ((valueAt(j) << bits) - slope * (from + j) != -under || valueAt(j) >= high) j++;
    const rise = ((<i64>(valueAt(i) - valueAt(j) - 1)) << bits) + 1;
    if (i > j) {
      least = max(least, <i32>-floorDiv(-rise, i - j));
      slope = least;
    } else {
      most = min(most, <i32>floorDiv(rise, i - j));
      slope = most;
    }
  }
  return false;
}

@inline
function isClipped(value: i32): bool {
  return value == 0 || value == 255;
}

/** The line that equals a table of 256 bytes when clipped to 0..255. */
export function lineOfTable(table: usize, line: usize): bool {
  for (let k: usize = 0; k < 256; k += 4) {
    v128.store(VALUES + (k << 2), i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(table + k))));
  }
  let first = 0;
  let last = 255;
  while (first < 255 && isClipped(valueAt(first))) first++;
  while (last > first && isClipped(valueAt(last))) last--;
  const rise = first < last ? ((valueAt(last) - valueAt(first)) << BYTE_BITS) / (last - first) : 0;
  return search(256, 0, BYTE_BITS, rise, 16, 0, 255, line);
}

/** The line that gives ⌊factor·d⌋ for d = −255..255, the product in single precision; for factors up to 4. */
export function lineOfFactor(factor: f32, line: usize): bool {
  const f = f32x4.splat(factor);
  let d = f32x4(-255, -254, -253, -252);
  for (let k: usize = 0; k < 512; k += 4) {
    const products = f32x4.floor(f32x4.mul(f, d));
    v128.store(VALUES + (k << 2), i32x4.trunc_sat_f32x4_s(products));
    d = f32x4.add(d, f32x4.splat(4));
  }
  const guess = <i32>nearest(factor * <f32>(1 << PRODUCT_BITS));
  return search(511, -255, PRODUCT_BITS, guess, 4, i32.MIN_VALUE, i32.MAX_VALUE, line);
}
