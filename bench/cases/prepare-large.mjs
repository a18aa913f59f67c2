import { preparations, QUALITY } from '../lib/ours-prepare.mjs';
import { peers } from '../lib/peers.mjs';
import { photoDefinition } from './prepare-photos.mjs';

/** The 8 photos are used so many times; shards small enough that each process has several. */
const TIMES = 16;
const SHARD = 8;

export default {
  name: 'prepare-large',
  about: `photos of 12 megapixels in files, each ${TIMES} times: RandomResizedCrop 224, flip, JPEG of quality ${QUALITY} (4:4:4), WebDataset shards of ${SHARD}`,
  unit: 'samples in a second of processor time',
  conditions: 'all cores, a process each',
  cores: 'all',
  perCpu: true,
  inputs: ['large'],
  contestants: Object.fromEntries(
    Object.entries({ rxaug: {}, ...peers('pillow', 'pillow-draft', 'opencv-prepare') }).map(([name, one]) => [
      name,
      { ...one, spec: { times: TIMES, shard: SHARD, quality: QUALITY } },
    ]),
  ),
  ours: (spec, rxaug) =>
    preparations({ ...spec, workers: spec.threads }, { ...photoDefinition(spec, rxaug), shardSize: SHARD }),
};
