import { drawBatches, encoded, PHOTO_STATISTICS, source } from '../lib/ours-streams.mjs';
import { peers } from '../lib/peers.mjs';

/** The pipeline that peers.md and most training scripts mean by "augment". */
export const photoPipeline = ({
  randomResizedCrop,
  horizontalFlip,
  colorJitter,
  normalize,
  randomErasing,
}) => [
  randomResizedCrop(224),
  horizontalFlip(),
  colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4 }),
  normalize(PHOTO_STATISTICS),
  randomErasing({ p: 0.5 }),
];

/** All that work on decoded photos too. */
export const PHOTO_PEERS = [
  'torchvision-pil',
  'torchvision-tensor',
  'opencv',
  'opencv-tuned',
  'albumentations',
  'albumentationsx',
  'kornia',
  'dali',
  'tf-data',
  'ffcv',
];

export default {
  name: 'augment-224',
  about:
    'JPEG photos in memory: decode, RandomResizedCrop 224, flip, ColorJitter(.4, .4, .4), normalize, RandomErasing(.5); float32 batches of 64',
  unit: 'images/s',
  conditions: 'one core each',
  cores: 1,
  inputs: ['photos'],
  contestants: { rxaug: {}, ...peers(...PHOTO_PEERS, 'pyturbojpeg') },
  ours(spec, rxaug) {
    const samples$ = source(rxaug, encoded(spec)).pipe(...photoPipeline(rxaug));
    return drawBatches(rxaug, samples$, { size: spec.batch, workers: 0 });
  },
};
