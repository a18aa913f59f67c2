import { decoded, drawBatches, source } from '../lib/ours-streams.mjs';
import { peers } from '../lib/peers.mjs';
import { PHOTO_PEERS, photoPipeline } from './augment-224.mjs';

export default {
  name: 'augment-224-decoded',
  about: 'augment-224 from decoded photos in memory',
  unit: 'images/s',
  conditions: 'one core each',
  cores: 1,
  inputs: ['photos'],
  contestants: { rxaug: {}, ...peers(...PHOTO_PEERS) },
  async ours(spec, rxaug) {
    const samples$ = source(rxaug, await decoded(spec, rxaug)).pipe(...photoPipeline(rxaug));
    return drawBatches(rxaug, samples$, { size: spec.batch, workers: 0 });
  },
};
