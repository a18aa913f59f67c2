/** Fake batches with pixels in [−1, 1]: a gentle tint by class under noise, and a bright half whose place varies. */
import { type Fake, type FakeOptions, fakeBatches } from '../train/batches.js';

export function colored({ signal = 1, change = (batch) => batch, ...options }: FakeOptions = {}): Fake {
  return fakeBatches({
    ...options,
    signal: 3 * signal,
    change(batch) {
      const { images, width, channels, height } = batch;
      for (let i = 0; i < images.length; i++) {
        const row = Math.floor(i / (width * channels)) % height;
        const n = Math.floor(i / (width * channels * height));
        const bright = row < height / 2 === (n % 2 === 0) ? 0.4 : -0.4;
        images[i] = Math.tanh(0.25 * images[i] + bright);
      }
      return change(batch);
    },
  });
}
