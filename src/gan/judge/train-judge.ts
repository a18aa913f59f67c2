import type { Observable } from 'rxjs';
import type { TrainEvent } from '../../core/events.js';
import type { Batch } from '../../core/index.js';
import { pull } from '../../stream/demand.js';
import { loadClassifier } from '../../train/classification/kind.js';
import type { Batches } from '../../train/loop/evaluate.js';
import { cnn } from '../../train/models/cnn.js';
import { oneCycle } from '../../train/optimizers/learning-rate.js';
import { type TrainOptions, train } from '../../train/train.js';
import { type Judge, judge } from './judge.js';

/** Options of `trainJudge`: those of `train` for a classifier, the checkpoint, and training images. */
export interface TrainJudgeOptions extends Partial<TrainOptions> {
  /** Where the classifier is saved. */
  readonly checkpoint: { readonly dir: string };
  /** Training images without augmentation, for finding memorized images. */
  readonly training?: Batches;
}

/**
 * Trains the classifier of a judge and returns the judge: `using referee = yield* trainJudge(…)` in the `run` of a pipeline. Its
 * events are those of the run 'judge'; with `resume` and a finished checkpoint the judge is loaded at once. The model is a small
 * CNN by default. The result is undefined if the signal aborts the training.
 *
 * @throws UsageError or RxaugError as `train`
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const learning = trainJudge(images$, { model: cnn({ filters: [4] }), checkpoint: { dir: 'judge' }, backend: 'cpu' });
 * let next = await learning.next();
 * while (!next.done) next = await learning.next();
 * console.log(next.value?.classes); // → [ 'cat', 'dog' ]
 */
export async function* trainJudge(
  batches$: Observable<Batch>,
  { training, ...options }: TrainJudgeOptions,
): AsyncGenerator<TrainEvent & { run: string }, (Judge & Disposable) | undefined> {
  const events$ = train(batches$, {
    model: cnn({ filters: [32, 64, 128] }),
    learningRate: oneCycle(0.1),
    weightDecay: 5e-3,
    ...options,
  });
  for await (const event of pull(events$)) yield { ...event, run: 'judge' };
  if (options.signal?.aborted) return undefined;
  const classifier = await loadClassifier(`${options.checkpoint.dir}/last.ckpt`);
  return { ...judge(classifier, { training }), [Symbol.dispose]: () => classifier.dispose() };
}
