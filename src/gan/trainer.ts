/**
 * The two ways to train a generative model, from how it starts: `train`, a stream of batches in and a stream of events
 * out, and `fit`, for those who want the model, which is then theirs.
 */
import type { Observable } from 'rxjs';
import type { z } from 'zod';
import type { TrainEvent } from '../core/events.js';
import { type Batch, parseOptions, RxaugError } from '../core/index.js';
import { checkRunning, type Running, ready, told } from '../train/loop/options.js';
import type { Finished } from '../train/loop/train-task.js';
import type { Task } from '../train/task.js';

type Emit = (event: TrainEvent) => void;

export interface TrainerOptions<S extends z.ZodType<Running>, T extends Task, M> {
  /** 'Gan': errors begin with 'trainGan' and 'fitGan'. */
  readonly name: string;
  readonly schema: S;
  /** What the schema cannot see. */
  check?(owner: string, options: z.output<S>): void;
  /** The backend is loaded. */
  start(
    batches$: Observable<Batch>,
    options: z.output<S>,
    emit: Emit,
    stop: AbortController,
  ): Promise<Finished<T> | undefined>;
  model(finished: Finished<T>): M;
}

export interface Trainer<O, M> {
  train(batches$: Observable<Batch>, options: O): Observable<TrainEvent>;
  fit(batches$: Observable<Batch>, options: O, emit?: Emit): Promise<M>;
}

export function trainer<S extends z.ZodType<Running>, T extends Task, M>({
  name,
  schema,
  check,
  start,
  model,
}: TrainerOptions<S, T, M>): Trainer<z.input<S>, M> {
  const parse = (owner: string, options: z.input<S>) => {
    const parsed = parseOptions(owner, schema, options);
    checkRunning(owner, parsed);
    check?.(owner, parsed);
    return parsed;
  };
  const begin = async (
    batches$: Observable<Batch>,
    options: z.output<S>,
    emit: Emit,
    stop: AbortController,
  ) => {
    await ready(options.backend);
    return start(batches$, options, emit, stop);
  };
  return {
    train(batches$, options) {
      const parsed = parse(`train${name}`, options);
      return told((emit, stop) => begin(batches$, parsed, emit, stop));
    },
    async fit(batches$, options, emit = () => {}) {
      const parsed = parse(`fit${name}`, options);
      const finished = await begin(batches$, parsed, emit, new AbortController());
      if (finished) return model(finished);
      throw new RxaugError(`fit${name}: was aborted before the first batch; there is no model`);
    },
  };
}
