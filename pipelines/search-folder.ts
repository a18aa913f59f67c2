/**
 * A search for augmentation that is right for a folder of images, one folder for each class:
 *
 *   npx rxaug search pipelines/search-folder.ts --set data=DIR --budget 1h
 *   npx rxaug run pipelines/search-folder.ts --set data=DIR --set policy=runs/search-folder-search/policy.json
 *
 * The images are divided by their bytes and the seed: most are trained on, a share `heldOut` guides the search, and a share
 * `test` is opened for the report only. If the model will meet images of another place, camera or time, put some of them into
 * a folder of their own, with the same classes: `--set heldOutData=DIR`. Their labels are not used without
 * `--set heldOutLabels=true`.
 */
import {
  batch,
  centerCrop,
  cosineDecay,
  definePipeline,
  normalize,
  padCrop,
  policy,
  resnet,
  samples,
  sgd,
  smallestMaxSize,
  train,
  UsageError,
} from 'rxaug';
import { openImageFolder, splitDataset } from 'rxaug/datasets';
import { policyStages, searchSpace, spaceFor } from 'rxaug/search';

const settings = {
  /** The folder that holds the class folders. */
  data: '',
  /** Shares of the images. */
  heldOut: 0.2,
  test: 0.2,
  /** A folder of images that the critic takes for real, in place of the share `heldOut`; '': none. */
  heldOutData: '',
  /** Whether the labels of held-out images may be used, to score candidates on them. */
  heldOutLabels: false,
  /** Training images in all; 0: the rest. */
  labels: 0,
  /** Pixels a side: the shorter side is resized, the middle is cropped. */
  size: 32,
  /** 1: gray images. */
  channels: 3,
  /** Names of ops that are searched, or that are not; none: all, or none. */
  only: [] as string[],
  except: [] as string[],
  /** Magnitudes in place of an op's own, 'rotate:-15:15'. */
  bounds: [] as string[],
  epochs: 60,
  batch: 32,
  depth: 8 as number,
  learningRate: 0.1,
  weightDecay: 1e-3,
  /** Path of a policy for `rxaug run` and `preview`; '': none. */
  policy: '',
};
type S = typeof settings;

/** The parts of the folder; the same for the same images, settings and seed. */
async function parts(s: S, seed: number) {
  if (s.data === '') throw new UsageError('--set data: expected a folder of class folders; give its path');
  const data = await openImageFolder(s.data);
  const heldOut = s.heldOutData ? 0 : s.heldOut;
  const rest = 1 - heldOut - s.test;
  const share = s.labels ? s.labels / data.length : rest;
  if (!(share > 0 && share <= rest + 1e-9))
    throw new UsageError(
      `--set labels: expected at most ${Math.floor(rest * data.length)} of ${data.length} images beside the shares heldOut and test but received ${s.labels}; lower it, or the shares`,
    );
  if (s.heldOutData)
    return {
      ...splitDataset(data, { train: share, test: s.test }, { seed }),
      heldOut: await openImageFolder(s.heldOutData, { classes: [...data.classes] }),
    };
  return splitDataset(data, { train: share, heldOut, test: s.test }, { seed });
}

const channelsOf = ({ channels }: S): 1 | 3 => {
  if (channels === 1 || channels === 3) return channels;
  throw new UsageError(`--set channels: expected 1 or 3 but received ${channels}; give one of them`);
};

const boundsOf = ({ bounds }: S) =>
  Object.fromEntries(
    bounds.map((text) => {
      const [op, low, high, more] = text.split(':');
      const range = [Number(low), Number(high)] as const;
      if (op && low && high && more === undefined && !range.some(Number.isNaN)) return [op, range];
      throw new UsageError(`--set bounds: expected OP:LOW:HIGH but received '${text}'; write rotate:-15:15`);
    }),
  );

const DEPTHS = [8, 14, 20, 32, 44, 56] as const;
const model = ({ depth }: S) => {
  const known = DEPTHS.find((one) => one === depth);
  if (known) return resnet(known);
  throw new UsageError(`--set depth: expected ${DEPTHS.join(', ')} but received ${depth}; give one of them`);
};
const crop = ({ size }: S) => padCrop({ padding: Math.max(1, Math.round(size / 8)), border: 'reflect' });
const HALF = { mean: [0.5, 0.5, 0.5] as const, std: [0.5, 0.5, 0.5] as const };

export default definePipeline({
  name: 'search-folder',
  description: 'A search for augmentation that is right for a folder of images',
  settings,

  async search({ settings: s, seed, log }) {
    const channels = channelsOf(s);
    const { train, heldOut, test } = await parts(s, seed);
    const all = searchSpace({
      only: s.only.length > 0 ? s.only : undefined,
      except: s.except,
      bounds: boundsOf(s),
    });
    const { space, leftOut } = spaceFor(all, channels);
    if (leftOut.length > 0) log(`ops that gray images cannot take are left out: ${leftOut.join(', ')}`);
    return {
      ...{ train, heldOut, test, space, channels },
      heldOutLabels: s.heldOutLabels,
      size: s.size,
      statistics: { mean: HALF.mean.slice(0, channels), std: HALF.std.slice(0, channels) },
      base: [crop(s)],
      trial: {
        model: model(s),
        epochs: s.epochs,
        batch: s.batch,
        learningRate: s.learningRate,
        weightDecay: s.weightDecay,
      },
    };
  },

  batches({ settings: s, seed, workers }) {
    const images$ = samples(async () => (await parts(s, seed)).train, {
      seed,
      shuffle: true,
      epochs: s.epochs,
    }).pipe(smallestMaxSize(s.size), centerCrop(s.size), crop(s));
    const batched = [normalize(HALF), batch(s.batch, { workers, dropLast: true })] as const;
    if (!s.policy) return images$.pipe(...batched);
    return images$.pipe(policy(s.policy, {}, { stages: 'elsewhere' }), ...batched, policyStages(s.policy));
  },

  run: (batches$, { settings: s, seed, out, resume, signal, backend }) =>
    train(batches$, {
      model: model(s),
      optimizer: sgd({ momentum: 0.9, nesterov: true }),
      learningRate: cosineDecay(s.learningRate, { warmup: 0.05 }),
      weightDecay: s.weightDecay,
      validation: samples(async () => (await parts(s, seed)).test).pipe(
        smallestMaxSize(s.size),
        centerCrop(s.size),
        normalize(HALF),
        batch(100),
      ),
      evaluateEvery: s.epochs,
      checkpoint: { dir: out },
      ...{ resume, seed, backend, signal },
    }),
});
