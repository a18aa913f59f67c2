import { againstPeers, photoSource, preparations, QUALITY, SHARD } from '../lib/ours-prepare.mjs';

/** Each photo is used so many times: a data set of 8,000, in which the first seconds of a process do not count for much. */
export const TIMES = 40;

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
