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

/** The new batch, and the draw for its recipe; without a draw the recipe does not change. */
export interface Staged {
  readonly batch: Batch;
  readonly draw?: Draw;
}

const AHEAD = { concurrency: 2 };

/**
 * An operator on rendered batches, in order. Two batches are processed at a time, so one is prepared while a model works on
 * the other. `options` may hold schedules. `work` receives a key for this batch, which does not depend on earlier batches
 * or on the process.
 */
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
  // An export cannot write a model into a file of another library, and must not leave it out silently.
  return (source) => {
    expectItems(name, 'batches', source);
    return linked(staged(source), { from: source, opaque: name });
  };
}
