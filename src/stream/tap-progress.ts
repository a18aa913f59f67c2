/** Tells an observer how far the stream is, at most so often; what passes through is not touched. */
import { defer, type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { Batch, Sample } from '../core/index.js';
import { linked } from '../core/lineage.js';

export interface StreamProgress {
  readonly epoch: number;
  /** Items so far: samples or batches. */
  readonly items: number;
  /** Images so far. */
  readonly images: number;
  readonly imagesPerSecond: number;
  /** Training progress in [0, 1]; 0 where the number of epochs is open. */
  readonly progress: number;
}

export function tapProgress<T extends Sample | Batch>(
  report: (progress: StreamProgress) => void,
  { everySeconds = 1 }: { everySeconds?: number } = {},
): MonoTypeOperatorFunction<T> {
  return (source) => {
    const tapped = defer(() => {
      const from = performance.now();
      let told = from;
      let items = 0;
      let images = 0;
      let last: T | undefined;
      const tell = () => {
        told = performance.now();
        const imagesPerSecond = (1000 * images) / Math.max(1, told - from);
        report({ epoch: last?.epoch ?? 0, items, images, imagesPerSecond, progress: last?.progress ?? 0 });
      };
      return source.pipe(
        tap({
          next(item) {
            items++;
            images += 'size' in item ? item.size : 1;
            last = item;
            if (performance.now() - told >= 1000 * everySeconds) tell();
          },
          complete: tell,
        }),
      );
    });
    return linked(tapped, { from: source });
  };
}
