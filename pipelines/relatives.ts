/**
 * Images from images of one class, by a DAGAN or by Smart Augmentation, on generated pictures or on WebDataset shards. Sheets
 * show pictures of the test set above the pictures made from them:
 *
 *   npx rxaug gan pipelines/relatives.ts --samples 200
 *   npx rxaug gan pipelines/relatives.ts --samples 200 --set by=smart --set data=DIR
 *
 * First a small classifier learns the same pictures; it then judges the results. For Smart Augmentation, its classifier is
 * first trained without merged pictures on the same batches (run 'alone'): the difference of the test accuracies is the
 * gain of merging.
 */
import {
  adam,
  batch,
  cosineDecay,
  definePipeline,
  horizontalFlip,
  normalize,
  type PipelineContext,
  padCrop,
  pull,
  resnet,
  STATISTICS,
  train,
  webdataset,
} from 'rxaug';
import { shapes10 } from 'rxaug/datasets';
import { dagan, smartAugmentation, trainJudge } from 'rxaug/gan';

const settings = {
  by: 'dagan' as 'dagan' | 'smart',
  /** Folder of shards; default: generated pictures. */
  data: '',
  /** Number of generated training pictures; with shards, pictures of each class, 0: all. */
  count: 2000,
  perClass: 0,
  size: 32,
  epochs: 60,
  /** Large enough for about ten pictures of each class, from which partners are chosen. */
  batch: 100,
  /** Filters next to the image. */
  width: 16,
  learningRate: 4e-4,
  /** Whether the learning rate falls to 0 by a cosine. */
  decay: true,
  /** Length of the noise vector of a DAGAN, and its loss. */
  latent: 64,
  loss: 'hinge' as 'hinge' | 'wgan-gp',
  /** The generator of a DAGAN: 'code' reads the class from the image, 'unet' uses the image itself. */
  network: 'code' as 'unet' | 'code',
  /** 'projection': the critic of a DAGAN receives the class; 'none': it sees the pair only. */
  conditioning: 'projection' as 'none' | 'projection',
  /** Weight of a classifier that enforces the class of a DAGAN's pictures and codes; 0: none. */
  guidance: 0.5,
  /** DiffAugment on the inputs of the critic and that classifier. */
  augment: false,
  /** Number of pictures that Smart Augmentation merges, and the weight of the critic of the results. */
  images: 2,
  critic: 0.1,
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

/**
 * Pictures without augmentation in random order, because a batch needs several of each class; from the training set all of
 * them, for finding memorized ones.
 */
const plain = ({ settings: s }: Context, split: 'train' | 'test') => {
  const perClass = split === 'test' ? Math.ceil(s.judged / 10) : s.perClass || undefined;
  const source = s.data
    ? webdataset(`${s.data}/${split}-*.tar`, { perClass, shuffle: true })
    : shapes10({
        split,
        size: s.size,
        perClass,
        shuffle: true,
        ...(split === 'train' && { count: s.count }),
      });
  return source.pipe(normalize(STATISTICS.symmetric), batch(100));
};

const learned = (context: Context) =>
  pictures(context, context.settings.epochs).pipe(
    horizontalFlip(),
    normalize(STATISTICS.symmetric),
    batch(context.settings.batch, { workers: context.workers, dropLast: true }),
  );

export default definePipeline({
  name: 'relatives',
  description: 'images from images of the same class, by a DAGAN or Smart Augmentation',
  settings,

  batches: learned,

  async *run(batches$, context) {
    const { settings: s, seed, out, resume, signal, backend, workers, samples } = context;
    const shared = { resume, seed, backend, signal };
    const { width, latent, loss, network, conditioning, images, critic } = s;
    const guidance = s.guidance || undefined;
    // Before any training, so a wrong setting is reported at once.
    const classifier = resnet(8);
    const relative = dagan({ latent, width, criticWidth: width, loss, network, conditioning, guidance });
    const merger = smartAugmentation({ images, width, critic, criticWidth: width, classifier });
    const judging$ = pictures(context, s.judgeEpochs).pipe(
      horizontalFlip(),
      padCrop({ padding: 4, border: 'reflect' }),
      normalize(STATISTICS.symmetric),
      batch(64, { workers }),
    );
    using referee = yield* trainJudge(judging$, {
      validation: plain(context, 'test'),
      training: () => plain(context, 'train'),
      evaluateEvery: s.judgeEpochs,
      checkpoint: { dir: `${out}/judge` },
      ...shared,
    });
    if (!referee) return;
    const measured = {
      learningRate: s.decay ? cosineDecay(s.learningRate) : s.learningRate,
      validation: () => plain(context, 'test'),
      evaluateEvery: s.evaluateEvery,
      ...shared,
    };
    const made = { ...measured, judge: referee, samples, checkpoint: { dir: out } };
    if (s.by === 'dagan') {
      yield* pull(train(batches$, { model: relative, augment: s.augment, ...made }));
      return;
    }
    const checkpoint = { dir: `${out}/alone` };
    const alone = train(learned(context), { model: classifier, optimizer: adam(), checkpoint, ...measured });
    for await (const event of pull(alone)) yield { ...event, run: 'alone' };
    if (!signal.aborted) yield* pull(train(batches$, { model: merger, ...made }));
  },
});
