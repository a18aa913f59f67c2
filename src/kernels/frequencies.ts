/**
 * The lowest frequencies of an image, without the rest of its Fourier transform:
 * F(u, v) = Σ f(x, y) e^(−2πi(ux/W + vy/H)) for 0 ≤ u ≤ U, |v| ≤ V; the rest follows as f is real. Rows first, then
 * columns; the row functions are the plain twins of assembly/frequencies.ts.
 */

export interface Frequencies {
  readonly U: number;
  readonly V: number;
  /** [3, U + 1, 2V + 1], by channel, v from −V to V. */
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** The row functions: `sums` and `shares` are [U + 1, 3] pairs of the parts of cosine and sine. */
export interface FrequencyRows {
  sums(y: number, sums: Float64Array): void;
  add(y: number, shares: Float64Array): void;
}

/** Pairs of cosine and sine of 2π·k·i/n for k = 0..K, [K + 1, n]. */
export function waves(K: number, n: number): Float64Array {
  const pairs = new Float64Array(2 * (K + 1) * n);
  for (let k = 0, at = 0; k <= K; k++) {
    for (let i = 0; i < n; i++) {
      const angle = (2 * Math.PI * ((k * i) % n)) / n;
      pairs[at++] = Math.cos(angle);
      pairs[at++] = Math.sin(angle);
    }
  }
  return pairs;
}

/** The highest frequency up to `radius` that `n` samples can represent. */
export const highest = (radius: number, n: number): number => Math.min(radius, (n - 1) >> 1);

export function lowFrequencies(
  rows: Pick<FrequencyRows, 'sums'>,
  width: number,
  height: number,
  radius: number,
): Frequencies {
  const [U, V] = [highest(radius, width), highest(radius, height)];
  const down = waves(V, height);
  const span = 2 * V + 1;
  const real = new Float64Array(3 * (U + 1) * span);
  const imaginary = new Float64Array(real.length);
  const sums = new Float64Array(6 * (U + 1));
  for (let y = 0; y < height; y++) {
    rows.sums(y, sums);
    for (let i = 0; i < 3 * (U + 1); i++) {
      const re = sums[2 * i]!;
      const im = -sums[2 * i + 1]!;
      const at = ((i % 3) * (U + 1) + Math.floor(i / 3)) * span;
      for (let v = -V; v <= V; v++) {
        const k = 2 * (Math.abs(v) * height + y);
        const c = down[k]!;
        const s = v < 0 ? -down[k + 1]! : down[k + 1]!;
        real[at + v + V]! += re * c + im * s;
        imaginary[at + v + V]! += im * c - re * s;
      }
    }
  }
  return { U, V, real, imaginary };
}

/** Adds the waves of these frequencies to an image. */
export function addFrequencies(
  { U, V, real, imaginary }: Frequencies,
  rows: Pick<FrequencyRows, 'add'>,
  width: number,
  height: number,
): void {
  const down = waves(V, height);
  const span = 2 * V + 1;
  const shares = new Float64Array(6 * (U + 1));
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < 3 * (U + 1); i++) {
      const u = Math.floor(i / 3);
      const at = ((i % 3) * (U + 1) + u) * span;
      let re = 0;
      let im = 0;
      for (let v = -V; v <= V; v++) {
        const k = 2 * (Math.abs(v) * height + y);
        const c = down[k]!;
        const s = v < 0 ? -down[k + 1]! : down[k + 1]!;
        re += real[at + v + V]! * c - imaginary[at + v + V]! * s;
        im += real[at + v + V]! * s + imaginary[at + v + V]! * c;
      }
      // Each frequency but the constant has its mirror image at −u, which adds the same again.
      const times = (u === 0 ? 1 : 2) / (width * height);
      shares[2 * i] = times * re;
      shares[2 * i + 1] = times * im;
    }
    rows.add(y, shares);
  }
}

/** Rows of an image, [H, W, 3] uint8, read from `input` and written to `output`. */
export function frequencyRows(
  input: Uint8Array,
  output: Uint8Array,
  width: number,
  U: number,
): FrequencyRows {
  const pairs = waves(U, width);
  return {
    sums(y, sums) {
      for (let i = 0; i < 3 * (U + 1); i++) {
        let cos = 0;
        let sin = 0;
        let at = 2 * width * Math.floor(i / 3);
        for (let x = 0, p = 3 * width * y + (i % 3); x < width; x++, p += 3, at += 2) {
          cos += pairs[at]! * input[p]!;
          sin += pairs[at + 1]! * input[p]!;
        }
        sums[2 * i] = cos;
        sums[2 * i + 1] = sin;
      }
    },
    add(y, shares) {
      for (let x = 0, p = 3 * width * y; x < width; x++) {
        for (let c = 0; c < 3; c++, p++) {
          let sum = 0;
          for (let u = 0, at = 2 * x; u <= U; u++, at += 2 * width) {
            sum += shares[6 * u + 2 * c]! * pairs[at]! - shares[6 * u + 2 * c + 1]! * pairs[at + 1]!;
          }
          const v = Math.floor(input[p]! + sum + 0.5);
          output[p] = v < 0 ? 0 : v > 255 ? 255 : v;
        }
      }
    },
  };
}
