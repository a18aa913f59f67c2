/**
 * The few lowest frequencies of an image, and nothing else of its Fourier transform:
 * F(u, v) = Σ f(x, y) e^(−2πi(ux/W + vy/H)) for 0 ≤ u ≤ U, |v| ≤ V; the rest follows as f is real.
 */

export interface LowFrequencies {
  readonly U: number;
  readonly V: number;
  /** [U + 1, 2V + 1], v from −V to V. */
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Cosines and sines of 2π·k·i/n for k = 0..K, [K + 1, n] each. */
function waves(K: number, n: number): { cos: Float64Array; sin: Float64Array } {
  const cos = new Float64Array((K + 1) * n);
  const sin = new Float64Array((K + 1) * n);
  for (let k = 0; k <= K; k++) {
    for (let i = 0; i < n; i++) {
      const angle = (2 * Math.PI * ((k * i) % n)) / n;
      cos[k * n + i] = Math.cos(angle);
      sin[k * n + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}

/** Frequencies up to `radius` that `n` samples can tell apart. */
const highest = (radius: number, n: number) => Math.min(radius, (n - 1) >> 1);

/** Of one channel of [H, W, 3] uint8. */
export function lowFrequencies(
  data: Uint8Array,
  channel: number,
  width: number,
  height: number,
  radius: number,
): LowFrequencies {
  const [U, V] = [highest(radius, width), highest(radius, height)];
  const across = waves(U, width);
  const down = waves(V, height);
  const span = 2 * V + 1;
  const real = new Float64Array((U + 1) * span);
  const imaginary = new Float64Array((U + 1) * span);
  const line = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    for (let x = 0, i = 3 * y * width + channel; x < width; x++, i += 3) line[x] = data[i] as number;
    for (let u = 0; u <= U; u++) {
      let re = 0;
      let im = 0;
      for (let x = 0, i = u * width; x < width; x++, i++) {
        re += line[x]! * across.cos[i]!;
        im -= line[x]! * across.sin[i]!;
      }
      for (let v = -V; v <= V; v++) {
        const k = Math.abs(v) * height + y;
        const [c, s] = [down.cos[k]!, v < 0 ? -down.sin[k]! : down.sin[k]!];
        const at = u * span + v + V;
        real[at]! += re * c + im * s;
        imaginary[at]! += im * c - re * s;
      }
    }
  }
  return { U, V, real, imaginary };
}

/** Adds to one channel of `from` what these frequencies stand for, into `to`; rounded and clipped. */
export function addFrequencies(
  { U, V, real, imaginary }: LowFrequencies,
  from: Uint8Array,
  to: Uint8Array,
  channel: number,
  width: number,
  height: number,
): void {
  const across = waves(U, width);
  const down = waves(V, height);
  const span = 2 * V + 1;
  const line = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    line.fill(0);
    for (let u = 0; u <= U; u++) {
      let re = 0;
      let im = 0;
      for (let v = -V; v <= V; v++) {
        const k = Math.abs(v) * height + y;
        const [c, s] = [down.cos[k]!, v < 0 ? -down.sin[k]! : down.sin[k]!];
        const at = u * span + v + V;
        re += real[at]! * c - imaginary[at]! * s;
        im += real[at]! * s + imaginary[at]! * c;
      }
      // Each frequency but the constant has its mirror image at −u, which adds the same again.
      const times = (u === 0 ? 1 : 2) / (width * height);
      for (let x = 0, i = u * width; x < width; x++, i++) {
        line[x]! += times * (re * across.cos[i]! - im * across.sin[i]!);
      }
    }
    for (let x = 0, i = 3 * y * width + channel; x < width; x++, i += 3) {
      const v = Math.floor(from[i]! + line[x]! + 0.5);
      to[i] = v < 0 ? 0 : v > 255 ? 255 : v;
    }
  }
}
