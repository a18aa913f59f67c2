import { drawBatches, encoded, PHOTO_STATISTICS, source } from '../lib/ours-streams.mjs';

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

export const PHOTO_PEERS = {
  'torchvision-pil': { script: 'torchvision_pil.py' },
  'torchvision-tensor': { script: 'torchvision_tensor.py' },
  opencv: { script: 'opencv.py' },
  'opencv-tuned': { script: 'opencv.py' },
  albumentations: { script: 'albumentations_peer.py' },
};

export default {
  name: 'augment-224',
  about:
    'JPEG photos in memory: decode, RandomResizedCrop 224, flip, ColorJitter(.4, .4, .4), normalize, RandomErasing(.5); float32 batches of 64',
  unit: 'images/s',
  conditions: 'one core each',
  cores: 1,
  inputs: ['photos'],
  contestants: { rxaug: {}, ...PHOTO_PEERS },
  ours(spec, rxaug) {
    const samples$ = source(rxaug, encoded(spec)).pipe(...photoPipeline(rxaug));
    return drawBatches(rxaug, samples$, { size: spec.batch, workers: 0 });
  },
};
