/**
 * Plasma: a fractal field in [0, 1] by the diamond-square algorithm (Fournier, Fussell and Carpenter, 1982), on a
 * fixed grid that is laid over the image, so that it looks the same at every size.
 */
import { fold, hash, type Key } from '../core/index.js';
import type { PlanBuilder } from './plan/plan.js';

const CELLS = 64;
const SIDE = CELLS + 1;

/** Row-major [65, 65]. `roughness` in 0..1: how much of each octave's amplitude the next one has. */
export function plasma(key: Key, roughness: number): Float32Array {
  const field = new Float32Array(SIDE * SIDE);
  const noise = (octave: Key, x: number, y: number) => hash(octave, x, y)[0] / 2147483648 - 1;
  for (const y of [0, CELLS]) for (const x of [0, CELLS]) field[y * SIDE + x] = noise(key, x, y);
  let amplitude = 1;
  for (let step = CELLS, level = 1; step > 1; step /= 2, level++) {
    const half = step / 2;
    const octave = fold(key, level);
    for (let y = half; y < SIDE; y += step) {
      for (let x = half; x < SIDE; x += step) {
        field[y * SIDE + x] = mean(field, x, y, half, DIAGONAL) + amplitude * noise(octave, x, y);
      }
    }
    for (let y = 0; y < SIDE; y += half) {
      for (let x = y % step === 0 ? half : 0; x < SIDE; x += step) {
        field[y * SIDE + x] = mean(field, x, y, half, STRAIGHT) + amplitude * noise(octave, x, y);
      }
    }
    amplitude *= roughness;
  }
  const low = field.reduce((a, b) => Math.min(a, b));
  const high = field.reduce((a, b) => Math.max(a, b));
  return field.map((v) => (v - low) / (high - low || 1));
}

const DIAGONAL = [-1, -1, 1, -1, -1, 1, 1, 1];
const STRAIGHT = [0, -1, -1, 0, 1, 0, 0, 1];

/** The mean of those of four neighbours that lie on the grid. */
function mean(field: Float32Array, x: number, y: number, reach: number, where: readonly number[]): number {
  let sum = 0;
  let n = 0;
  for (let k = 0; k < 8; k += 2) {
    const u = x + reach * (where[k] as number);
    const v = y + reach * (where[k + 1] as number);
    if (u < 0 || v < 0 || u >= SIDE || v >= SIDE) continue;
    sum += field[v * SIDE + u] as number;
    n++;
  }
  return sum / n;
}

/** Interpolates a field over an image; the grid is square and spans the longer side. */
export function overImage(
  field: Float32Array,
  width: number,
  height: number,
): (y: number, values: Float32Array) => void {
  const pitch = CELLS / Math.max(width, height);
  const line = new Float32Array(SIDE);
  return (y, values) => {
    const v = (y + 0.5) * pitch;
    const top = Math.floor(v);
    const low = top * SIDE;
    for (let i = 0; i < SIDE; i++) {
      line[i] = field[low + i]! + (v - top) * (field[low + SIDE + i]! - field[low + i]!);
    }
    for (let x = 0; x < width; x++) {
      const u = (x + 0.5) * pitch;
      const left = Math.floor(u);
      values[x] = line[left]! + (u - left) * (line[left + 1]! - line[left]!);
    }
  };
}

/** The value below which this share of a field lies. */
export function level(field: Float32Array, share: number): number {
  const sorted = field.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

/** A step that changes each value by the field where it stands; `change` is made once the field is known. */
export function lowerPlasma(
  name: string,
  key: Key,
  roughness: number,
  plan: PlanBuilder,
  change: (field: Float32Array) => (value: number, p: number) => number,
): void {
  const field = plasma(key, roughness);
  const then = change(field);
  const { width } = plan;
  const at = overImage(field, width, plan.height);
  const values = new Float32Array(width);
  plan.row(name, (row, y) => {
    at(y, values);
    for (let x = 0, i = 0; x < width; x++) {
      const p = values[x] as number;
      for (const end = i + 3; i < end; i++) {
        const v = then(row[i] as number, p) + 0.5;
        row[i] = v <= 0 ? 0 : v >= 255 ? 255 : v;
      }
    }
  });
}
