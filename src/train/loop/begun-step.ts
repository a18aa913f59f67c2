/** A step on a batch that was begun, with what must stay until its metrics are there. */
import type { z } from 'zod';
import type { Metrics } from '../../core/events.js';
import { type Batch, fold, keyOf, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { learningRateAt, type learningRateSchema } from '../optimizers/learning-rate.js';
import type { Task } from '../task.js';
import type { Feed } from './one-step.js';
import { checkAdvances, schedulingOf } from './schedules.js';
import type { Stepper } from './stepper.js';

export interface BegunStep {
  /** The caller disposes of both with `freeStep`. */
  readonly batch: Batch;
  readonly feed: Feed;
  readonly metrics: Promise<Metrics>;
  readonly learningRate: number;
  /** Its number, from 1. */
  readonly step: number;
  /** When it was begun. */
  readonly from: number;
}

interface StepOptions {
  readonly seed: number;
  readonly learningRate: z.output<typeof learningRateSchema>;
  readonly epochs?: number;
}

/**
 * Begins a step.
 *
 * @param batch which is disposed of where the step cannot begin
 * @param step its number, from 1
 */
export async function beginStep(
  { task, stepper }: { readonly task: Task; readonly stepper: Stepper },
  options: StepOptions,
  batch: Batch,
  step: number,
): Promise<BegunStep> {
  const from = performance.now();
  const { seed, learningRate: schedule } = options;
  let feed: Feed | undefined;
  try {
    task.check(batch);
    checkAdvances(schedulingOf(task, options), batch);
    const { progress, epoch } = batch;
    const learningRate = learningRateAt(schedule, progress);
    feed = { ...task.feed(batch), learningRate: tf.scalar(learningRate) };
    const key = fold(keyOf(seed), tag('step'), step - 1);
    const where = `at step ${step} (epoch ${epoch}, learning rate ${learningRate})`;
    const { metrics } = await stepper.begin(feed, { key, progress }, where);
    return { batch, feed, metrics, learningRate, step, from };
  } catch (error) {
    if (feed) tf.dispose(feed);
    batch.dispose();
    throw error;
  }
}

export function freeStep({ batch, feed }: BegunStep): void {
  tf.dispose(feed);
  batch.dispose();
}
