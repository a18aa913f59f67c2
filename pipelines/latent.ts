/**
 * An autoencoder on made pictures, or on WebDataset shards; sheets show pictures above what became of them:
 *
 *   npx rxaug gan pipelines/latent.ts --samples 200
 *   npx rxaug gan pipelines/latent.ts --set variational=true --set beta=0.02
 *   npx rxaug gan pipelines/latent.ts --set guide=true --set data=DIR
 */
import {
  autoencoder,
  batch,
  cosineDecay,
  definePipeline,
  flip,
  normalize,
  STATISTICS,
  shapes10,
  trainAutoencoder,
  webdataset,
} from 'rxaug';

const settings = {
  /** A folder of shards, `train-*.tar` and `test-*.tar`; without it pictures are made. */
  data: '',
  count: 2000,
  size: 32,
  epochs: 30,
  batch: 64,
  latent: 64,
  width: 16,
  variational: false,
  beta: 0.02,
  /** Keeps classes apart in the space of codes. */
  guide: false,
  learningRate: 2e-3,
  /** Test pictures. */
  tested: 500,
  evaluateEvery: 5,
};

export default definePipeline({
  name: 'latent',
  description: 'an autoencoder, variational or guided where asked',
  settings,

  batches: ({ settings: s, seed, workers }) =>
    (s.data
      ? webdataset(`${s.data}/train-*.tar`, { seed, shuffle: true, epochs: s.epochs })
      : shapes10({ count: s.count, size: s.size, seed, shuffle: true, epochs: s.epochs })
    ).pipe(flip(), normalize(STATISTICS.half), batch(s.batch, { workers })),

  run: (batches$, { settings: s, seed, out, resume, signal, backend, samples }) =>
    trainAutoencoder(batches$, {
      model: autoencoder({
        latent: s.latent,
        width: s.width,
        variational: s.variational,
        beta: s.beta,
        guide: s.guide,
      }),
      learningRate: cosineDecay(s.learningRate),
      validation: () => plain(s),
      evaluateEvery: s.evaluateEvery,
      samples,
      checkpoint: { dir: out },
      resume,
      seed,
      backend,
      signal,
    }),
});

/** Test pictures as they are, as many of each class. */
const plain = ({ data, size, tested }: typeof settings) => {
  const perClass = Math.ceil(tested / 10);
  const source = data
    ? webdataset(`${data}/test-*.tar`, { perClass })
    : shapes10({ split: 'test', size, perClass });
  return source.pipe(normalize(STATISTICS.half), batch(100));
};
