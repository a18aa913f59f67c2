/** A search by a critic from its images to what is found; it may be stopped at any step. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../core/files/make-folder.js';
import { replaceFile } from '../../core/files/write-file.js';
import { expected, RxaugError, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { short } from '../../report/format.js';
import { batch } from '../../stream/batch.js';
import { samples } from '../../stream/source.js';
import { loadBackend } from '../../train/backends/load.js';
import { type Finished, trainTask } from '../../train/loop/train-task.js';
import { disposeState } from '../../train/state/tensors.js';
import type { Task } from '../../train/task.js';
import { arrayDataset, type Images, slice } from '../data/images.js';
import type { PolicySetting } from '../policy/policy.js';
import type { TracePoint } from '../result.js';
import type { StrategyContext } from '../strategies/strategy.js';
import type { AugmenterFor } from './augmenter.js';
import type { CriticOptions } from './options.js';
import { criticTask } from './task.js';
import { pointsOf } from './trace.js';

export interface Learned {
  readonly trace: readonly TracePoint[];
  readonly policy: PolicySetting;
  readonly moved: number;
  /** Absent for none. */
  readonly notes?: readonly string[];
}

/** The search, or what it wrote down when it ended. */
export async function learned(
  context: StrategyContext,
  options: Options,
  augmenterFor: AugmenterFor,
): Promise<Learned> {
  const file = join(context.dir, 'learned.json');
  if (!existsSync(file)) {
    const made = await learn(context, options, augmenterFor);
    replaceFile(file, JSON.stringify(made));
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Learned;
}

type Options = CriticOptions & { readonly steps?: number };

async function learn(
  context: StrategyContext,
  options: Options,
  augmenterFor: AugmenterFor,
): Promise<Learned> {
  const { data, seed, dir, signal, progress } = context;
  makeFolder(dir);
  const opened = await loadBackend(context.backend);
  // The step of a critic reads which ops its policy has drawn, so it cannot be one graph, and XLA computes graphs only.
  const backend = tf.getBackend();
  const notes = opened.name === backend ? [] : [notOnXla(backend)];
  for (const sentence of notes) progress(sentence, 0);
  const size = Math.min(options.batch, data.search.ids.length);
  const perEpoch = Math.floor(data.search.ids.length / size);
  if (options.objective === 'constrained' && data.heldOut.ids.length < LEAST_HELD_OUT)
    throw new UsageError(
      expected(
        'critic: heldOut',
        `at least ${LEAST_HELD_OUT} images`,
        data.heldOut.ids.length,
        'give more images, or another strategy',
      ),
    );
  const real = options.objective === 'published' ? data.search : data.heldOut;
  const heldOut = tensorOf(real);
  const batches = (epochs: number) =>
    samples(arrayDataset(data.search), { seed, shuffle: true, epochs }).pipe(
      batch(size, { workers: 0, dropLast: true, onBadSample: 'fail' }),
    );
  try {
    const epochs = await epochsOf(context, options, perEpoch, (steps) =>
      trainTask(
        batches(Math.ceil(steps / perEpoch)),
        criticTask(augmenterFor, heldOut, { ...options, steps }),
        {
          ...running(options, seed),
          backend,
        },
        () => {},
        signal,
      ),
    );
    const steps = epochs * perEpoch;
    const finished = await trainTask(
      batches(epochs),
      criticTask(augmenterFor, heldOut, { ...options, steps }),
      {
        ...running(options, seed),
        checkpoint: { dir, every: CHECKPOINTS },
        resume: true,
        backend,
      },
      (event) => {
        if (event.kind !== 'step' || event.step % 10 !== 0) return;
        const { gap, hardness, teacher } = event.metrics as Record<string, number>;
        const metrics = `critic ${short(gap)}, hardness ${short(hardness)}, teacher ${short(teacher)}`;
        progress(`step ${event.step} of ${steps}: ${metrics}`, event.step / steps);
      },
      signal,
    );
    if (finished && signal.aborted) disposeState(finished.state);
    signal.throwIfAborted();
    if (!finished) throw new RxaugError('critic: the search ended before its first step');
    const { state, task } = finished;
    const some = tensorOf(slice(data.search, 0, Math.min(SHOWN, data.search.ids.length), 'search'));
    const made = {
      trace: pointsOf(state.slots),
      ...augmenterFor(task.spec).found(state, some),
      ...(notes.length > 0 && { notes }),
    };
    some.dispose();
    disposeState(state);
    return made;
  } finally {
    heldOut.dispose();
  }
}

const notOnXla = (backend: string) =>
  `a search by a critic reads what its policy drew, so XLA cannot compile its steps: they ran on '${backend}' instead`;

const running = ({ networkRate: learningRate }: Options, seed: number) =>
  ({ learningRate, seed, evaluateEvery: 1, resume: false, compile: false }) as const;

/** Epochs that fit into the time of the search; measured once and written down, so a resumed search has as many. */
async function epochsOf(
  { dir, secondsAlone }: StrategyContext,
  { steps }: Options,
  perEpoch: number,
  run: (steps: number) => Promise<Finished<Task> | undefined>,
): Promise<number> {
  if (steps !== undefined) return Math.max(1, Math.round(steps / perEpoch));
  const file = join(dir, 'steps.json');
  if (!existsSync(file)) {
    const began = performance.now();
    await release(run(1)); // the first steps set things up
    const first = performance.now();
    await release(run(MEASURED));
    const taken = Math.ceil(MEASURED / perEpoch) * perEpoch;
    const seconds = (performance.now() - first) / 1000 / taken;
    const left = secondsAlone - (performance.now() - began) / 1000;
    const fitting = Math.round(left / seconds / perEpoch);
    replaceFile(file, JSON.stringify({ secondsPerStep: seconds, epochs: Math.max(1, fitting) }));
  }
  return (JSON.parse(readFileSync(file, 'utf8')) as { epochs: number }).epochs;
}

/** Images that what is found is described by. */
const SHOWN = 100;
/** A quarter of them is kept from the critic. */
const LEAST_HELD_OUT = 8;
const MEASURED = 10;
/** Steps between two checkpoints. */
const CHECKPOINTS = 100;

async function release(run: Promise<Finished<Task> | undefined>): Promise<void> {
  const finished = await run;
  if (finished) disposeState(finished.state);
}

/** All images as [N, H, W, 3] in [0, 1]; gray ones as three equal channels, as every stream renders them. */
function tensorOf({ pixels, ids, size, channels }: Images): tf.Tensor4D {
  return tf.tidy(() => {
    const own = tf.tensor4d(pixels, [ids.length, size, size, channels], 'float32');
    return tf.div(channels === 3 ? own : tf.tile(own, [1, 1, 1, 3]), 255);
  });
}
