import { photoSource, preparations, QUALITY, SHARD } from '../lib/ours-prepare.mjs';
import { peers } from '../lib/peers.mjs';

/** Each photo is used so many times, so that a turn is long enough. */
const TIMES = 10;

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
  unit: 'samples in a second of processor time',
  conditions: 'all cores, a process each',
  cores: 'all',
  perCpu: true,
  inputs: ['photos'],
  contestants: Object.fromEntries(
    Object.entries({ rxaug: {}, ...peers('pillow', 'pillow-draft', 'opencv-prepare') }).map(([name, one]) => [
      name,
      { ...one, spec: { times: TIMES, shard: SHARD, quality: QUALITY } },
    ]),
  ),
  ours: (spec, rxaug) => preparations({ ...spec, workers: spec.threads }, photoDefinition(spec, rxaug)),
};
