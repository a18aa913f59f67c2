import { defer, type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { Batch, Sample } from '../core/index.js';
import { linked } from '../core/lineage.js';

/** How far a stream is. */
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

/**
 * Calls `report` with the position and the speed of the stream at most every `everySeconds` seconds, and once at the end.
 * Samples and batches pass unchanged.
 *
 * @param report receives a `StreamProgress`
 * @param options `everySeconds`, default 1
 *
 * @example
 * const batches$ = imageFolder('photos').pipe(
 *   batch(4),
 *   tapProgress(({ images }) => console.log(`${images} images`)),
 * );
 * for await (const b of pull(batches$)) b.dispose();
 */
export function tapProgress<T extends Sample | Batch>(
  report: (progress: StreamProgress) => void,
  { everySeconds = 1 }: { everySeconds?: number } = {},
): MonoTypeOperatorFunction<T> {
  return (source) => {
    const tapped = defer(() => {
      const from = performance.now();
      let reported = from;
      let items = 0;
      let images = 0;
      let last: T | undefined;
      const send = () => {
        reported = performance.now();
        const imagesPerSecond = (1000 * images) / Math.max(1, reported - from);
        report({ epoch: last?.epoch ?? 0, items, images, imagesPerSecond, progress: last?.progress ?? 0 });
      };
      return source.pipe(
        tap({
          next(item) {
            items++;
            images += 'size' in item ? item.size : 1;
            last = item;
            if (performance.now() - reported >= 1000 * everySeconds) send();
          },
          complete: send,
        }),
      );
    });
    return linked(tapped, { from: source });
  };
}
