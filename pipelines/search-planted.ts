/**
 * A search for augmentation where the right answer is known, for something was planted in the data:
 *
 *   npx rxaug search pipelines/search-planted.ts --set planted=rotated --budget 10m
 *   npx rxaug run pipelines/search-planted.ts --set planted=rotated --set policy=runs/search-planted-search/policy.json
 *
 *   flip     left and right are the classes, so flips do harm
 *   colour   the hue is the class, so hue, saturation and invert do harm
 *   rotated  held-out and test images are rotated by up to ±30°
 *   bright   held-out and test images are 1.5 to 2.1 times as bright
 *   nothing  nothing is planted, and there is nothing to find
 */
import {
  batch,
  cnn,
  cosineDecay,
  definePipeline,
  normalize,
  padCrop,
  policy,
  STATISTICS,
  samples,
  sgd,
  train,
  UsageError,
} from 'rxaug';
import { PLANTED, type Planted, planted } from 'rxaug/datasets';
import { policyStages, searchSpace } from 'rxaug/search';

const SIZE = 32;

const settings = {
  /** 'flip', 'colour', 'rotated', 'bright' or 'nothing'. */
  planted: 'nothing',
  /** Images of each split; there are as many held-out ones as training ones. */
  count: 600,
  tested: 1000,
  /** Whether labels of held-out images may be used, to score candidates; `critic` needs none. */
  heldOutLabels: false,
  /** Names of the ops that are searched. */
  ops: [
    ...['rotate', 'translateX', 'translateY', 'horizontalFlip', 'verticalFlip'],
    ...['brightness', 'contrast', 'saturation', 'hue', 'invert'],
  ],
  epochs: 20,
  batch: 50,
  learningRate: 0.1,
  weightDecay: 1e-3,
  filters: [8, 16, 32],
  /** Path of a policy for `rxaug run` and `preview`; '': none. */
  policy: '',
};
type S = typeof settings;

const dataset = (s: S, split: 'train' | 'heldOut' | 'test', seed: number) => {
  if (!PLANTED.includes(s.planted as Planted))
    throw new UsageError(
      `--set planted: expected ${PLANTED.join(', ')} but received '${s.planted}'; choose one of them`,
    );
  const count = split === 'test' ? s.tested : s.count;
  return planted({ planted: s.planted as Planted, split, count, size: SIZE, seed });
};

const base = padCrop({ padding: 2, border: 'reflect' });
const model = (s: S) => cnn({ filters: s.filters });

export default definePipeline({
  name: 'search-planted',
  description: 'A search for augmentation where the right answer is known',
  settings,

  search: ({ settings: s, seed }) => ({
    train: dataset(s, 'train', seed),
    heldOut: dataset(s, 'heldOut', seed),
    heldOutLabels: s.heldOutLabels,
    test: dataset(s, 'test', seed),
    space: searchSpace({ only: s.ops, subPolicies: 1 }),
    size: SIZE,
    channels: 3,
    statistics: STATISTICS.symmetric,
    base: [base],
    trial: {
      model: model(s),
      epochs: s.epochs,
      batch: s.batch,
      learningRate: s.learningRate,
      weightDecay: s.weightDecay,
    },
  }),

  batches({ settings: s, seed, workers }) {
    const images$ = samples(dataset(s, 'train', seed), { seed, shuffle: true, epochs: s.epochs }).pipe(base);
    const batched = [normalize(STATISTICS.symmetric), batch(s.batch, { workers, dropLast: true })] as const;
    if (!s.policy) return images$.pipe(...batched);
    return images$.pipe(policy(s.policy, {}, { stages: 'elsewhere' }), ...batched, policyStages(s.policy));
  },

  run: (batches$, { settings: s, seed, out, resume, signal, backend }) =>
    train(batches$, {
      model: model(s),
      optimizer: sgd({ momentum: 0.9, nesterov: true }),
      learningRate: cosineDecay(s.learningRate, { warmup: 0.05 }),
      weightDecay: s.weightDecay,
      validation: samples(dataset(s, 'test', seed)).pipe(normalize(STATISTICS.symmetric), batch(100)),
      evaluateEvery: s.epochs,
      checkpoint: { dir: out },
      ...{ resume, seed, backend, signal },
    }),
});
