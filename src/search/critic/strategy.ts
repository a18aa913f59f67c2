import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { makeFolder } from '../../core/files/make-folder.js';
import { replaceFile } from '../../core/files/write-file.js';
import { expected, RxaugError, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { short } from '../../report/format.js';
import { batch } from '../../stream/batch.js';
import { samples } from '../../stream/source.js';
import { openBackend } from '../../train/loop/options.js';
import { type Finished, trainTask } from '../../train/loop/train-task.js';
import { disposeState } from '../../train/state/tensors.js';
import type { Task } from '../../train/task.js';
import { arrayDataset, type Images } from '../data/images.js';
import { startStages } from '../policy/batch-stages.js';
import { movedBy, settingOf } from '../policy/parameters.js';
import type { PolicySetting } from '../policy/policy.js';
import type { TracePoint } from '../result.js';
import type { Account, Strategy, StrategyContext } from '../strategies/strategy.js';
import { averagePolicy } from './learned-policy.js';
import { type CriticOptionsGiven, type criticOptions, parseCritic } from './options.js';
import { criticTask, withTwins } from './task.js';
import { pointsOf } from './trace.js';

/**
 * A policy learned under a critic, which is the constraint; hardness is the objective, a teacher the guard. A policy should
 * make images that a student does not yet know, that a critic still takes for real (for held-out images), and that a
 * teacher, who learns from clean images only, still names rightly. Image by image it minimizes
 *
 *     −λh·log(1 − p_student(y)) − λc·D(x)/σ + λt·CE_teacher(x, y)
 *
 * σ is the standard deviation of the critic's scores of held-out images that it does not learn from, a quarter of all. λc rises while the mean score of augmented images
 * is more than `slack`·σ below that of held-out ones, and falls while it is not. The critic alone would reward doing nothing;
 * hardness alone would wreck the images.
 *
 * Images are searched without the operators of the problem's `base`; the trainings of all arms have them.
 *
 * Choices are hard ones, image by image, from the first step, so what is searched is what is applied. Odds and probabilities
 * follow running means of what images lost or gained by a choice, compared with the same images left alone (natural policy
 * gradient; Kakade, 2001); ranges of magnitudes follow the gradient through the ops' differentiable twins. Ops without a twin
 * take part with their choices, and keep the range that they start with. Ops whose probability ends below 0.03 are left out.
 * Stages of batches are not searched, for critic, student and teacher judge images of one class each: they keep share ½ and
 * the middle of their bounds.
 *
 * With `objective: 'published'` (`--strategy critic-published`) it minimizes what Faster AutoAugment does (Hataya et al., 2020),
 *
 *     −D(x)/σ + 0.1·CE_teacher(x, y)
 *
 * with other training images as the real ones: the distance between augmented and training images, which is least where nothing
 * is done. It is there to show what the constraint, hardness and held-out images are worth; all else is as above: hard choices
 * that start uniform, where theirs are relaxed ones that start at random. It takes none of `hardness`, `critic`, `dual`, `slack`
 * and `teacher`.
 *
 * @param given `objective` ('constrained'); weights `hardness` (λh, 0.3), `teacher` (λt, 1), `critic` (most of λc, 3), `slack` (0.4), `dual` (0.02); `batch`
 * (64), `steps` (as many as the time allows), `warmup` (50), `width` of the networks (16), rates `policyRate` (0.03),
 * `networkRate` (1e-3), `memory` (50 images), `penalty` (10)
 * @throws {UsageError} if an option is unknown, out of range, or has no part in the objective
 *
 * @example
 * critic({ slack: 0.2 }).name // → 'critic'
 */
export function critic(given: CriticOptionsGiven = {}): Strategy {
  const options = parseCritic(given);
  return {
    name: options.objective === 'published' ? 'critic-published' : 'critic',
    options,
    propose: () => [],
    score: () => Promise.reject(new RxaugError('critic: it scores no candidates')),
    async conclude(_, context) {
      return (await learned(context, options)).policy;
    },
    async account(_, context): Promise<Account> {
      const { trace, moved } = await learned(context, options);
      const without = context.problem.space.ops.filter(({ twin, magnitude }) => magnitude && !twin);
      const stages = context.problem.space.batchStages ?? [];
      return {
        ...{ trace, moved, withoutGradient: without.map(({ name }) => name) },
        atStart: stages.map(({ name }) => name),
      };
    },
  };
}

interface Learned {
  readonly trace: readonly TracePoint[];
  readonly policy: PolicySetting;
  readonly moved: number;
}

/** The search, or what it wrote down when it ended. */
async function learned(context: StrategyContext, options: Options): Promise<Learned> {
  const file = join(context.dir, 'learned.json');
  if (!existsSync(file)) {
    const made = await learn(context, options);
    replaceFile(file, JSON.stringify(made));
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Learned;
}

type Options = z.output<typeof criticOptions>;

async function learn(context: StrategyContext, options: Options): Promise<Learned> {
  const { problem, data, seed, dir, signal, progress } = context;
  makeFolder(dir);
  const backend = await openBackend(context.backend ?? 'auto');
  const space = withTwins(problem.space);
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
        criticTask(space, heldOut, { ...options, steps }),
        {
          ...running(options, seed),
          backend: backend.name,
        },
        () => {},
        signal,
      ),
    );
    const steps = epochs * perEpoch;
    const finished = await trainTask(
      batches(epochs),
      criticTask(space, heldOut, { ...options, steps }),
      {
        ...running(options, seed),
        checkpoint: { dir, every: CHECKPOINTS },
        resume: true,
        backend: backend.name,
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
    const { slots } = finished.state;
    const values = averagePolicy(slots);
    const policy = { ...settingOf(space, values, LEAST), ...startStages(space) };
    const made = { trace: pointsOf(slots), policy, moved: movedBy(values) };
    disposeState(finished.state);
    return made;
  } finally {
    heldOut.dispose();
  }
}

const running = ({ networkRate: learningRate }: Options, seed: number) =>
  ({ learningRate, seed, evaluateEvery: 1, resume: false }) as const;

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

/** Probabilities that a search holds at their edge are those of ops that it does not want. */
const LEAST = 0.03;
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
