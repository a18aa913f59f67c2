/**
 * Maps with an async function, in order, at most `concurrency` at a time: the bounded `mergeMap` that RxJS
 * lacks. It asks its source for more only when it has room. An error comes after the results before it.
 */
import { Observable, type Observer, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../core/index.js';
import { linked } from '../core/lineage.js';
import { DemandSubscriber, demandOf, Gate } from './demand.js';

const options = z.strictObject({ concurrency: z.int().min(1).default(1) });

/** A place in the order of the stream. */
type Place<R> = { readonly state: 'at work' } | { readonly state: 'done'; readonly value: R } | Failed;
type Failed = { readonly state: 'failed'; readonly error: unknown };

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
        const slot: { place: Place<R> } = { place: { state: 'at work' } };
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
        // A source that pays no heed to the gate is queued, never run beyond the bound.
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

/** What nobody will receive gives its memory back. */
function release(value: unknown): void {
  (value as { dispose?(): void } | null | undefined)?.dispose?.();
}
