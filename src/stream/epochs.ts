/** Makes the source repeat: n passes, each with its own order and draws. `Infinity` for as many as are taken. */
import type { MonoTypeOperatorFunction } from 'rxjs';
import { UsageError } from '../core/index.js';
import { through } from './through.js';

export function epochs<T>(n: number): MonoTypeOperatorFunction<T> {
  if (!(n === Number.POSITIVE_INFINITY || (Number.isInteger(n) && n >= 1))) {
    throw new UsageError(`epochs: expected a whole number ≥ 1 or Infinity but received ${n}`);
  }
  return through(
    (subscriber) => ({ next: (item) => subscriber.next(item) }),
    (demand) => ({ ...demand, epochs: demand.epochs ?? n }),
  );
}
