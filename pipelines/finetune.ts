/**
 * A model for photos of your own classes, from weights that were trained on others. The images are in a folder of class
 * folders (`photos/cat/…`, `photos/dog/…`), the weights in a `.safetensors` file in torchvision's or timm's layout:
 *
 *   npx rxaug run pipelines/finetune.ts --set data=photos --set weights=resnet18.safetensors
 *   npx rxaug run pipelines/finetune.ts --set data=photos --set weights=resnet18.safetensors --set frozen=stem,stage1,stage2
 *   npx rxaug run pipelines/finetune.ts --set data=photos --set model=vitS16 --set weights=vit.safetensors --set depthDecay=0.75
 *
 * A share of the images of each class is only measured on; which ones follows from their bytes and the seed. The last layer
 * starts anew for your classes. Without `weights` everything does: enough to try the pipeline out, not to get a good model.
 */
import {
  adamw,
  batch,
  centerCrop,
  cosineDecay,
  definePipeline,
  horizontalFlip,
  normalize,
  type PipelineContext,
  randomResizedCrop,
  resnet18,
  resnet34,
  resnet50,
  STATISTICS,
  samples,
  sgd,
  smallestMaxSize,
  train,
  trivialAugment,
  UsageError,
  vitS16,
} from 'rxaug';
import { openImageFolder, splitDataset } from 'rxaug/datasets';

/** Each model with the optimizer and the peak of the learning rate that suit it, and its weight decay. */
const MODELS = {
  resnet18: { make: resnet18, optimizer: sgd, learningRate: 0.02, weightDecay: 1e-3 },
  resnet34: { make: resnet34, optimizer: sgd, learningRate: 0.02, weightDecay: 1e-3 },
  resnet50: { make: resnet50, optimizer: sgd, learningRate: 0.02, weightDecay: 1e-3 },
  vitS16: { make: vitS16, optimizer: adamw, learningRate: 3e-4, weightDecay: 0.05 },
} as const;

const settings = {
  /** The folder that holds the class folders. */
  data: '',
  /** Path of a .safetensors file; '': all layers start anew. */
  weights: '',
  model: 'resnet18' as string,
  /** 'new': the last layer starts anew; 'file': it is read too, from weights for as many classes. */
  head: 'new' as string,
  /** Layers that stay as they are: stem,stage1 of a ResNet; patches,class,position,block1 of a ViT. */
  frozen: [] as string[],
  /** Factor of the learning rate from each block to the one before it; 1: all learn alike. */
  depthDecay: 1,
  /** Pixels a side; a ViT needs those of its weights. */
  size: 224,
  /** What the weights were trained on: 'imagenet' for torchvision's, 'symmetric' for many of timm's ViTs. */
  statistics: 'imagenet' as string,
  /** Share of the images that is measured on. */
  validation: 0.2,
  epochs: 10,
  batch: 32,
  /** Peak of a cosine to 0, after a warm-up of 5 %; 0: what suits the model, which is 0.02 or, of vitS16, 0.0003. */
  learningRate: 0,
  labelSmoothing: 0.1,
  /** TrivialAugment, after random crops and flips. */
  trivialAugment: true,
};
type Context = PipelineContext<typeof settings>;
type S = Context['settings'];

/** One of the names of an object, or a sentence with all of them. */
function choice<T extends object>(setting: keyof S, among: T, name: string): T[keyof T] {
  if (Object.hasOwn(among, name)) return among[name as keyof T];
  throw new UsageError(
    `--set ${setting}: expected ${Object.keys(among).join(', ')} but received '${name}'; give one of them`,
  );
}

const statisticsOf = ({ statistics }: S) =>
  choice('statistics', { imagenet: STATISTICS.imagenet, symmetric: STATISTICS.symmetric }, statistics);

/** Images to train on and images to measure on; the same for the same images and seed. */
async function parts({ data, validation }: S, seed: number) {
  if (data === '') throw new UsageError('--set data: expected a folder of class folders; give its path');
  if (!(validation > 0 && validation < 1))
    throw new UsageError(`--set validation: expected a share between 0 and 1 but received ${validation}`);
  return splitDataset(await openImageFolder(data), { train: 1 - validation, validation }, { seed });
}

/** Images as they are measured: the middle, at 7/8 of the shorter side. */
const plain = (s: S, seed: number) =>
  samples(async () => (await parts(s, seed)).validation).pipe(
    smallestMaxSize(Math.round((s.size * 8) / 7)),
    centerCrop(s.size),
    normalize(statisticsOf(s)),
    batch(s.batch),
  );

export default definePipeline({
  name: 'finetune',
  description: 'a model for photos of your own classes, from weights that were trained on others',
  settings,

  batches({ settings: s, seed, workers }) {
    const images$ = samples(async () => (await parts(s, seed)).train, {
      seed,
      shuffle: true,
      epochs: s.epochs,
    }).pipe(randomResizedCrop({ size: s.size, scale: [0.35, 1] }), horizontalFlip());
    const noisy$ = s.trivialAugment ? images$.pipe(trivialAugment()) : images$;
    return noisy$.pipe(normalize(statisticsOf(s)), batch(s.batch, { workers }));
  },

  run(batches$, { settings: s, seed, out, resume, signal, backend, log }) {
    const { make, optimizer, learningRate, weightDecay } = choice('model', MODELS, s.model);
    if (!s.weights && s.frozen.length > 0)
      throw new UsageError('--set frozen: expected weights too: layers that know nothing would stay so');
    const head = choice('head', { new: 'new', file: 'file' } as const, s.head);
    if (!s.weights && head === 'file')
      throw new UsageError("--set head: expected weights too: 'file' reads the last layer from them");
    if (!s.weights)
      log(
        'no weights: all layers start anew, which needs many more images and epochs; give --set weights=FILE',
      );
    return train(batches$, {
      model: make(),
      ...(s.weights && {
        weights: { file: s.weights, head },
      }),
      ...(s.frozen.length > 0 && { frozen: [...s.frozen] }),
      depthDecay: s.depthDecay,
      optimizer: optimizer === sgd ? sgd({ momentum: 0.9, nesterov: true }) : optimizer(),
      learningRate: cosineDecay(s.learningRate || learningRate, { warmup: 0.05 }),
      weightDecay,
      labelSmoothing: s.labelSmoothing,
      clipNorm: 5,
      validation: () => plain(s, seed),
      checkpoint: { dir: out },
      resume,
      seed,
      backend,
      signal,
    });
  },
});
