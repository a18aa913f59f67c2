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
/** So near that neither side is meant: single precision of coefficients. */
const NEITHER = 5e-5;
/** Below a hair: an image that is moved by one shows its border. */
const SLACK = 2e-5;

/**
 * Gradient by the six coefficients; adds to `to`. The slope along an axis is the difference of the two neighbors. On the
 * middle of a pixel it is that of the side by a hair, and in the very middle the mean of both.
 */
export function warpGradient(image: Warped, matrix: Coefficients, shape: Shape, rim: Rim): Coefficients {
  const { input, from, to } = image;
  const { width, height, channels } = shape;
  const { level, nearest } = rim;
  const [a, b, c, d, e, f] = matrix;
  const clamped = upright(matrix) && inside(matrix, width, height);
  const columns = offsets(width, channels, clamped);
  const rows = offsets(height, width * channels, clamped);
  let [A, B, C, D, E, F] = [0, 0, 0, 0, 0, 0];
  for (let y = 0, o = 0; y < height; y++) {
    let [U, V, UX, VX] = [0, 0, 0, 0];
    for (let x = 0; x < width; x++, o += channels) {
      const u = a * (x + 0.5) + b * (y + 0.5) + c - 0.5;
      const v = d * (x + 0.5) + e * (y + 0.5) + f - 0.5;
      const left = Math.floor(u + ON);
      const top = Math.floor(v + ON);
      if (left < -1 || top < -1 || left > width || top > height) continue;
      const du = u - left;
      const dv = v - top;
      const wx = du < ON ? 0 : du;
      const wy = dv < ON ? 0 : dv;
      const l = columns[left + 2] as number;
      const r = columns[left + 3] as number;
      const t = rows[top + 2] as number;
      const s = rows[top + 3] as number;
      const i = l < 0 || t < 0 ? -1 : t + l;
      const j = r < 0 || t < 0 ? -1 : t + r;
      const k = l < 0 || s < 0 ? -1 : s + l;
      const m = r < 0 || s < 0 ? -1 : s + r;
      let gu = 0;
      let gv = 0;
      if (!nearest && wx > 0 && wy > 0 && i >= 0 && j >= 0 && k >= 0 && m >= 0) {
        // Between four pixels of the image: most places, and nothing to decide for any channel.
        const [vx, vy] = [1 - wx, 1 - wy];
        for (let n = 0; n < channels; n++) {
          const g = from[o + n] as number;
          const p = input[i + n] as number;
          const q = input[j + n] as number;
          const P = input[k + n] as number;
          const Q = input[m + n] as number;
          gu += g * ((q - p) * vy + (Q - P) * wy);
          gv += g * ((P - p) * vx + (Q - q) * wx);
          const upper = g * vy;
          const lower = g * wy;
          to[i + n] = (to[i + n] as number) + upper * vx;
          to[j + n] = (to[j + n] as number) + upper * wx;
          to[k + n] = (to[k + n] as number) + lower * vx;
          to[m + n] = (to[m + n] as number) + lower * wx;
        }
        U += gu;
        V += gv;
        UX += gu * (x + 0.5);
        VX += gv * (x + 0.5);
        continue;
      }
      // How much of the slope is that towards the left, and upwards.
      const before = wx > 0 || du > NEITHER ? 0 : du < -NEITHER ? 1 : 0.5;
      const above = wy > 0 || dv > NEITHER ? 0 : dv < -NEITHER ? 1 : 0.5;
      const beforeAt = before > 0 ? (columns[left + 1] as number) : -1;
      const aboveAt = above > 0 ? (rows[top + 1] as number) : -1;
      const one = nearest ? (wx < 0.5 ? (wy < 0.5 ? i : k) : wy < 0.5 ? j : m) : -1;
      for (let n = 0; n < channels; n++) {
        const g = from[o + n] as number;
        const p = i < 0 ? level : (input[i + n] as number);
        const q = j < 0 ? level : (input[j + n] as number);
        const P = k < 0 ? level : (input[k + n] as number);
        const Q = m < 0 ? level : (input[m + n] as number);
        let along = (q - p) * (1 - wy) + (Q - P) * wy;
        let across = (P - p) * (1 - wx) + (Q - q) * wx;
        if (before > 0) {
          const upper = beforeAt < 0 || t < 0 ? level : (input[t + beforeAt + n] as number);
          const lower = beforeAt < 0 || s < 0 ? level : (input[s + beforeAt + n] as number);
          along = (1 - before) * along + before * ((p - upper) * (1 - wy) + (P - lower) * wy);
        }
        if (above > 0) {
          const near = aboveAt < 0 || l < 0 ? level : (input[aboveAt + l + n] as number);
          const far = aboveAt < 0 || r < 0 ? level : (input[aboveAt + r + n] as number);
          across = (1 - above) * across + above * ((p - near) * (1 - wx) + (q - far) * wx);
        }
        gu += g * along;
        gv += g * across;
        if (nearest) {
          if (one >= 0) to[one + n] = (to[one + n] as number) + g;
          continue;
        }
        const upper = g * (1 - wy);
        const lower = g * wy;
        if (i >= 0) to[i + n] = (to[i + n] as number) + upper * (1 - wx);
        if (j >= 0) to[j + n] = (to[j + n] as number) + upper * wx;
        if (k >= 0) to[k + n] = (to[k + n] as number) + lower * (1 - wx);
        if (m >= 0) to[m + n] = (to[m + n] as number) + lower * wx;
      }
      U += gu;
      V += gv;
      UX += gu * (x + 0.5);
      VX += gv * (x + 0.5);
    }
    A += UX;
    B += U * (y + 0.5);
    C += U;
    D += VX;
    E += V * (y + 0.5);
    F += V;
  }
  return [A / 255, B / 255, C / 255, D / 255, E / 255, F / 255];
}

/** Where line i begins, at i + 2, for i from −2 to two beyond the last; −1 outside, or there the edge. */
function offsets(size: number, stride: number, clamped: boolean): Int32Array {
  return Int32Array.from({ length: size + 5 }, (_, at) => {
    const i = at - 2;
    if (i >= 0 && i < size) return i * stride;
    return clamped ? stride * (i < 0 ? 0 : size - 1) : -1;
  });
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
