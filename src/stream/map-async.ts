import { Observable, type Observer, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../core/index.js';
import { linked } from '../core/lineage.js';
import { DemandSubscriber, demandOf, Gate } from './demand.js';

const options = z.strictObject({ concurrency: z.int().min(1).default(1) });

/** A position in the order of the stream. */
type Place<R> = { readonly state: 'running' } | { readonly state: 'done'; readonly value: R } | Failed;
type Failed = { readonly state: 'failed'; readonly error: unknown };

/**
 * Maps with an async function, in order, at most `concurrency` calls at a time: RxJS's `mergeMap` keeps no order, and
 * neither it nor `concatMap` asks its source for less. `mapAsync` asks its source for more only when it has room. An error
 * comes after the results before it. Results that no one receives are disposed if they have `dispose()`.
 *
 * @param project called with each item and its index from 0
 * @param given `{ concurrency }`, a whole number ≥ 1, default 1
 * @throws UsageError for bad options
 *
 * @example
 * const named$ = imageFolder('photos').pipe(mapAsync(async ({ id }) => id.toUpperCase(), { concurrency: 4 }));
 * const names: string[] = [];
 * for await (const name of pull(named$)) names.push(name);
 * names.slice(0, 2) // → ['CAT/0.PNG', 'CAT/1.PNG']
 */
export function mapAsync<T, R>(
  project: (item: T, index: number) => Promise<R> | R,
  given: z.input<typeof options> = {},
): OperatorFunction<T, R> {
  const { concurrency } = parseOptions('mapAsync', options, given);
  return (source) => {
    const made = new Observable<R>((subscriber) => {
      const demand = demandOf(subscriber);
      const waiting: T[] = [];
      const queue: { place: Place<R> }[] = [];
      let index = 0;
      let ended = false;
      const gate = new Gate(() => !subscriber.closed && queue.length + waiting.length < concurrency);

      const begin = (item: T) => {
        const slot: { place: Place<R> } = { place: { state: 'running' } };
        queue.push(slot);
        const settle = (place: Place<R>) => {
          slot.place = place;
          if (!subscriber.closed) drain();
          else if (place.state === 'done') release(place.value);
        };
        const work = async () => project(item, index++);
        work().then(
          (value) => settle({ state: 'done', value }),
          (error) => settle({ state: 'failed', error }),
        );
      };
      const drain = () => {
        while (queue.length > 0 && !subscriber.closed) {
          const { place } = queue[0] as { place: Place<R> };
          if (place.state === 'failed') subscriber.error(place.error);
          if (place.state !== 'done' || (demand.gate && !demand.gate.open)) return;
          queue.shift();
          if (waiting.length > 0) begin(waiting.shift() as T);
          subscriber.next(place.value);
          gate.notify();
        }
        if (ended && queue.length === 0) subscriber.complete();
      };
      const observer: Observer<T> = {
        // A source that ignores the gate is queued, never run beyond the bound.
        next: (item) => (queue.length < concurrency ? begin(item) : void waiting.push(item)),
        error(error) {
          for (const item of waiting.splice(0)) release(item);
          queue.push({ place: { state: 'failed', error } });
          drain();
        },
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
        for (const item of waiting.splice(0)) release(item);
        for (const { place } of queue.splice(0)) if (place.state === 'done') release(place.value);
      };
    });
    return linked(made, { from: source, foreign: true });
  };
}

/** Frees a result that no one will receive. */
function release(value: unknown): void {
  (value as { dispose?(): void } | null | undefined)?.dispose?.();
}
