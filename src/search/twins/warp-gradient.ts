/** The way back through a warp of one image. */
import type { Shape } from './images.js';

export type Coefficients = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export interface Rim {
  /** What lies outside the image, 0..255. */
  readonly level: number;
  /** Whether each place shows its nearest pixel alone. */
  readonly nearest: boolean;
}

interface Warped {
  /** [H, W, C], 0..255. */
  readonly input: Uint8Array;
  /** Gradient by what came out, [H, W, C]. */
  readonly from: Float32Array;
  /** Gradient by what went in, which is added to. */
  readonly to: Float32Array;
}

/** Weights are rounded to 1/2048: nearer than half of that is on the middle of a pixel. */
const ON = 1 / 4096;
/** Float32 coefficients of images some hundred pixels wide. */
const SLACK = 1e-4;

/** Gradient by the six coefficients; adds to `to`. */
export function warpGradient(image: Warped, matrix: Coefficients, shape: Shape, rim: Rim): Coefficients {
  const { input, from, to } = image;
  const { width, height, channels } = shape;
  const [a, b, c, d, e, f] = matrix;
  const clamped = upright(matrix) && inside(matrix, width, height);
  const line = width * channels;
  /** Offset of a pixel; −1 outside. */
  const column = (x: number) =>
    x >= 0 && x < width ? x * channels : clamped ? (x < 0 ? 0 : line - channels) : -1;
  const row = (y: number) =>
    y >= 0 && y < height ? y * line : clamped ? (y < 0 ? 0 : (height - 1) * line) : -1;
  let [A, B, C, D, E, F] = [0, 0, 0, 0, 0, 0];
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = a * (x + 0.5) + b * (y + 0.5) + c - 0.5;
      const v = d * (x + 0.5) + e * (y + 0.5) + f - 0.5;
      const left = Math.floor(u + ON);
      const top = Math.floor(v + ON);
      if (left < -1 || top < -1 || left > width || top > height) {
        o += channels;
        continue;
      }
      const wx = Math.max(0, u - left);
      const wy = Math.max(0, v - top);
      const [l, r] = [column(left), column(left + 1)];
      const [t, s] = [row(top), row(top + 1)];
      const [i, j] = [l < 0 || t < 0 ? -1 : t + l, r < 0 || t < 0 ? -1 : t + r];
      const [k, m] = [l < 0 || s < 0 ? -1 : s + l, r < 0 || s < 0 ? -1 : s + r];
      // On the middle of a pixel the slopes on both sides count.
      const before = wx < ON ? column(left - 1) : 0;
      const above = wy < ON ? row(top - 1) : 0;
      const nearest = rim.nearest ? [i, j, k, m][Number(wx >= 0.5) + 2 * Number(wy >= 0.5)] : undefined;
      let U = 0;
      let V = 0;
      for (let n = 0; n < channels; n++, o++) {
        const g = from[o] as number;
        if (g === 0) continue;
        const p = i < 0 ? rim.level : (input[i + n] as number);
        const q = j < 0 ? rim.level : (input[j + n] as number);
        const P = k < 0 ? rim.level : (input[k + n] as number);
        const Q = m < 0 ? rim.level : (input[m + n] as number);
        if (wx < ON) {
          const edge = before < 0 || t < 0 ? rim.level : (input[t + before + n] as number);
          const lower = before < 0 || s < 0 ? rim.level : (input[s + before + n] as number);
          U += (g * ((q - edge) * (1 - wy) + (Q - lower) * wy)) / 2;
        } else U += g * ((q - p) * (1 - wy) + (Q - P) * wy);
        if (wy < ON) {
          const edge = above < 0 || l < 0 ? rim.level : (input[above + l + n] as number);
          const right = above < 0 || r < 0 ? rim.level : (input[above + r + n] as number);
          V += (g * ((P - edge) * (1 - wx) + (Q - right) * wx)) / 2;
        } else V += g * ((P - p) * (1 - wx) + (Q - q) * wx);
        if (nearest !== undefined) {
          if (nearest >= 0) to[nearest + n] = (to[nearest + n] as number) + g;
          continue;
        }
        if (i >= 0) to[i + n] = (to[i + n] as number) + g * (1 - wx) * (1 - wy);
        if (j >= 0) to[j + n] = (to[j + n] as number) + g * wx * (1 - wy);
        if (k >= 0) to[k + n] = (to[k + n] as number) + g * (1 - wx) * wy;
        if (m >= 0) to[m + n] = (to[m + n] as number) + g * wx * wy;
      }
      A += U * (x + 0.5);
      B += U * (y + 0.5);
      C += U;
      D += V * (x + 0.5);
      E += V * (y + 0.5);
      F += V;
    }
  }
  return [A / 255, B / 255, C / 255, D / 255, E / 255, F / 255];
}

/** Rows map to rows, or to columns. */
const upright = ([a, b, , d, e]: Coefficients) => (b === 0 && d === 0) || (a === 0 && e === 0);

/** Nothing outside the image is seen: there, an upright warp repeats the edge. */
function inside([a, b, c, d, e, f]: Coefficients, width: number, height: number): boolean {
  const within = (p: number, q: number, r: number, most: number) => {
    const ends = [r, p * width + r, q * height + r, p * width + q * height + r];
    return Math.min(...ends) >= -SLACK && Math.max(...ends) <= most + SLACK;
  };
  return within(a, b, c, width) && within(d, e, f, height);
}
