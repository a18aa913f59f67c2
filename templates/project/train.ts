/**
 * Trains a small network on a folder of images, in which each class has a folder of its own.
 *
 *   npx rxaug run train.ts
 *   npx rxaug run train.ts --set epochs=40 --set size=64
 */
import {
  batch,
  cnn,
  cosineDecay,
  cutout,
  definePipeline,
  horizontalFlip,
  imageFolder,
  normalize,
  padCrop,
  resize,
  train,
} from 'rxaug';

export default definePipeline({
  name: 'train',
  settings: {
    /** Folders of class folders; '' for test where there is none. */
    train: '__TRAIN__',
    test: '__TEST__',
    /** Pixels a side. */
    size: 32,
    batch: 32,
    epochs: 20,
    learningRate: 0.05,
  },

  batches: ({ settings, seed, workers }) =>
    imageFolder(settings.train, { seed, shuffle: true, epochs: settings.epochs }).pipe(
      resize(settings.size),
      horizontalFlip(),
      padCrop({ padding: 4, border: 'reflect' }),
      normalize(),
      cutout(settings.size / 4),
      batch(settings.batch, { workers }),
    ),

  run: (batches, { settings, seed, backend, out, resume, signal }) =>
    train(batches, {
      model: cnn({ filters: [16, 32, 64] }),
      learningRate: cosineDecay(settings.learningRate, { warmup: 0.05 }),
      weightDecay: 5e-4,
      labelSmoothing: 0.1,
      // The same without chance: it is measured on, and `rxaug predict` prepares images so.
      validation:
        settings.test === ''
          ? undefined
          : imageFolder(settings.test).pipe(resize(settings.size), normalize(), batch(settings.batch)),
      checkpoint: { dir: out },
      resume,
      seed,
      backend,
      signal,
    }),
});
