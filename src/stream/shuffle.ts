/**
 * A keyed shuffle buffer for streams without random access: each sample waits in a buffer and leaves at a
 * keyed moment. Epochs do not mix. For data sets with random access, `shuffle: true` at the source gives a
 * full shuffle without a buffer.
 */
import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { Draws, fold, keyOf, parseOptions, type Sample, tag } from '../core/index.js';
import { through } from './through.js';

const options = z.strictObject({ buffer: z.int().min(2).default(1000) });

export function shuffle(given: z.input<typeof options> | number = {}): MonoTypeOperatorFunction<Sample> {
  const { buffer } = parseOptions('shuffle', options, typeof given === 'number' ? { buffer: given } : given);
  return through((subscriber) => {
    const held: Sample[] = [];
    let draws: Draws | undefined;
    let epoch = -1;
    const leave = () => {
      const i = (draws as Draws).int(held.length);
      const chosen = held[i] as Sample;
      held[i] = held[held.length - 1] as Sample;
      held.pop();
      subscriber.next(chosen);
    };
    const empty = () => {
      while (held.length > 0 && !subscriber.closed) leave();
    };
    return {
      next(sample) {
        if (sample.epoch !== epoch) {
          empty();
          epoch = sample.epoch;
          draws = new Draws(fold(keyOf(sample.origin.seed), tag('shuffle'), epoch));
        }
        held.push(sample);
        if (held.length >= buffer) leave();
      },
      complete() {
        empty();
        subscriber.complete();
      },
    };
  });
}
