/** Convolution for filters: on the kernels, and plainly; the same bytes. */
import { convolution, type Kernels, type Regions, resample, resampled } from '../../kernels/index.js';
import type { Tools } from './plan.js';

export const plainTools: Tools = {
  separable(input, output, width, height, alongX, alongY) {
    const row = resampled(
      { data: input, width, height },
      convolution(width, alongX),
      convolution(height, alongY),
    );
    for (let y = 0; y < height; y++) row(y, output.subarray(3 * width * y, 3 * width * (y + 1)));
  },
};

/** Weights of the largest kernel that `prepare` makes room for. */
const MOST = 128;

export class EngineTools implements Tools {
  constructor(
    private readonly kernels: Kernels,
    private readonly regions: Regions,
  ) {}

  /** Makes room for any convolution, so that views of the memory last; gives a view of all of it. */
  prepare(side: number): Uint8Array {
    const { regions } = this;
    for (const name of ['weights', 'column weights']) regions.at(name, 2 * MOST * side);
    regions.at('first', 4 * side);
    regions.at('rows', 4 * MOST);
    regions.at('ring', MOST * (3 * side + 32));
    return regions.bytes;
  }

  separable: Tools['separable'] = (input, output, width, height, alongX, alongY) => {
    const { kernels, regions } = this;
    const long = Math.max(alongX.length, alongY.length) + 4 > MOST;
    if (long || input.buffer !== kernels.memory.buffer || output.buffer !== kernels.memory.buffer) {
      return plainTools.separable(input, output, width, height, alongX, alongY);
    }
    const image = { at: input.byteOffset, width, height };
    const [h, v] = [convolution(width, alongX), convolution(height, alongY)];
    resample(kernels, regions, image, h, v)(0, height, output.byteOffset);
  };
}
