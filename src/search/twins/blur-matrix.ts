/** A Gaussian along a line of pixels, mirrored at its ends, as a matrix with its derivative by σ. */

/** For each pixel the pixels that it reads. */
export interface Line {
  /** Of each pixel: where its taps begin. One more than there are pixels. */
  readonly begin: Int32Array;
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
  return { begin: Int32Array.from({ length: size + 1 }, (_, i) => i * taps), index, weight, change };
}

/** Without the edge twice. */
function mirrored(i: number, size: number): number {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const k = ((i % period) + period) % period;
  return k < size ? k : period - k;
}

/** How lines lie in an image [H, W, C]: `count` of them, from `start(n)` on, `step` values between neighbors. */
export interface Lines {
  readonly count: number;
  readonly step: number;
  start(n: number): number;
}

export const rowsOf = (width: number, height: number, channels: number): Lines => ({
  count: height * channels,
  step: channels,
  start: (n) => Math.floor(n / channels) * width * channels + (n % channels),
});

export const columnsOf = (width: number, channels: number): Lines => ({
  count: width * channels,
  step: width * channels,
  start: (n) => n,
});

/** Each line times the matrix of some weights. */
export function along(
  values: ArrayLike<number>,
  lines: Lines,
  line: Line,
  weights: Float32Array,
): Float32Array {
  const out = new Float32Array(values.length);
  each(lines, line, (to, from, k) => {
    out[to] = (out[to] as number) + (weights[k] as number) * (values[from] as number);
  });
  return out;
}

/** Each line times the transposed matrix: the way back of `along`. */
export function back(
  values: ArrayLike<number>,
  lines: Lines,
  line: Line,
  weights: Float32Array,
): Float32Array {
  const out = new Float32Array(values.length);
  each(lines, line, (to, from, k) => {
    out[from] = (out[from] as number) + (weights[k] as number) * (values[to] as number);
  });
  return out;
}

function each(
  lines: Lines,
  { begin, index }: Line,
  visit: (to: number, from: number, k: number) => void,
): void {
  const size = begin.length - 1;
  for (let n = 0; n < lines.count; n++) {
    const start = lines.start(n);
    for (let i = 0; i < size; i++) {
      const to = start + i * lines.step;
      for (let k = begin[i] as number; k < (begin[i + 1] as number); k++) {
        visit(to, start + (index[k] as number) * lines.step, k);
      }
    }
  }
}
