import { againstPeers, preparations, QUALITY } from '../lib/ours-prepare.mjs';

const SHARD = 1000;

export default {
  name: 'prepare-cifar',
  about: `tar shards of 32 × 32 JPEG: zero-padded crop, flip, JPEG of quality ${QUALITY} (4:4:4), WebDataset shards of ${SHARD}`,
  ...againstPeers(['pillow', 'opencv-prepare'], { shard: SHARD }),
  inputs: ['allShards'],
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
