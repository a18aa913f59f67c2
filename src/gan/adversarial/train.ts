/**
 * `trainGan(batches$, { model: gan({ loss: 'hinge' }) })`: events, as `train()` gives them; `fitGan` gives the
 * generator; `loadGan` finds it in a checkpoint.
 */
import type { Observable } from 'rxjs';
import { z } from 'zod';
import type { TrainEvent } from '../../core/events.js';
import type { Batch } from '../../core/index.js';
import { runTask } from '../../train/loop/options.js';
import { picturesOf } from '../images.js';
import { loadSaved, type SavedKind } from '../load.js';
import { trainer } from '../trainer.js';
import { watching } from '../watching.js';
import { buildGan, type GanModel, gan, ganParts } from './gan.js';
import { checkAda, duelDefaults, duelOptions } from './options.js';
import { adversarial } from './task.js';
import { Generator } from './trained.js';

export const trainGanOptions = z.strictObject({
  model: z.custom<GanModel>(
    (value) => typeof (value as GanModel | undefined)?.config?.loss === 'string',
    "expected a GAN such as gan({ loss: 'hinge' })",
  ),
  ...duelOptions.shape,
});
export type TrainGanOptions = z.input<typeof trainGanOptions>;
type Parsed = z.output<typeof trainGanOptions>;

export const { train: trainGan, fit: fitGan } = trainer({
  name: 'Gan',
  schema: trainGanOptions,
  check: (owner, { model, augment }) => checkAda(owner, model.config.loss, augment),
  start,
  model: ({ task, state }) => new Generator(task.built, state),
});

/** How a checkpoint of this kind is read. */
export const savedGan: SavedKind<Generator> = {
  task: 'gan',
  title: 'a GAN',
  build({ identity, look }) {
    const built = buildGan(gan(identity.model as Parameters<typeof gan>[0]), look);
    return { parts: ganParts(built), make: (state) => new Generator(built, state) };
  },
};

/** A GAN from a checkpoint; a backend must be loaded. */
export function loadGan(file: string): Promise<Generator> {
  return loadSaved(file, [savedGan]);
}

async function start(
  batches$: Observable<Batch>,
  { model, optimizer, clipNorm, weightDecay, ema, augment, judge, samples, ...parsed }: Parsed,
  emit: (event: TrainEvent) => void,
  stop: AbortController,
) {
  const { criticRate, criticSteps, gradientPenalty, ...running } = parsed;
  const taskFor = adversarial({
    model,
    optimizer,
    clipNorm,
    weightDecay,
    ema,
    augment,
    judge,
    ...duelDefaults(model.config.loss, { criticRate, criticSteps, gradientPenalty }),
  });
  const { task, watch } = watching(taskFor, samples, async ({ built }, state, count) => ({
    what: 'samples',
    ...(await pictured(new Generator(built, state), count)),
  }));
  return runTask(batches$, task, { ...running, watch }, emit, stop);
}

/** A row of pictures for each class, always from the same noise, so that sheets can be compared. */
async function pictured(generator: Generator, count: number) {
  const { classes } = generator;
  const labels = classes.flatMap((_, label) => Array.from({ length: count }, () => label));
  const images = generator.generate(labels);
  try {
    const [, height, width] = images.shape;
    const captions = labels.map((label) => classes[label]);
    return { pictures: await picturesOf(images), width, height, columns: count, captions };
  } finally {
    images.dispose();
  }
}
