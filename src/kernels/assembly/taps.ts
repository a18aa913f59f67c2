// The table of a bilinear filter: equal to `smooth` of ../filter.ts, number for number.

const ONE: f64 = 16384;

/** max(0, 1 − |t| / stretch) of two values. */
@inline
function linear(t: v128, stretch: v128): v128 {
  return f64x2.pmax(f64x2.splat(0), f64x2.sub(f64x2.splat(1), f64x2.div(f64x2.abs(t), stretch)));
}

/**
 * For each of `size` outputs around center = scale·(i + ½) + offset, over inputs low..high-1: the first input times
 * `unit` into `first` [size] i32, and weights that sum to one into `weights` [size, taps] i16. `shares` is memory for
 * taps float64. Loops run over all taps by twos, and choices are made without branches, for no branch here can be guessed.
 */
export function linearTaps(
  size: i32, scale: f64, offset: f64, low: i32, high: i32, stretch: f64, taps: i32, unit: i32,
  first: usize, weights: usize, shares: usize,
): void {
  const stretches = f64x2.splat(stretch);
  for (let i = 0; i < size; i++) {
    const center = scale * (<f64>i + 0.5) + offset;
    const begin = max(low, <i32>Math.floor(center - stretch + 0.5));
    const count = min(high, <i32>Math.floor(center + stretch + 0.5)) - begin;
    let sum: f64 = 0;
    const centers = f64x2.splat(center);
    let places = f64x2(<f64>begin, <f64>(begin + 1));
    for (let k = 0; k < taps; k += 2) {
      const all = linear(f64x2.add(f64x2.sub(places, centers), f64x2.splat(0.5)), stretches);
      const share = v128.and(all, i64x2.lt_s(i64x2(k, k + 1), i64x2.splat(count)));
      v128.store(shares + ((<usize>k) << 3), share);
      sum += f64x2.extract_lane(share, 0);
      sum += f64x2.extract_lane(share, 1);
      places = f64x2.add(places, f64x2.splat(2));
    }
    if (sum > 0) {
      store<i32>(first, unit * begin);
      quantize(shares, taps, sum, weights);
    } else {
      // A center on the edge of the window uses the nearest pixel.
      store<i32>(first, unit * min(high - 1, max(low, <i32>Math.floor(center))));
      memory.fill(weights, 0, <usize>(2 * taps));
      store<i16>(weights, <i16>ONE);
    }
    first += 4;
    weights += <usize>(2 * taps);
  }
}

/** Rounded shares, and the rounding error to the largest: half each to two that are equally large. */
@inline
function quantize(shares: usize, count: i32, sum: f64, weights: usize): void {
  let left = <i32>ONE;
  let largest = 0;
  let other = 0;
  const sums = f64x2.splat(sum);
  let most = load<f64>(shares) / sum;
  for (let k = 0; k < count; k += 2) {
    const both = f64x2.div(v128.load(shares + ((<usize>k) << 3)), sums);
    const scaled = f64x2.mul(both, f64x2.splat(ONE));
    const whole = f64x2.floor(scaled);
    const up = f64x2.ge(f64x2.sub(scaled, whole), f64x2.splat(0.5));
    // Adding 1.5 · 2⁵² leaves a whole number in the low bits.
    const rounded = f64x2.add(f64x2.add(whole, v128.and(up, f64x2.splat(1))), f64x2.splat(6755399441055744));
    const one = f64x2.extract_lane(both, 0);
    other = select(k, other, one > most - 1e-9);
    const larger = one > most + 1e-9;
    largest = select(k, largest, larger);
    most = select(one, most, larger);
    const two = f64x2.extract_lane(both, 1);
    other = select(k + 1, other, two > most - 1e-9);
    const yet = two > most + 1e-9;
    largest = select(k + 1, largest, yet);
    most = select(two, most, yet);
    const bits = i32x4.shuffle(rounded, rounded, 0, 2, 0, 2);
    left -= i32x4.extract_lane(bits, 0) + i32x4.extract_lane(bits, 1);
    store<u32>(weights + ((<usize>k) << 1), <u32>i32x4.extract_lane(i16x8.narrow_i32x4_s(bits, bits), 0));
  }
  const half = other > largest ? left / 2 : 0;
  const most16 = weights + ((<usize>largest) << 1);
  store<i16>(most16, load<i16>(most16) + <i16>(left - half));
  const other16 = weights + ((<usize>other) << 1);
  store<i16>(other16, load<i16>(other16) + <i16>half);
}
