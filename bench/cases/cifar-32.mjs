import { drawBatches, PHOTO_STATISTICS } from '../lib/ours-streams.mjs';
import { peers } from '../lib/peers.mjs';
import { PHOTO_PEERS } from './augment-224.mjs';

/** Shards of small JPEG images: the pipeline of a CIFAR training run. */
export const smallPipeline = ({ padCrop, horizontalFlip, normalize, randomErasing }) => [
  padCrop(4),
  horizontalFlip(),
  normalize(PHOTO_STATISTICS),
  randomErasing({ p: 0.5 }),
];

export default {
  name: 'cifar-32',
  about:
    'tar shards of 32 × 32 JPEG: decode, zero-padded crop, flip, normalize, RandomErasing(.5); float32 batches of 64 (we read the tar, the peers have the encoded images in memory)',
  unit: 'images/s',
  conditions: 'one core each',
  cores: 1,
  inputs: ['shards'],
  contestants: {
    rxaug: {},
    ...peers(...PHOTO_PEERS, 'pyturbojpeg'),
  },
  ours(spec, rxaug) {
    const samples$ = rxaug
      .webdataset(spec.shards, { seed: 1, epochs: Number.POSITIVE_INFINITY })
      .pipe(...smallPipeline(rxaug));
    return drawBatches(rxaug, samples$, { size: spec.batch, workers: 0 });
  },
};
