/** What a training costs on this machine: a few steps of the recipe, timed. */
import type { Observable } from 'rxjs';
import type { Sample } from '../../core/index.js';
import { batch } from '../../stream/batch.js';
import { samples } from '../../stream/source.js';
import type { BackendRequest } from '../../train/backends/backend.js';
import { fit, sgd } from '../../train/index.js';
import { arrayDataset, type Images, select } from '../data/images.js';
import type { Augmentation } from '../policy/augmentation.js';
import type { SearchProblem } from '../problem.js';
import { behind, clean, scaled } from './run-trial.js';

/** Of one process: seconds of an image, rendered and learned from, and rendered and passed forward. */
export interface Speed {
  readonly secondsPerImageEpoch: number;
  readonly secondsPerForward: number;
  /** Which backend it computes on, and why. */
  readonly backend: string;
}

/** The first steps, which set things up, do not count; then so many milliseconds or steps, whichever ends first. */
const [FIRST, MILLISECONDS, STEPS] = [2, 3000, 100];
const FORWARD = 200;

/** Trains for some seconds under what costs as much as a policy does. */
export async function measureSpeed(
  problem: SearchProblem,
  images: Images,
  { operators, stages }: Augmentation,
  { signal, backend }: { readonly signal: AbortSignal; readonly backend?: BackendRequest },
): Promise<Speed> {
  const stop = new AbortController();
  const abort = () => stop.abort();
  signal.addEventListener('abort', abort, { once: true });
  const { model, batch: size, weightDecay } = problem.trial;
  const augmented$ = operators.reduce<Observable<Sample>>(
    (images$, operator) => images$.pipe(operator),
    samples(arrayDataset(images), { shuffle: true, epochs: Number.POSITIVE_INFINITY }),
  );
  let [steps, count, began, ended] = [0, 0, 0, 0];
  let name = '';
  const batches$ = augmented$.pipe(
    scaled(problem),
    batch(size, { workers: 0, dropLast: true, onBadSample: 'fail' }),
  );
  const trained = await fit(behind(batches$, stages), {
    model,
    optimizer: sgd({ momentum: 0.9, nesterov: true }),
    learningRate: 1e-3,
    weightDecay,
    backend,
    signal: stop.signal,
  }, (event) => {
    if (event.kind === 'start') name = `${event.backend}${event.backendWhy ? ` (${event.backendWhy})` : ''}`;
    if (event.kind !== 'step') return;
    ended = performance.now();
    if (++steps <= FIRST) began = ended;
    else count += event.size;
    if (steps > FIRST && (ended - began > MILLISECONDS || steps >= FIRST + STEPS)) stop.abort();
  });
  signal.removeEventListener('abort', abort);
  signal.throwIfAborted();
  using model_ = trained;
  const some = select(images, [...images.ids.keys()].slice(0, FORWARD));
  await model_.evaluate(clean(some, problem)); // sets things up
  const from = performance.now();
  await model_.evaluate(clean(some, problem));
  return {
    secondsPerImageEpoch: (ended - began) / 1000 / count,
    secondsPerForward: (performance.now() - from) / 1000 / some.ids.length,
    backend: name,
  };
}
