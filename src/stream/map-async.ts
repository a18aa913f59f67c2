/**
 * Maps with an async function, in order, at most `concurrency` at a time: the bounded `mergeMap` that RxJS
 * lacks. It asks its source for more only when it has room.
 */
import { Observable, type Observer, type OperatorFunction } from 'rxjs';
import { DemandSubscriber, demandOf, Gate } from './demand.js';

export function mapAsync<T, R>(
  project: (item: T, index: number) => Promise<R> | R,
  { concurrency = 1 }: { concurrency?: number } = {},
): OperatorFunction<T, R> {
  return (source) =>
    new Observable<R>((subscriber) => {
      const demand = demandOf(subscriber);
      const waiting: T[] = [];
      const queue: { done: boolean; value?: R }[] = [];
      let index = 0;
      let ended = false;
      const gate = new Gate(() => !subscriber.closed && queue.length + waiting.length < concurrency);

      const begin = (item: T) => {
        const place: { done: boolean; value?: R } = { done: false };
        queue.push(place);
        Promise.resolve(index++)
          .then((i) => project(item, i))
          .then(
            (value) => {
              Object.assign(place, { done: true, value });
              drain();
            },
            (error) => subscriber.error(error),
          );
      };
      const drain = () => {
        while (queue[0]?.done && !subscriber.closed && (!demand.gate || demand.gate.open)) {
          subscriber.next((queue.shift() as { value: R }).value);
          const next = waiting.shift();
          if (next !== undefined) begin(next);
          gate.notify();
        }
        if (ended && queue.length === 0 && waiting.length === 0) subscriber.complete();
      };
      const observer: Observer<T> = {
        // A source that pays no heed to the gate is queued, never run beyond the bound.
        next: (item) => (queue.length < concurrency ? begin(item) : void waiting.push(item)),
        error: (error) => subscriber.error(error),
        complete() {
          ended = true;
          drain();
        },
      };
      const upstream = new DemandSubscriber(observer, { ...demand, gate });
      const unlisten = demand.gate?.listen(drain);
      source.subscribe(upstream);
      return () => {
        unlisten?.();
        upstream.unsubscribe();
      };
    });
}
