/**
 * ResNet on CIFAR-10 from WebDataset shards, `train-*.tar` and `test-*.tar` in one folder:
 *
 *   npx rxaug run pipelines/cifar10.ts --set data=DIR --set epochs=6 --json
 *
 * Six epochs need light augmentation; for thirty or more try cutout=16 and mixup=0.2.
 */
import {
  batch,
  cutout,
  definePipeline,
  horizontalFlip,
  mixup,
  normalize,
  oneCycle,
  padCrop,
  resnet,
  STATISTICS,
  sgd,
  train,
  webdataset,
} from 'rxaug';

const settings = {
  data: 'data/cifar10',
  epochs: 6,
  /** Number of training images of each class; 0: all. */
  perClass: 0,
  batch: 128,
  depth: 20 as 8 | 14 | 20 | 32 | 44 | 56,
  learningRate: 0.15,
  /** Decoupled: with momentum 0.9, ten times what an L2 penalty would be. */
  weightDecay: 5e-3,
  labelSmoothing: 0.1,
  cutout: 8,
  mixup: 0,
  /** Training images of each class for the evaluation without augmentation. */
  measured: 500,
};

export default definePipeline({
  name: 'cifar10',
  description: 'ResNet on CIFAR-10 shards',
  settings,

  batches: ({ settings: s, seed, workers }) =>
    webdataset(`${s.data}/train-*.tar`, {
      seed,
      shuffle: true,
      epochs: s.epochs,
      perClass: s.perClass || undefined,
    }).pipe(
      horizontalFlip(),
      padCrop({ padding: 4, border: 'reflect' }),
      normalize(STATISTICS.cifar10),
      cutout(s.cutout),
      batch(s.batch, { workers, dropLast: true }),
      mixup(s.mixup),
    ),

  run: (batches$, { settings: s, seed, out, resume, signal, backend }) =>
    train(batches$, {
      model: resnet(s.depth),
      optimizer: sgd({ momentum: 0.9, nesterov: true }),
      learningRate: oneCycle(s.learningRate, { warmup: 0.25 }),
      weightDecay: s.weightDecay,
      labelSmoothing: s.labelSmoothing,
      validation: plain(`${s.data}/test-*.tar`),
      trainEvaluation: plain(`${s.data}/train-*.tar`, s.perClass || s.measured),
      checkpoint: { dir: out },
      resume,
      seed,
      backend,
      signal,
    }),
});

/** Images without augmentation, all of them or some of each class. */
const plain = (pattern: string, perClass?: number) =>
  webdataset(pattern, { perClass }).pipe(normalize(STATISTICS.cifar10), batch(250));
