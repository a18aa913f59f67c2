import { againstPeers, photoSource, preparations, QUALITY, SHARD } from '../lib/ours-prepare.mjs';

/** Each photo is used so many times, so that a turn is long enough. */
export const TIMES = 10;

export const photoDefinition = (spec, { randomResizedCrop, horizontalFlip }) => ({
  source: photoSource(spec.images, spec.times),
  nearDuplicates: 'ignore',
  keepOriginal: false,
  augment: [randomResizedCrop(224), horizontalFlip()],
  size: 224,
  encode: { format: 'jpeg', quality: QUALITY },
  shardSize: SHARD,
});

export default {
  name: 'prepare-photos',
  about: `photos in files, each ${TIMES} times: RandomResizedCrop 224, flip, JPEG of quality ${QUALITY} (4:4:4), WebDataset shards of ${SHARD}`,
  ...againstPeers(['pillow', 'pillow-draft', 'opencv-prepare'], { times: TIMES, shard: SHARD }),
  inputs: ['photos'],
  ours: (spec, rxaug) => preparations({ ...spec, workers: spec.threads }, photoDefinition(spec, rxaug)),
};
