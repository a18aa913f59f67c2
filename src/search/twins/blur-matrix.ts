/** A Gaussian along a line of pixels, mirrored at its ends, as a matrix with its derivative by σ. */

/** For each pixel the pixels that it reads. */
export interface Line {
  readonly size: number;
  /** Pixels that each reads. */
  readonly taps: number;
  readonly index: Int32Array;
  readonly weight: Float32Array;
  /** d weight / dσ. */
  readonly change: Float32Array;
}

/** Weights exp(−d²/2σ²) up to 3σ, divided by their sum. */
export function gaussianLine(size: number, sigma: number): Line {
  const reach = Math.ceil(3 * sigma);
  const taps = 2 * reach + 1;
  const raw = Array.from({ length: taps }, (_, k) =>
    reach === 0 ? 1 : Math.exp(-((k - reach) ** 2) / (2 * sigma * sigma)),
  );
  const rise = raw.map((w, k) => (reach === 0 ? 0 : (w * (k - reach) ** 2) / sigma ** 3));
  const [sum, sumRise] = [raw, rise].map((values) => values.reduce((total, v) => total + v, 0)) as [
    number,
    number,
  ];
  const index = new Int32Array(size * taps);
  const weight = new Float32Array(size * taps);
  const change = new Float32Array(size * taps);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < taps; k++) {
      index[i * taps + k] = mirrored(i + k - reach, size);
      weight[i * taps + k] = (raw[k] as number) / sum;
      change[i * taps + k] = ((rise[k] as number) - ((raw[k] as number) * sumRise) / sum) / sum;
    }
  }
  return { size, taps, index, weight, change };
}

/** Without the edge twice. */
function mirrored(i: number, size: number): number {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const k = ((i % period) + period) % period;
  return k < size ? k : period - k;
}

/** An image [H, W, C] as [outer, size, inner], with lines along its middle axis. */
export interface Lines {
  readonly outer: number;
  readonly inner: number;
}

export const rowsOf = (height: number, channels: number): Lines => ({ outer: height, inner: channels });
export const columnsOf = (width: number, channels: number): Lines => ({ outer: 1, inner: width * channels });

type Values = Float32Array | Uint8Array;

/** Each line times the matrix of some weights. */
export const along = (values: Values, lines: Lines, line: Line, weights: Float32Array): Float32Array =>
  product(values, lines, line, weights, false);

/** Each line times the transposed matrix: the way back of `along`. */
export const back = (values: Values, lines: Lines, line: Line, weights: Float32Array): Float32Array =>
  product(values, lines, line, weights, true);

function product(
  values: Values,
  lines: Lines,
  line: Line,
  weights: Float32Array,
  transposed: boolean,
): Float32Array {
  const out = new Float32Array(values.length);
  // Of colors along a row three numbers are far too few for a loop of their own.
  if (lines.inner === 3) ofThree(values, out, lines, line, weights, transposed);
  else ofMany(values, out, lines, line, weights, transposed);
  return out;
}

function ofThree(
  values: Values,
  out: Float32Array,
  { outer }: Lines,
  { taps, index, size }: Line,
  weights: Float32Array,
  transposed: boolean,
): void {
  for (let n = 0; n < outer; n++) {
    const first = n * size * 3;
    for (let i = 0; i < size; i++) {
      const row = first + 3 * i;
      const [r, g, b] = [values[row] as number, values[row + 1] as number, values[row + 2] as number];
      let [red, green, blue] = [0, 0, 0];
      for (let k = i * taps; k < (i + 1) * taps; k++) {
        const at = first + 3 * (index[k] as number);
        const weight = weights[k] as number;
        if (transposed) {
          out[at] = (out[at] as number) + weight * r;
          out[at + 1] = (out[at + 1] as number) + weight * g;
          out[at + 2] = (out[at + 2] as number) + weight * b;
        } else {
          red += weight * (values[at] as number);
          green += weight * (values[at + 1] as number);
          blue += weight * (values[at + 2] as number);
        }
      }
      if (transposed) continue;
      out[row] = red;
      out[row + 1] = green;
      out[row + 2] = blue;
    }
  }
}

function ofMany(
  values: Values,
  out: Float32Array,
  { outer, inner }: Lines,
  { taps, index, size }: Line,
  weights: Float32Array,
  transposed: boolean,
): void {
  for (let n = 0; n < outer; n++) {
    for (let i = 0; i < size; i++) {
      const row = (n * size + i) * inner;
      for (let k = i * taps; k < (i + 1) * taps; k++) {
        const read = (n * size + (index[k] as number)) * inner;
        const [from, to] = transposed ? [row, read] : [read, row];
        const weight = weights[k] as number;
        for (let c = 0; c < inner; c++) {
          out[to + c] = (out[to + c] as number) + weight * (values[from + c] as number);
        }
      }
    }
  }
}
