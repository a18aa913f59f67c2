/**
 * An autoencoder on generated pictures, or on WebDataset shards. Sheets show pictures above their reconstructions, and a
 * small classifier, trained first on the same pictures, judges these:
 *
 *   npx rxaug gan pipelines/latent.ts --samples 200
 *   npx rxaug gan pipelines/latent.ts --set variational=true --set beta=0.02
 *   npx rxaug gan pipelines/latent.ts --set guide=true --set data=DIR
 */
import {
  batch,
  cosineDecay,
  definePipeline,
  horizontalFlip,
  normalize,
  type PipelineContext,
  padCrop,
  pull,
  STATISTICS,
  train,
  webdataset,
} from 'rxaug';
import { shapes10 } from 'rxaug/datasets';
import { autoencoder, trainJudge } from 'rxaug/gan';

const settings = {
  /** A folder of shards, `train-*.tar` and `test-*.tar`; default: generated pictures. */
  data: '',
  count: 2000,
  size: 32,
  epochs: 30,
  batch: 64,
  latent: 64,
  width: 16,
  variational: false,
  beta: 0.02,
  /** Separates classes in the latent space. */
  guide: false,
  learningRate: 2e-3,
  /** Test pictures. */
  tested: 500,
  evaluateEvery: 5,
  /** With shards, training pictures of each class; 0: all. */
  perClass: 0,
  judgeEpochs: 12,
};
type Context = PipelineContext<typeof settings>;

const pictures = ({ settings: s, seed }: Context, epochs: number) =>
  s.data
    ? webdataset(`${s.data}/train-*.tar`, { seed, shuffle: true, epochs, perClass: s.perClass || undefined })
    : shapes10({ count: s.count, size: s.size, seed, shuffle: true, epochs });

/** Pictures without augmentation; from the training set all of them, for finding memorized ones. */
const plain = ({ settings: s }: Context, split: 'train' | 'test') => {
  const perClass = split === 'test' ? Math.ceil(s.tested / 10) : s.perClass || undefined;
  const source = s.data
    ? webdataset(`${s.data}/${split}-*.tar`, { perClass })
    : shapes10({ split, size: s.size, perClass, ...(split === 'train' && { count: s.count }) });
  return source.pipe(normalize(STATISTICS.symmetric), batch(100));
};

/** Training pictures of the judge. */
const moved = (context: Context) =>
  pictures(context, context.settings.judgeEpochs).pipe(
    horizontalFlip(),
    padCrop({ padding: 4, border: 'reflect' }),
    normalize(STATISTICS.symmetric),
    batch(64, { workers: context.workers }),
  );

export default definePipeline({
  name: 'latent',
  description: 'an autoencoder, variational or guided on request',
  settings,

  batches: (context) =>
    pictures(context, context.settings.epochs).pipe(
      horizontalFlip(),
      normalize(STATISTICS.symmetric),
      batch(context.settings.batch, { workers: context.workers }),
    ),

  async *run(batches$, context) {
    const { settings: s, seed, out, resume, signal, backend, samples } = context;
    const { latent, width, variational, beta, guide } = s;
    const model = autoencoder({ latent, width, variational, beta, guide }); // before anything learns
    const shared = { resume, seed, backend, signal };
    using referee = yield* trainJudge(moved(context), {
      validation: plain(context, 'test'),
      training: () => plain(context, 'train'),
      evaluateEvery: s.judgeEpochs,
      checkpoint: { dir: `${out}/judge` },
      ...shared,
    });
    if (!referee) return;
    yield* pull(
      train(batches$, {
        model,
        learningRate: cosineDecay(s.learningRate),
        validation: () => plain(context, 'test'),
        judge: referee,
        evaluateEvery: s.evaluateEvery,
        samples,
        checkpoint: { dir: out },
        ...shared,
      }),
    );
  },
});
