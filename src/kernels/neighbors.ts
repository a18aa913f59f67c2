/**
 * Neighborhood filters: convolution with any kernel, and the median. Padded rows are copied into a ring, so a neighbor is a
 * fixed number of bytes away. The plain twins of engine/neighbors.ts.
 */
import { WEIGHT_BITS as BITS } from './filter.js';
import { type Border, borderIndex } from './geometry.js';

/** A convolution: [dx, dy, weight], out(x, y) = clip(Σ weight · in(x + dx, y + dy)). Σ |weight| ≤ 500. */
export type Taps = readonly (readonly [dx: number, dy: number, weight: number])[];

/** Taps with weights of 14 fractional bits whose sum is exact; their number is even. */
export interface QuantizedTaps {
  readonly dx: Int32Array;
  readonly dy: Int32Array;
  readonly weights: Int16Array;
  /** How far they reach along x and y. */
  readonly reachX: number;
  readonly reachY: number;
}

const ONE = 1 << BITS;
const HALF = 1 << (BITS - 1);
const LARGEST = 32767;

export function quantizeTaps(taps: Taps): QuantizedTaps {
  const whole = taps.map(([, , weight]) => Math.round(weight * ONE));
  const total = Math.round(taps.reduce((sum, [, , weight]) => sum + weight, 0) * ONE);
  let largest = 0;
  for (let i = 0; i < taps.length; i++)
    if (Math.abs(whole[i] as number) > Math.abs(whole[largest] as number)) largest = i;
  (whole[largest] as number) += total - whole.reduce((sum, w) => sum + w, 0);
  const out: [number, number, number][] = [];
  taps.forEach(([dx, dy], i) => {
    // Weights that do not fit in 16 bits are split over several taps on the same pixel.
    for (let left = whole[i] as number; left !== 0; ) {
      const weight = Math.max(-LARGEST, Math.min(LARGEST, left));
      out.push([dx, dy, weight]);
      left -= weight;
    }
  });
  if (out.length % 2 === 1 || out.length === 0) out.push([0, 0, 0]);
  if (out.length % 2 === 1) out.push([0, 0, 0]);
  return {
    dx: Int32Array.from(out, ([dx]) => dx),
    dy: Int32Array.from(out, ([, dy]) => dy),
    weights: Int16Array.from(out, ([, , weight]) => weight),
    reachX: Math.max(...out.map(([dx]) => Math.abs(dx))),
    reachY: Math.max(...out.map(([, dy]) => Math.abs(dy))),
  };
}

/** Bytes behind a padded row that kernels may read. */
const SLACK = 32;

/** Rows of an image padded by the reach of a filter, in a ring of 2·reachY + 1. */
export class PaddedRows {
  private readonly slots: number;
  private readonly pitch: number;
  private readonly held: Int32Array;

  constructor(
    private readonly source: Uint8Array,
    private readonly width: number,
    private readonly height: number,
    private readonly reachX: number,
    private readonly reachY: number,
    private readonly border: Border,
    private readonly ring: Uint8Array,
  ) {
    this.slots = 2 * reachY + 1;
    this.pitch = PaddedRows.pitch(width, reachX);
    this.held = new Int32Array(this.slots).fill(-1 - reachY - 1);
  }

  static pitch(width: number, reachX: number): number {
    return (3 * (width + 2 * reachX) + SLACK + 15) & ~15;
  }

  /** Bytes that the ring needs. */
  static bytes(width: number, reachX: number, reachY: number): number {
    return (2 * reachY + 1) * PaddedRows.pitch(width, reachX);
  }

  /** Where in the ring pixel 0 of row y lies; y may be outside the image. */
  at(y: number): number {
    const slot = (y + this.slots * Math.ceil((this.reachY + 1) / this.slots)) % this.slots;
    const base = slot * this.pitch;
    if (this.held[slot] !== y) {
      this.held[slot] = y;
      this.fill(base, borderIndex(y, 0, this.height, this.border));
    }
    return base + 3 * this.reachX;
  }

  private fill(base: number, y: number): void {
    const { ring, source, width, reachX, border } = this;
    const start = base + 3 * reachX;
    ring.set(source.subarray(3 * width * y, 3 * width * (y + 1)), start);
    for (let i = 1; i <= reachX; i++) {
      const left = start + 3 * borderIndex(-i, 0, width, border);
      const right = start + 3 * borderIndex(width - 1 + i, 0, width, border);
      for (let c = 0; c < 3; c++) {
        ring[start - 3 * i + c] = ring[left + c] as number;
        ring[start + 3 * (width - 1 + i) + c] = ring[right + c] as number;
      }
    }
  }
}

/** Convolves, edges mirrored without the edge pixel twice. */
export function convolve(
  input: Uint8Array,
  output: Uint8Array,
  width: number,
  height: number,
  { dx, dy, weights, reachX, reachY }: QuantizedTaps,
): void {
  const ring = new Uint8Array(PaddedRows.bytes(width, reachX, reachY));
  const rows = new PaddedRows(input, width, height, reachX, reachY, 'reflect', ring);
  const sums = new Int32Array(3 * width);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let t = 0; t < weights.length; t++) {
      const from = rows.at(y + (dy[t] as number)) + 3 * (dx[t] as number);
      const weight = weights[t] as number;
      for (let i = 0; i < 3 * width; i++) sums[i]! += (ring[from + i] as number) * weight;
    }
    const out = 3 * width * y;
    for (let i = 0; i < 3 * width; i++) {
      const v = (sums[i] as number) >> BITS;
      output[out + i] = v < 0 ? 0 : v > 255 ? 255 : v;
    }
  }
}

/** The median of size × size values around each, edges repeated, as OpenCV's medianBlur. */
export function median(
  input: Uint8Array,
  output: Uint8Array,
  width: number,
  height: number,
  size: number,
): void {
  const reach = size >> 1;
  const ring = new Uint8Array(PaddedRows.bytes(width, reach, reach));
  const rows = new PaddedRows(input, width, height, reach, reach, 'edge', ring);
  const values = new Uint8Array(size * size);
  const starts = new Int32Array(size);
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < size; k++) starts[k] = rows.at(y + k - reach) - 3 * reach;
    for (let i = 0; i < 3 * width; i++) {
      for (let k = 0, n = 0; k < size; k++) {
        for (let j = 0; j < size; j++) values[n++] = ring[(starts[k] as number) + i + 3 * j] as number;
      }
      output[3 * width * y + i] = values.sort()[values.length >> 1] as number;
    }
  }
}
