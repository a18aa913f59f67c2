import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import { z } from 'zod';
import { Draws, fold, keyOf, parseOptions, type Sample, tag } from '../core/index.js';
import { linked } from '../core/lineage.js';
import { expectItems } from '../core/order.js';
import { DemandSubscriber, demandOf, Gate } from './demand.js';

const options = z.strictObject({ buffer: z.int().min(2).default(1000) });

/**
 * Shuffles a stream without random access, through a buffer: each sample waits in the buffer and leaves at a position
 * drawn from the seed. Epochs do not mix. For data sets with random access, `shuffle: true` at the source shuffles fully
 * and needs no buffer.
 *
 * @param given `{ buffer }` or its value: samples in the buffer, ≥ 2, default 1000
 * @throws UsageError for bad options, or if it stands behind `batch`
 *
 * @example
 * const samples$ = imageFolder('photos').pipe(shuffle(100));
 */
export function shuffle(given: z.input<typeof options> | number = {}): MonoTypeOperatorFunction<Sample> {
  const { buffer } = parseOptions('shuffle', options, typeof given === 'number' ? { buffer: given } : given);
  return (source) => {
    expectItems('shuffle', 'samples', source);
    const made = new Observable<Sample>((subscriber) => {
      const demand = demandOf(subscriber);
      const held: Sample[] = [];
      /** The rest of an epoch, in order; emitted as the consumer asks. */
      let left: Sample[] = [];
      let draws: Draws | undefined;
      let epoch = -1;
      let ended = false;
      const isOpen = () => !demand.gate || demand.gate.open;
      const gate = new Gate(() => left.length === 0 && isOpen());

      const choose = () => {
        const i = (draws as Draws).int(held.length);
        const chosen = held[i] as Sample;
        held[i] = held[held.length - 1] as Sample;
        held.pop();
        return chosen;
      };
      const empty = () => {
        const tail: Sample[] = [];
        while (held.length > 0) tail.push(choose());
        left = [...left.reverse(), ...tail].reverse();
      };
      const drain = () => {
        while (left.length > 0 && !subscriber.closed && isOpen()) subscriber.next(left.pop() as Sample);
        if (left.length > 0) return;
        if (ended) subscriber.complete();
        else gate.notify();
      };
      const upstream = new DemandSubscriber<Sample>(
        {
          next(sample) {
            if (sample.epoch !== epoch) {
              empty();
              epoch = sample.epoch;
              draws = new Draws(fold(keyOf(sample.origin.seed), tag('shuffle'), epoch));
            }
            held.push(sample);
            if (held.length >= buffer) {
              const chosen = choose();
              if (left.length > 0) left.unshift(chosen);
              else subscriber.next(chosen);
            }
            if (left.length > 0) drain();
          },
          error: (error) => subscriber.error(error),
          complete() {
            empty();
            ended = true;
            drain();
          },
        },
        { ...demand, gate },
      );
      const unlisten = demand.gate?.listen(drain);
      source.subscribe(upstream);
      return () => {
        unlisten?.();
        upstream.unsubscribe();
      };
    });
    return linked(made, { from: source });
  };
}
