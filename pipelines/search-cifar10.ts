/**
 * A search for augmentation with few labels of CIFAR-10, from WebDataset shards, `train-*.tar` and `test-*.tar` in one folder:
 *
 *   npx rxaug search pipelines/search-cifar10.ts --set data=DIR --set labels=1000 --budget 1h
 *   npx rxaug run pipelines/search-cifar10.ts --set data=DIR --set policy=runs/search-cifar10-search/policy.json
 *
 * Crops and flips stand below every policy, so the space has no flips. Labeled images, held-out images (whose labels are
 * not used) and the rest are parts of the training shards, by bytes and seed.
 */
import {
  batch,
  cosineDecay,
  definePipeline,
  horizontalFlip,
  normalize,
  padCrop,
  policy,
  resnet,
  STATISTICS,
  samples,
  sgd,
  train,
  UsageError,
} from 'rxaug';
import { openWebdataset, splitDataset } from 'rxaug/datasets';
import { policyStages, type StandardControl, searchSpace } from 'rxaug/search';

const settings = {
  data: 'data/cifar10',
  /** Training images in all. */
  labels: 1000,
  /** Other training images, which the critic takes for real. */
  heldOut: 1000,
  /** Test images; 0: all. */
  tested: 0,
  epochs: 100,
  batch: 50,
  depth: 8 as 8 | 14 | 20 | 32 | 44 | 56,
  learningRate: 0.1,
  /** Decoupled. */
  weightDecay: 2e-3,
  /** Names of standard controls with commas between them; '': all. */
  controls: '',
  /** Path of a policy for `rxaug run` and `preview`; '': none. */
  policy: '',
};
type S = typeof settings;

async function trainParts(s: S, seed: number) {
  const all = await openWebdataset(`${s.data}/train-*.tar`);
  if (!(s.labels >= 1 && s.heldOut >= 1 && s.labels + s.heldOut <= all.length))
    throw new UsageError(
      `--set labels: expected labels and heldOut above 0 and together at most ${all.length}, the images of ${s.data}, but received ${s.labels} and ${s.heldOut}; lower one`,
    );
  return splitDataset(all, { train: s.labels / all.length, heldOut: s.heldOut / all.length }, { seed });
}

async function testPart(s: S, seed: number) {
  const all = await openWebdataset(`${s.data}/test-*.tar`);
  return s.tested ? splitDataset(all, { test: s.tested / all.length }, { seed }).test : all;
}

const base = [padCrop({ padding: 4, border: 'reflect' }), horizontalFlip()] as const;

export default definePipeline({
  name: 'search-cifar10',
  description: 'A search for augmentation with few labels of CIFAR-10',
  settings,

  async search({ settings: s, seed }) {
    return {
      ...(await trainParts(s, seed)),
      test: await testPart(s, seed),
      space: searchSpace({ except: ['horizontalFlip', 'verticalFlip'] }),
      size: 32,
      channels: 3,
      statistics: STATISTICS.cifar10,
      base,
      ...(s.controls && { controls: s.controls.split(',') as StandardControl[] }),
      trial: {
        model: resnet(s.depth),
        epochs: s.epochs,
        batch: s.batch,
        learningRate: s.learningRate,
        weightDecay: s.weightDecay,
      },
    };
  },

  batches({ settings: s, seed, workers }) {
    const images$ = samples(async () => (await trainParts(s, seed)).train, {
      seed,
      shuffle: true,
      epochs: s.epochs,
    }).pipe(...base);
    const batched = [normalize(STATISTICS.cifar10), batch(s.batch, { workers, dropLast: true })] as const;
    if (!s.policy) return images$.pipe(...batched);
    return images$.pipe(policy(s.policy, {}, { stages: 'elsewhere' }), ...batched, policyStages(s.policy));
  },

  run: (batches$, { settings: s, seed, out, resume, signal, backend }) =>
    train(batches$, {
      model: resnet(s.depth),
      optimizer: sgd({ momentum: 0.9, nesterov: true }),
      learningRate: cosineDecay(s.learningRate, { warmup: 0.05 }),
      weightDecay: s.weightDecay,
      validation: samples(() => testPart(s, seed)).pipe(normalize(STATISTICS.cifar10), batch(250)),
      evaluateEvery: s.epochs,
      checkpoint: { dir: out },
      ...{ resume, seed, backend, signal },
    }),
});
