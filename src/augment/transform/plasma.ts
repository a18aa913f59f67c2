/**
 * Plasma: a fractal field in [0, 1] by the diamond-square algorithm (Fournier, Fussell and Carpenter, 1982), on a
 * fixed grid over the image: it looks the same at every size.
 */
import { fold, hash, type Key } from '../../core/index.js';
import type { RowStep } from '../../kernels/index.js';
import type { PlanBuilder } from '../plan/plan.js';

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

/** The mean of those of four neighbors that lie on the grid. */
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

/** The value below which this share of a field lies. */
export function level(field: Float32Array, share: number): number {
  const sorted = field.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

/** Values that a field in 0..1 is rounded to before it is looked up. */
const LEVELS = 1024;

/**
 * A step that makes value · gain + bias of each value, by the field where it stands. The grid is square and spans
 * the longer side.
 */
export function lowerPlasma(
  name: string,
  field: Float32Array,
  toneOf: (p: number) => readonly [gain: number, bias: number],
  plan: PlanBuilder,
): void {
  const tones = Array.from({ length: LEVELS + 1 }, (_, i) => toneOf(i / LEVELS));
  const gains = Float32Array.from(tones, ([gain]) => gain);
  const biases = Float32Array.from(tones, ([, bias]) => bias + 0.5);
  const pitch = Math.fround(CELLS / Math.max(plan.width, plan.height));
  plan.row(name, plainly(field, pitch, gains, biases), (kernels, regions, place) => {
    const lineAt = regions.at(`plasma line ${place}`, 4 * SIDE);
    const gainsAt = regions.at(`plasma gains ${place}`, 4 * gains.length);
    const biasesAt = regions.at(`plasma biases ${place}`, 4 * biases.length);
    regions.float32(gainsAt, gains.length).set(gains);
    regions.float32(biasesAt, biases.length).set(biases);
    return (at, y0, y1, width) => {
      const line = regions.float32(lineAt, SIDE);
      for (let y = y0; y < y1; y++, at += 3 * width) {
        along(field, y, pitch, line);
        kernels.plasmaRow(at, width, lineAt, pitch, gainsAt, biasesAt);
      }
    };
  });
}

/** The field at output row y. */
function along(field: Float32Array, y: number, pitch: number, line: Float32Array): void {
  const v = (y + 0.5) * pitch;
  const top = Math.floor(v);
  const low = top * SIDE;
  for (let i = 0; i < SIDE; i++) {
    line[i] = field[low + i]! + (v - top) * (field[low + SIDE + i]! - field[low + i]!);
  }
}

/** The plain twin of the kernel `plasmaRow`. */
function plainly(field: Float32Array, pitch: number, gains: Float32Array, biases: Float32Array): RowStep {
  const f = Math.fround;
  const line = new Float32Array(SIDE);
  return (row, y) => {
    along(field, y, pitch, line);
    for (let x = 0, i = 0; i < row.length; x++) {
      const u = f((x + 0.5) * pitch);
      const left = Math.floor(u);
      const first = line[left]!;
      const p = f(first + f(f(u - left) * f(line[left + 1]! - first)));
      const level = Math.trunc(f(f(p * LEVELS) + 0.5));
      for (const end = i + 3; i < end; i++) {
        const v = f(f(row[i]! * gains[level]!) + biases[level]!);
        row[i] = v <= 0 ? 0 : v >= 255 ? 255 : v;
      }
    }
  };
}
