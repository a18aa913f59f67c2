// The table of a bilinear filter: equal to `smooth` of ../filter.ts, number for number.

const ONE: f64 = 16384;

/** max(0, 1 − |t| / stretch). */
@inline
function linear(t: f64, stretch: f64): f64 {
  const weight = 1 - Math.abs(t) / stretch;
  return weight > 0 ? weight : 0;
}

/**
 * For each of `size` outputs around center = scale·(i + ½) + offset, over inputs low..high-1: the first input times
 * `unit` into `first` [size] i32, and weights that sum to one into `weights` [size, taps] i16. `shares` is memory for
 * taps float64. Loops run over all taps, and choices are made without branches, for no branch here can be guessed.
 */
export function linearTaps(
  size: i32, scale: f64, offset: f64, low: i32, high: i32, stretch: f64, taps: i32, unit: i32,
  first: usize, weights: usize, shares: usize,
): void {
  for (let i = 0; i < size; i++) {
    const center = scale * (<f64>i + 0.5) + offset;
    const begin = max(low, <i32>Math.floor(center - stretch + 0.5));
    const count = min(high, <i32>Math.floor(center + stretch + 0.5)) - begin;
    let sum: f64 = 0;
    for (let k = 0; k < taps; k++) {
      const share = k < count ? linear(<f64>(begin + k) - center + 0.5, stretch) : 0;
      store<f64>(shares + ((<usize>k) << 3), share);
      sum += share;
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
  let most = load<f64>(shares) / sum;
  for (let k = 0; k < count; k++) {
    const share = load<f64>(shares + ((<usize>k) << 3)) / sum;
    const whole = Math.floor(share * ONE);
    const weight = <i32>whole + i32(share * ONE - whole >= 0.5);
    store<i16>(weights + ((<usize>k) << 1), <i16>weight);
    left -= weight;
    const larger = share > most + 1e-9;
    other = select(k, other, share > most - 1e-9);
    largest = select(k, largest, larger);
    most = select(share, most, larger);
  }
  const half = other > largest ? left / 2 : 0;
  const most16 = weights + ((<usize>largest) << 1);
  store<i16>(most16, load<i16>(most16) + <i16>(left - half));
  const other16 = weights + ((<usize>other) << 1);
  store<i16>(other16, load<i16>(other16) + <i16>half);
}
