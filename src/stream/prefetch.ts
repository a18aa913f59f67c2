import { Observable, type Observer, type OperatorFunction } from 'rxjs';
import { UsageError } from '../core/index.js';
import { linked } from '../core/lineage.js';
import { BatchStream } from './batch-stream.js';
import { DemandSubscriber, demandOf, Gate } from './demand.js';

/**
 * Keeps up to `n` items ready before they are asked for. Directly behind `batch` it sets how many batches are rendered
 * ahead, as `batch(size, { prefetch })` does; elsewhere it holds items in a queue of that length.
 *
 * @param n a whole number ≥ 1
 * @throws UsageError if `n` is not
 *
 * @example
 * const batches$ = imageFolder('photos').pipe(batch(4), prefetch(2));
 */
export function prefetch<T>(n: number): OperatorFunction<T, T> {
  if (!Number.isInteger(n) || n < 1)
    throw new UsageError(`prefetch: expected a whole number ≥ 1 but received ${n}`);
  return (source) =>
    source instanceof BatchStream
      ? (source.with({ prefetch: n }) as unknown as Observable<T>)
      : queued(source, n);
}

function queued<T>(source: Observable<T>, n: number): Observable<T> {
  const made = new Observable<T>((subscriber) => {
    const demand = demandOf(subscriber);
    const queue: T[] = [];
    let ended: { readonly error?: { readonly cause: unknown } } | undefined;
    const gate = new Gate(() => queue.length < n);
    const drain = () => {
      while (queue.length > 0 && !subscriber.closed && (!demand.gate || demand.gate.open)) {
        subscriber.next(queue.shift() as T);
        gate.notify();
      }
      if (!ended || queue.length > 0) return;
      if (ended.error) subscriber.error(ended.error.cause);
      else subscriber.complete();
    };
    const observer: Observer<T> = {
      next(item) {
        queue.push(item);
        drain();
      },
      error(cause) {
        ended = { error: { cause } };
        drain();
      },
      complete() {
        ended = {};
        drain();
      },
    };
    const upstream = new DemandSubscriber(observer, { ...demand, gate });
    const unlisten = demand.gate?.listen(drain);
    source.subscribe(upstream);
    return () => {
      unlisten?.();
      upstream.unsubscribe();
      for (const item of queue.splice(0)) (item as { dispose?(): void }).dispose?.();
    };
  });
  return linked(made, { from: source });
}
