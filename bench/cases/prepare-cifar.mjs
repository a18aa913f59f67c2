import { preparations, QUALITY } from '../lib/ours-prepare.mjs';
import { peers } from '../lib/peers.mjs';

const SHARD = 1000;

export default {
  name: 'prepare-cifar',
  about: `tar shards of 32 × 32 JPEG: zero-padded crop, flip, JPEG of quality ${QUALITY} (4:4:4), WebDataset shards of ${SHARD}`,
  unit: 'samples in a second of processor time',
  conditions: 'all cores, a process each',
  cores: 'all',
  perCpu: true,
  inputs: ['shards'],
  contestants: Object.fromEntries(
    Object.entries({ rxaug: {}, ...peers('pillow', 'opencv-prepare') }).map(([name, one]) => [
      name,
      { ...one, spec: { shard: SHARD, quality: QUALITY } },
    ]),
  ),
  ours: async (spec, { openWebdataset, padCrop, horizontalFlip }) =>
    preparations(
      { ...spec, workers: spec.threads },
      {
        source: await openWebdataset(spec.shards),
        nearDuplicates: 'ignore',
        keepOriginal: false,
        augment: [padCrop(4), horizontalFlip()],
        encode: { format: 'jpeg', quality: QUALITY },
        shardSize: SHARD,
      },
    ),
};
