import { gaussianBlur } from '../../augment/index.js';
import { along, back, columnsOf, gaussianLine, rowsOf } from './blur-matrix.js';
import { pixelTwin } from './pixel-twin.js';

/**
 * out = Y·X·x, with X and Y a Gaussian of σ pixels along rows and columns. By σ: ⟨g, (Y′X + YX′)x⟩; by the image:
 * XᵀYᵀg.
 */
export const gaussianBlurTwin = pixelTwin({
  lower: (plan, sigma) => gaussianBlur.op.lower({ sigma: Math.min(20, Math.max(0, sigma)) }, plan),
  backward({ input, shape: { width, height, channels }, magnitude: sigma, from, to }) {
    if (sigma <= 0) {
      to.set(from);
      return 0;
    }
    const [rows, columns] = [rowsOf(height, channels), columnsOf(width, channels)];
    const [x, y] = [gaussianLine(width, sigma), gaussianLine(height, sigma)];
    const half = back(from, columns, y, y.weight);
    to.set(back(half, rows, x, x.weight));
    const byRows = dot(half, along(input, rows, x, x.change));
    const byColumns = dot(back(from, columns, y, y.change), along(input, rows, x, x.weight));
    return (byRows + byColumns) / 255;
  },
});

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
