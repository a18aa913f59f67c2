import type { MonoTypeOperatorFunction } from 'rxjs';
import { UsageError } from '../core/index.js';
import { through } from './through.js';

/**
 * Repeats the source: `n` passes over the data, each with its own order and its own draws. Stands anywhere behind the
 * source; of several, the last one in the pipe counts.
 *
 * @param n a whole number ≥ 1, or `Infinity` for as many passes as the consumer takes; replaces the source's `epochs`
 * @throws UsageError if `n` is neither
 *
 * @example
 * const pixels$ = imageFolder('photos').pipe(epochs(2), batch(4));
 * let images = 0;
 * for await (const b of pull(pixels$)) { images += b.size; b.dispose(); }
 * console.log(images); // → 16
 */
export function epochs<T>(n: number): MonoTypeOperatorFunction<T> {
  if (!(n === Number.POSITIVE_INFINITY || (Number.isInteger(n) && n >= 1))) {
    throw new UsageError(`epochs: expected a whole number ≥ 1 or Infinity but received ${n}`);
  }
  return through(
    (subscriber) => ({ next: (item) => subscriber.next(item) }),
    (demand) => ({ ...demand, epochs: demand.epochs ?? n }),
  );
}
