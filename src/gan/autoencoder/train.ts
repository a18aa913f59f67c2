/**
 * `trainAutoencoder(batches$, { model: autoencoder({ latent: 64 }) })`: events, as `train()` gives them;
 * `fitAutoencoder` gives the autoencoder; `loadAutoencoder` finds it in a checkpoint.
 */

import type { Observable } from 'rxjs';
import { z } from 'zod';
import type { TrainEvent } from '../../core/events.js';
import type { Batch } from '../../core/index.js';
import type { tf } from '../../graph/tf.js';
import type { Batches } from '../../train/loop/evaluate.js';
import { runTask } from '../../train/loop/options.js';
import { loadSaved, type SavedKind } from '../load.js';
import { checkSamples, generativeOptions } from '../options.js';
import { beside } from '../pair-sheet.js';
import { trainer } from '../trainer.js';
import { watching } from '../watching.js';
import { type AutoencoderModel, autoencoder, buildCoder, partsOf } from './autoencoder.js';
import { autoencoding } from './task.js';
import { Autoencoder } from './trained.js';

export const trainAutoencoderOptions = z.strictObject({
  model: z.custom<AutoencoderModel>(
    (value) => typeof (value as AutoencoderModel | undefined)?.config?.latent === 'number',
    'expected an autoencoder such as autoencoder({ latent: 64 })',
  ),
  ...generativeOptions.shape,
});
export type TrainAutoencoderOptions = z.input<typeof trainAutoencoderOptions>;
type Parsed = z.output<typeof trainAutoencoderOptions>;

export const { train: trainAutoencoder, fit: fitAutoencoder } = trainer({
  name: 'Autoencoder',
  schema: trainAutoencoderOptions,
  check: checkSamples,
  start,
  model: ({ task, state }) => new Autoencoder(task.coder, state),
});

/** How a checkpoint of this kind is read. */
export const savedAutoencoder: SavedKind<Autoencoder> = {
  task: 'autoencoder',
  title: 'an autoencoder',
  build({ identity, look }) {
    const { guided, ...config } = identity.model as { guided: boolean } & Parameters<typeof autoencoder>[0];
    const coder = buildCoder(autoencoder({ ...config, guide: guided }), look);
    return { parts: partsOf(coder), make: (state) => new Autoencoder(coder, state) };
  },
};

/** An autoencoder from a checkpoint; a backend must be loaded. */
export function loadAutoencoder(file: string): Promise<Autoencoder> {
  return loadSaved(file, [savedAutoencoder]);
}

async function start(
  batches$: Observable<Batch>,
  { model, optimizer, clipNorm, weightDecay, ema, judge, samples, ...running }: Parsed,
  emit: (event: TrainEvent) => void,
  stop: AbortController,
) {
  const taskFor = autoencoding({ model, optimizer, clipNorm, weightDecay, ema, judge });
  const { task, watch } = watching(taskFor, samples, ({ coder }, state, count) => {
    const { encode, decode } = new Autoencoder(coder, state).functions;
    const validation = running.validation as Batches;
    return beside('reconstructions', coder.look, validation, count, (images, classes) => {
      const { codes } = encode.run({ images });
      return { rows: [images, decode.run({ codes, classes }).images as tf.Tensor4D] };
    });
  });
  return runTask(batches$, task, { ...running, watch }, emit, stop);
}
