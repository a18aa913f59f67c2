/** Generative models from checkpoints: whole, or refused in a sentence with nothing left behind. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { autoencoder, dagan, gan, smartAugmentation } from '../../src/gan/index.js';
import { load } from '../../src/pipeline/load.js';
import { cnn, fit, loadBackend } from '../../src/train/index.js';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '../../src/train/state/checkpoint.js';
import { disposeState, flatten, type State, unflatten } from '../../src/train/state/tensors.js';
import { colored } from './colored.js';

beforeAll(async () => {
  await loadBackend('auto');
});

let file: string;
let checkpoint: { dir: string };
beforeEach(async () => {
  checkpoint = { dir: await mkdtemp(path.join(tmpdir(), 'rxaug-load-')) };
  file = path.join(checkpoint.dir, 'last.ckpt');
});
afterEach(() => rm(checkpoint.dir, { recursive: true, force: true }));

const images = () => colored({ side: 8, size: 10, perEpoch: 1 }).batches$;
const kinds = [
  [
    'an autoencoder',
    'params/encoder/code/bias',
    () =>
      fit(images(), {
        model: autoencoder({ latent: 4, width: 5 }),
        learningRate: 1e-3,
        checkpoint,
      }),
  ],
  [
    'a GAN with averages',
    'slots/ema/stats/generator/stage1/norm/mean',
    () => fit(images(), { model: gan({ latent: 4, width: 4, criticWidth: 4 }), ema: {}, checkpoint }),
  ],
  [
    'a DAGAN of codes',
    'params/generator/encoder/head/bias',
    () =>
      fit(images(), {
        model: dagan({ latent: 4, width: 4, criticWidth: 4, loss: 'hinge', network: 'code' }),
        checkpoint,
      }),
  ],
  [
    'a Smart Augmentation',
    'params/classifier/head/kernel',
    () =>
      fit(images(), {
        model: smartAugmentation({ width: 4, criticWidth: 4, classifier: cnn({ filters: [4] }) }),
        checkpoint,
      }),
  ],
] as const;

describe.each(kinds)('%s', (_, lost, train) => {
  /** The same file with other tensors. */
  async function rewritten(change: (tensors: Record<string, tf.Tensor>) => Record<string, tf.Tensor>) {
    const { path: _, state, ...progress } = await loadCheckpoint(file);
    const changed: State = unflatten(change({ ...flatten(state) }));
    await saveCheckpoint(file, changed, progress as Omit<Checkpoint, 'path' | 'state'>);
    disposeState(state, changed);
    disposeState(changed);
  }
  const refused = (has: string) =>
    expect(load(file)).rejects.toThrow(
      new RegExp(
        `^checkpoint .*last\\.ckpt: has ${has}; it is of another model, or of another version of it`,
      ),
    );

  test('comes back; with a tensor too many, too few or of another shape it does not, and nothing leaks', async () => {
    (await train()).dispose();
    const before = tf.memory().numTensors;
    (await load(file)).dispose();
    expect(tf.memory().numTensors).toBe(before);

    const first = 'params/norm/scale';
    await rewritten((tensors) => ({ ...tensors, [first]: tf.ones([3]) }));
    await refused(`\\[3\\] for ${first}, not nothing`);
    expect(tf.memory().numTensors).toBe(before);

    let shape: number[] = [];
    await rewritten(({ [first]: surplus, [lost]: gone, ...tensors }) => {
      shape = gone.shape;
      tf.dispose([surplus, gone]);
      return tensors;
    });
    await refused(`nothing for ${lost}, not \\[${shape}\\]`);
    expect(tf.memory().numTensors).toBe(before);

    await rewritten((tensors) => ({ ...tensors, [lost]: tf.ones([7, 7]) }));
    await refused(`\\[7,7\\] for ${lost}, not \\[${shape}\\]`);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('a description that no model has is refused in the name of the file', async () => {
  (
    await fit(images(), {
      model: dagan({ latent: 4, width: 4, criticWidth: 4, loss: 'hinge' }),
      checkpoint,
    })
  ).dispose();
  const { path: _, state, ...progress } = await loadCheckpoint(file);
  const model = { ...(progress.identity.model as object), network: 'vgg' };
  await saveCheckpoint(file, state, { ...progress, identity: { ...progress.identity, model } });
  disposeState(state);
  const before = tf.memory().numTensors;
  await expect(load(file)).rejects.toThrow(/^checkpoint .*last\.ckpt: dagan: network: expected/);
  expect(tf.memory().numTensors).toBe(before);
});
