/**
 * What the operators of this folder have in common: they work on rendered batches, in order, two at a time, so that one
 * is made ready while a model is at work on the other.
 */
import type { MonoTypeOperatorFunction } from 'rxjs';
import {
  type Batch,
  type Draw,
  fold,
  type Key,
  neverAdvances,
  scheduleIn,
  UsageError,
} from '../../core/index.js';
import { linked } from '../../core/lineage.js';
import { expectItems } from '../../core/order.js';
import { mapAsync } from '../../stream/map-async.js';
import { derive } from '../../stream/mix/mixing.js';

/** The batch afterwards, and what was drawn for it; nothing drawn leaves no trace in the recipe. */
export interface Staged {
  readonly batch: Batch;
  readonly draw?: Draw;
}

const AHEAD = { concurrency: 2 };

/** `options` may hold schedules. `work` draws from a key of its own for this batch: the same whatever was done before, and in whichever process. */
export function stage(
  name: string,
  options: object,
  work: (batch: Batch, key: Key) => Promise<Staged>,
): MonoTypeOperatorFunction<Batch> {
  const scheduled = scheduleIn(options);
  const staged = mapAsync(async (batch: Batch) => {
    try {
      if (scheduled !== undefined && batch.origin.epochs === Number.POSITIVE_INFINITY)
        throw new UsageError(neverAdvances(`${name}: ${scheduled}`));
      const { batch: made, draw } = await work(batch, fold(batch.key, batch.mixes));
      return derive(made, {
        mixes: batch.mixes + 1,
        recipe: draw ? [...batch.recipe, draw] : batch.recipe,
      });
    } catch (error) {
      batch.dispose();
      throw error;
    }
  }, AHEAD);
  // An export cannot write a model into a file of another library, and must not pass it over.
  return (source) => {
    expectItems(name, 'batches', source);
    return linked(staged(source), { from: source, opaque: name });
  };
}
