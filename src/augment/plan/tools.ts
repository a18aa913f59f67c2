/** The tools of filters: in WebAssembly and in plain TypeScript, with the same bytes. */
import {
  assignOn,
  assignPlainly,
  cellsOf,
  convolution,
  convolve,
  convolveOn,
  isNear,
  type Kernels,
  MOST_CENTERS,
  median,
  medianOn,
  quantizeTaps,
  type Regions,
  resample,
  resampled,
  reserveNeighbors,
  reserveSlic,
  slic,
} from '../../kernels/index.js';
import type { Tools } from './plan.js';

export const plainTools: Tools = {
  separable(input, output, width, height, alongX, alongY) {
    this.resample(input, width, height, output, convolution(width, alongX), convolution(height, alongY));
  },
  resample(input, width, height, output, h, v) {
    const row = resampled({ data: input, width, height }, h, v);
    const bytes = 3 * h.first.length;
    for (let y = 0; y < v.first.length; y++) row(y, output.subarray(bytes * y, bytes * (y + 1)));
  },
  convolve: (input, output, width, height, taps) =>
    convolve(input, output, width, height, quantizeTaps(taps)),
  median,
  slic: (input, width, height, segments) =>
    slic(input, width, height, segments, assignPlainly(input, width, height)),
};

/** Weights of the largest kernel that `prepare` makes room for. */
const MOST = 128;

export class EngineTools implements Tools {
  constructor(
    private readonly kernels: Kernels,
    private readonly regions: Regions,
  ) {}

  /** Grows the memory for any convolution, which keeps views of it valid, and returns a view of all of it. */
  prepare(side: number): Uint8Array {
    const { regions } = this;
    for (const name of ['weights', 'row weights']) regions.at(name, 2 * MOST * side);
    for (const name of ['first', 'first rows']) regions.at(name, 4 * side);
    for (const name of ['rows', 'held']) regions.at(name, 4 * MOST);
    regions.at('ring', MOST * (3 * side + 32));
    reserveNeighbors(regions, side);
    reserveSlic(regions, side);
    return regions.bytes;
  }

  separable: Tools['separable'] = (input, output, width, height, alongX, alongY) =>
    this.resample(input, width, height, output, convolution(width, alongX), convolution(height, alongY));

  resample: Tools['resample'] = (input, width, height, output, h, v) => {
    const { kernels, regions } = this;
    if (Math.max(h.taps, v.taps) > MOST || !this.holds(input, output)) {
      return plainTools.resample(input, width, height, output, h, v);
    }
    const image = { at: input.byteOffset, width, height };
    resample(kernels, regions, image, h, v)(0, v.first.length, output.byteOffset);
  };

  convolve: Tools['convolve'] = (input, output, width, height, taps) => {
    const quantized = quantizeTaps(taps);
    if (!isNear(quantized) || !this.holds(input, output)) {
      return convolve(input, output, width, height, quantized);
    }
    const image = { at: input.byteOffset, width, height };
    convolveOn(this.kernels, this.regions, image, output.byteOffset, quantized);
  };

  slic: Tools['slic'] = (input, width, height, segments) => {
    const { columns, rows } = cellsOf(width, height, segments);
    if (input.buffer !== this.kernels.memory.buffer || columns * rows > MOST_CENTERS) {
      return plainTools.slic(input, width, height, segments);
    }
    const image = { at: input.byteOffset, width, height };
    return slic(input, width, height, segments, assignOn(this.kernels, this.regions, image));
  };

  median: Tools['median'] = (input, output, width, height, size) => {
    if (!this.holds(input, output)) return median(input, output, width, height, size);
    const image = { at: input.byteOffset, width, height };
    medianOn(this.kernels, this.regions, image, output.byteOffset, size);
  };

  /** Whether both lie in the memory of the kernels. */
  private holds(input: Uint8Array, output: Uint8Array): boolean {
    const { buffer } = this.kernels.memory;
    return input.buffer === buffer && output.buffer === buffer;
  }
}
