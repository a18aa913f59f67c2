/** Means over batches, weighted by their sizes. */

import type { Observable } from 'rxjs';
import type { EpochEvent } from '../../core/events.js';
import { type BadSample, type Batch, RxaugError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { pull } from '../../stream/demand.js';
import { readNumbers, type State, type Tensors } from '../state/tensors.js';
import type { Compute, Evaluated, Measure, Task } from '../task.js';
import { checkIsBatch } from './batch-tensors.js';
import { numberedAs } from './by-name.js';

export type Batches = Observable<Batch> | (() => Observable<Batch>);

/** Opens the stream at its first batch; the caller cancels it. */
export const opened = (batches: Batches) => pull(typeof batches === 'function' ? batches() : batches);

/** Opens a stream for a function. The stream is cancelled at an abort, even while it waits, and at the end. */
export async function whileOpen<T>(
  batches: Batches,
  signal: AbortSignal | undefined,
  use: (stream: AsyncIterable<Batch>) => Promise<T>,
): Promise<T> {
  const stream = opened(batches);
  const cancel = () => stream.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await use(stream);
  } finally {
    signal?.removeEventListener('abort', cancel);
    stream.cancel();
  }
}

/** Evaluates a state on a stream; undefined if the signal came before the end. */
export async function measureUntil(
  signal: AbortSignal,
  task: Task,
  state: State,
  given: Batches,
  compute: Compute = kernelByKernel(state),
): Promise<Evaluated | undefined> {
  if (signal.aborted) return undefined;
  try {
    const bad: BadSample[] = [];
    const measured = await whileOpen(given, signal, (stream) =>
      task.evaluate(state, admitted(stream, task, bad), signal, compute),
    );
    return signal.aborted ? undefined : { ...measured, ...(bad.length > 0 && { bad }) };
  } catch (error) {
    if (signal.aborted) return undefined; // aborted before its first batch
    throw error;
  }
}

/**
 * The batches with labels by the class numbers of the model; samples they left out are noted. An evaluation set may
 * lack classes of the model, or have another order.
 */
async function* admitted(
  batches: AsyncIterable<Batch>,
  { spec, ownClasses }: Task,
  bad: BadSample[],
): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    checkIsBatch(batch, 'evaluation');
    bad.push(...batch.bad);
    let numbered: Batch | undefined;
    try {
      numbered = ownClasses ? batch : numberedAs(batch, spec.classes, 'evaluation');
    } finally {
      if (!numbered) batch.dispose();
    }
    yield numbered;
  }
}

/** Computes measures of a state kernel by kernel. */
export const kernelByKernel =
  (state: State): Compute =>
  async (measure, feed) => {
    const tensors = tf.tidy(() => measure(state, feed) as Record<string, tf.Tensor>);
    try {
      return await readNumbers(tensors);
    } finally {
      tf.dispose(tensors);
    }
  };

/** What `measureOver` does with each batch. */
export interface Measuring {
  /** Its tensors, which are disposed of afterwards; throws if it does not fit. */
  feed(batch: Batch): Tensors;
  readonly measure: Measure;
  readonly compute: Compute;
  /** Results that are passed on as numbers, and not averaged. */
  readonly gather?: Readonly<Record<string, (values: ArrayLike<number>) => void>>;
}

/** Averages the scalars of a measure, weighted by the sizes of batches. Every batch is disposed of. */
export async function measureOver(
  batches: AsyncIterable<Batch>,
  { feed, measure, compute, gather = {} }: Measuring,
): Promise<Evaluated> {
  const totals = new Totals();
  const bad: BadSample[] = [];
  let index = 0;
  for await (const batch of batches) {
    checkIsBatch(batch, 'evaluation');
    bad.push(...batch.bad);
    try {
      const tensors = feed(batch);
      try {
        const numbers = Object.entries(await compute(measure, tensors, index++));
        const scalars = numbers
          .filter(([name]) => !(name in gather))
          .map(([name, values]) => [name, values[0]]);
        totals.add(Object.fromEntries(scalars), batch.size);
        for (const [name, values] of numbers) gather[name]?.(values);
      } finally {
        tf.dispose(tensors as Record<string, tf.Tensor>);
      }
    } finally {
      batch.dispose();
    }
    await yieldToEventLoop();
  }
  if (totals.samples === 0) {
    throw new RxaugError(
      'evaluation: expected at least one batch but the stream ended; check its path and filters',
    );
  }
  return { samples: totals.samples, metrics: totals.means(), ...(bad.length > 0 && { bad }) };
}

/** Lets timers, signals and messages of workers run between two native operations, which block the thread. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Sums of metrics weighted by samples, as plain JSON: a checkpoint can hold those of an unfinished epoch. */
export class Totals {
  constructor(
    public samples = 0,
    readonly sums: Record<string, number> = {},
  ) {}

  private leftOut: EpochEvent['leftOut'];

  /** How many samples were used and, where there are any, left out: the latter of this session. */
  get counts(): Pick<EpochEvent, 'samples' | 'leftOut'> {
    return { samples: this.samples, ...(this.leftOut && { leftOut: this.leftOut }) };
  }

  add(
    metrics: Readonly<Record<string, number>>,
    samples: number,
    [bad, ...more]: readonly BadSample[] = [],
  ): void {
    this.samples += samples;
    if (bad) {
      const { count, first } = this.leftOut ?? { count: 0, first: bad };
      this.leftOut = { count: count + 1 + more.length, first };
    }
    for (const [name, value] of Object.entries(metrics)) {
      this.sums[name] = (this.sums[name] ?? 0) + value * samples;
    }
  }

  means(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.sums).map(([name, sum]) => [name, sum / Math.max(1, this.samples)]),
    );
  }
}
