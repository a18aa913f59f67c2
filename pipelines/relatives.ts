/**
 * Images from images of one class, by a DAGAN or by Smart Augmentation, on made pictures or on WebDataset shards. Sheets
 * show pictures of the test set above what was made of them:
 *
 *   npx rxaug gan pipelines/relatives.ts --samples 200
 *   npx rxaug gan pipelines/relatives.ts --samples 200 --set by=smart --set data=DIR
 *
 * First a small classifier learns the same pictures; it then judges what is made. Before Smart Augmentation its
 * classifier learns alone (run 'alone'), from the same batches as later beside merged pictures: the difference of
 * their accuracies on test pictures is what merging was worth.
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
  /** A folder of shards; without it pictures are made. */
  data: '',
  /** Training pictures, where they are made; of shards so many of each class, 0: all. */
  count: 2000,
  perClass: 0,
  size: 32,
  epochs: 60,
  /** Of some ten pictures a class, so that each finds others of its own. */
  batch: 100,
  /** Filters next to the image. */
  width: 16,
  learningRate: 4e-4,
  /** Lets it fall to 0 by a cosine; false: it stays. */
  decay: true,
  /** Numbers in the noise of a DAGAN, and its loss. */
  latent: 64,
  loss: 'hinge' as 'hinge' | 'wgan-gp',
  /** How a DAGAN's generator is built: with a class that it reads from the image, or with the image itself. */
  network: 'code' as 'unet' | 'code',
  /** Tells a DAGAN's critic the class; 'none': it has to see from a pair whether that is of one class. */
  conditioning: 'projection' as 'none' | 'projection',
  /** How much a DAGAN's pictures and codes are asked to be of their class, by a classifier beside the critic; 0: not. */
  guidance: 0.5,
  /** DiffAugment, of what its critic and that classifier see. */
  augment: false,
  /** Pictures that Smart Augmentation merges, and the weight of the critic that scores what comes out. */
  images: 2,
  critic: 0.1,
  /** Passes that the judge learns for, images that it judges by, and epochs from one judgment to the next. */
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
 * Pictures as they are, in an order of chance, for a batch needs several of each class; of the training set all that are
 * learned from, to look for memorized ones among.
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
  description: 'images made of images of their class, by a DAGAN or Smart Augmentation',
  settings,

  batches: learned,

  async *run(batches$, context) {
    const { settings: s, seed, out, resume, signal, backend, workers, samples } = context;
    const shared = { resume, seed, backend, signal };
    const { width, latent, loss, network, conditioning, images, critic } = s;
    const guidance = s.guidance || undefined;
    // Before anything learns, so that a wrong setting is said at once.
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
