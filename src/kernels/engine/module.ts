/** The compiled kernels: their signatures, and one instance with its own memory for each thread that renders. */
import { readFileSync } from 'node:fs';
import { RxaugError } from '../../core/errors.js';

/** A byte address in the memory of the kernels. */
export type Address = number;

/** A `WebAssembly.Memory`, whose name projects without DOM types do not have. */
export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What ../assembly exports; the comments there say what each does. */
export interface Kernels {
  readonly memory: Memory;
  copyRow(src: Address, along: Address, width: number, dst: Address, fill: number): void;
  copySpan(src: Address, bytes: number, dst: Address): void;
  copyReversed(src: Address, width: number, dst: Address): void;
  fillRow(width: number, dst: Address, fill: number): void;
  resampleRows(
    src: Address,
    stride: number,
    last: number,
    first: Address,
    weights: Address,
    taps: number,
    width: number,
    firstRows: Address,
    rowWeights: Address,
    rowTaps: number,
    ring: Address,
    pitch: number,
    held: Address,
    rows: Address,
    y0: number,
    y1: number,
    dst: Address,
  ): void;
  linearTaps(
    size: number,
    scale: number,
    offset: number,
    low: number,
    high: number,
    stretch: number,
    taps: number,
    unit: number,
    first: Address,
    weights: Address,
    shares: Address,
  ): void;
  vertical(rows: Address, weights: Address, taps: number, bytes: number, dst: Address): void;
  nearestRow: AffineRow;
  bilinearRow: AffineRow;
  remapRow(
    src: Address,
    stride: number,
    sourceWidth: number,
    sourceHeight: number,
    us: Address,
    vs: Address,
    mask: number,
    border: number,
    fill: number,
    width: number,
    dst: Address,
  ): void;
  medianRow(rows: Address, size: number, bytes: number, dst: Address): void;
  nearestCenters(
    pixels: Address,
    count: number,
    places: Address,
    py: number,
    centers: Address,
    columns: number,
    r0: number,
    r1: number,
    c0: number,
    c1: number,
    labels: Address,
  ): void;
  noiseRow(data: Address, width: number, a: number, b: number, tables: Address, shared: number): void;
  lumaRow(src: Address, pixels: number, dst: Address): void;
  countRow(data: Address, n: number, counts: Address): void;
  claheRow(
    src: Address,
    lumas: Address,
    pixels: number,
    upper: Address,
    lower: Address,
    share: number,
    firsts: Address,
    seconds: Address,
    shares: Address,
    dst: Address,
  ): void;
  frequencyRow(src: Address, width: number, waves: Address, count: number, sums: Address): void;
  addFrequencyRow(
    src: Address,
    width: number,
    waves: Address,
    count: number,
    shares: Address,
    dst: Address,
  ): void;
  plasmaRow(
    data: Address,
    width: number,
    line: Address,
    pitch: number,
    gains: Address,
    biases: Address,
  ): void;
  colorMatrix(data: Address, pixels: number, ...matrix: number[]): void;
  shiftHsv(data: Address, pixels: number, turn: number, saturation: number, value: number): void;
  latticeRow(
    line: Address,
    first: Address,
    weights: Address,
    taps: number,
    y: number,
    shift: number,
    width: number,
    us: Address,
    vs: Address,
  ): void;
  /** Eight numbers of the homography, then y, shift, width, us, vs. */
  homographyRow(...values: number[]): void;
  radialRow(
    table: Address,
    scale: number,
    cx: number,
    cy: number,
    y: number,
    shift: number,
    width: number,
    us: Address,
    vs: Address,
  ): void;
  lookUp(data: Address, bytes: number, table: Address): void;
  lookUp3(data: Address, bytes: number, tables: Address): void;
  keepBits(data: Address, bytes: number, mask: number): void;
  invertFrom(data: Address, bytes: number, threshold: number): void;
  line(data: Address, bytes: number, slope: number, offset: number): void;
  lineOfTable(table: Address, line: Address): number;
  lineOfFactor(factor: number, line: Address): number;
  saturate(data: Address, pixels: number, slope: number, offset: number): void;
  saturateAnyhow(data: Address, pixels: number, factor: number): void;
  sharpness(src: Address, width: number, height: number, factor: number, sums: Address, dst: Address): void;
  sumLuma(data: Address, pixels: number): number;
  sumChannels(data: Address, pixels: number, sums: Address): void;
  histogram(data: Address, pixels: number, counts: Address, other: Address): void;
  extremes(data: Address, pixels: number, ends: Address): void;
  writeInterleaved(src: Address, pixels: number, coefficients: Address, dst: Address): void;
  writePlanar(src: Address, pixels: number, coefficients: Address, dst: Address, plane: number): void;
}

type AffineRow = (
  src: Address,
  stride: number,
  u: number,
  v: number,
  du: number,
  dv: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  border: number,
  fill: number,
  width: number,
  dst: Address,
) => void;

let compiled: WebAssembly.Module | undefined;

/** The built module; if this file runs from source (tests), that in dist. */
const FILE = import.meta.url.endsWith('.ts') ? '../../../dist/kernels/kernels.wasm' : '../kernels.wasm';

/** A new instance. The module is compiled once for each thread. */
export function instantiate(): Kernels {
  compiled ??= new WebAssembly.Module(built());
  const abort = () => {
    throw new Error('kernels: a WebAssembly assertion failed');
  };
  return new WebAssembly.Instance(compiled, { env: { abort } }).exports as unknown as Kernels;
}

function built(): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(new URL(FILE, import.meta.url));
  } catch (error) {
    throw new RxaugError('kernels: the compiled kernels are missing; run npm run build', { cause: error });
  }
}
