import { drawBatches, encoded, PHOTO_STATISTICS, source } from '../lib/ours-streams.mjs';
import { peers } from '../lib/peers.mjs';

export default {
  name: 'large-photos',
  about:
    'JPEG photos of 12 megapixels in memory: decode, RandomResizedCrop 224, flip, normalize; float32 batches of 16',
  unit: 'images/s',
  conditions: 'one core each',
  cores: 1,
  batch: 16,
  inputs: ['large'],
  contestants: {
    rxaug: {},
    ...peers(
      'torchvision-pil',
      'torchvision-pil-draft',
      'opencv-tuned',
      'opencv-reduced',
      'pyturbojpeg',
      'albumentations',
      'albumentationsx',
      'kornia',
      'dali',
      'tf-data',
      'ffcv',
    ),
  },
  ours(spec, rxaug) {
    const samples$ = source(rxaug, encoded(spec)).pipe(
      rxaug.randomResizedCrop(224),
      rxaug.horizontalFlip(),
      rxaug.normalize(PHOTO_STATISTICS),
    );
    return drawBatches(rxaug, samples$, { size: spec.batch, workers: 0 });
  },
};
