import { againstPeers, preparations, QUALITY } from '../lib/ours-prepare.mjs';
import { photoDefinition } from './prepare-photos.mjs';

/** The 8 photos are used so many times; shards small enough that each process has several. */
const TIMES = 64;
const SHARD = 8;

export default {
  name: 'prepare-large',
  about: `photos of 12 megapixels in files, each ${TIMES} times: RandomResizedCrop 224, flip, JPEG of quality ${QUALITY} (4:4:4), WebDataset shards of ${SHARD}`,
  ...againstPeers(['pillow', 'pillow-draft', 'opencv-prepare'], { times: TIMES, shard: SHARD }),
  inputs: ['large'],
  ours: (spec, rxaug) =>
    preparations({ ...spec, workers: spec.threads }, { ...photoDefinition(spec, rxaug), shardSize: SHARD }),
};
