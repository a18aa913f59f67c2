/**
 * A class-conditional GAN on generated pictures, or on WebDataset shards (`train-*.tar` and `test-*.tar` in one folder):
 *
 *   npx rxaug gan pipelines/gan.ts --samples 200
 *   npx rxaug gan pipelines/gan.ts --set data=DIR --set loss=wgan-gp --set batch=160
 *
 * First a small classifier learns the same pictures; it then judges the samples. At the end the samples nearest to training
 * pictures are shown above those.
 */
import {
  batch,
  cosineDecay,
  definePipeline,
  horizontalFlip,
  load,
  normalize,
  type PipelineContext,
  padCrop,
  pull,
  STATISTICS,
  train,
  webdataset,
} from 'rxaug';
import { shapes10 } from 'rxaug/datasets';
import { Generator, gan, nearestTraining, trainJudge } from 'rxaug/gan';

const settings = {
  /** Folder of shards; default: generated pictures. */
  data: '',
  /** Number of generated training pictures; with shards, pictures of each class, 0: all. */
  count: 2000,
  perClass: 0,
  size: 32,
  epochs: 60,
  batch: 64,
  loss: 'hinge' as 'hinge' | 'wgan-gp',
  conditioning: 'projection' as 'projection' | 'auxiliary',
  /** Weight of a classifier that enforces the class; 0: none. */
  guidance: 0,
  latent: 64,
  /** Filters of generator and critic next to the image. */
  width: 16,
  learningRate: 4e-4,
  /** Whether the learning rate falls to 0 by a cosine. */
  decay: true,
  /** Critic steps for each generator step, and the critic's learning rate divided by the generator's; 0: defaults of the loss. */
  criticSteps: 0,
  criticRate: 0,
  /** DiffAugment, or ADA with it. */
  augment: true,
  adaptive: false,
  /** Training epochs of the judge, images per evaluation, and epochs between evaluations. */
  judgeEpochs: 12,
  judged: 1000,
  evaluateEvery: 10,
};
type Context = PipelineContext<typeof settings>;

const pictures = ({ settings: s, seed }: Context, epochs: number) =>
  s.data
    ? webdataset(`${s.data}/train-*.tar`, { seed, shuffle: true, epochs, perClass: s.perClass || undefined })
    : shapes10({ count: s.count, size: s.size, seed, shuffle: true, epochs });

/** Pictures without augmentation; from the training set all of them, for finding memorized ones. */
const plain = ({ settings: s }: Context, split: 'train' | 'test') => {
  const perClass = split === 'test' ? Math.ceil(s.judged / 10) : s.perClass || undefined;
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
  name: 'gan',
  description: 'a class-conditional GAN, judged by a classifier trained first',
  settings,

  batches: (context) =>
    pictures(context, context.settings.epochs).pipe(
      horizontalFlip(),
      normalize(STATISTICS.symmetric),
      batch(context.settings.batch, { workers: context.workers, dropLast: true }),
    ),

  async *run(batches$, context) {
    const { settings: s, seed, out, resume, signal, backend, samples } = context;
    const { loss, conditioning, latent, width } = s;
    const guidance = s.guidance || undefined;
    const model = gan({ loss, conditioning, guidance, latent, width, criticWidth: width }); // before anything learns
    using referee = yield* trainJudge(moved(context), {
      validation: plain(context, 'test'),
      training: () => plain(context, 'train'),
      evaluateEvery: s.judgeEpochs,
      checkpoint: { dir: `${out}/judge` },
      resume,
      seed,
      backend,
      signal,
    });
    if (!referee) return;
    yield* pull(
      train(batches$, {
        model,
        learningRate: s.decay ? cosineDecay(s.learningRate) : s.learningRate,
        criticSteps: s.criticSteps || undefined,
        criticRate: s.criticRate || undefined,
        augment: s.augment && { adaptive: s.adaptive },
        validation: () => plain(context, 'test'),
        judge: referee,
        evaluateEvery: s.evaluateEvery,
        samples,
        checkpoint: { dir: out },
        resume,
        seed,
        backend,
        signal,
      }),
    );
    if (signal.aborted) return;

    using generator = await load(`${out}/last.ckpt`, Generator);
    const images = generator.generate(
      Array.from({ length: s.judged }, (_, i) => i % generator.classes.length),
      seed,
    );
    try {
      await samples.see(await nearestTraining(referee, images));
    } finally {
      images.dispose();
    }
    const path = `${out}/samples/nearest.png`;
    yield { kind: 'file', path, what: 'samples above the training pictures that are nearest to them' };
  },
});
