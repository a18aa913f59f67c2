import { preparations, QUALITY, SHARD } from '../lib/ours-prepare.mjs';
import { photoDefinition, TIMES } from './prepare-photos.mjs';

const spec = (workers) => ({ spec: { workers, times: TIMES, shard: SHARD, quality: QUALITY } });

export default {
  name: 'prepare-workers',
  about: 'prepare-photos with 2 processes over the same with 1, by the clock',
  unit: '× of one process',
  conditions: 'all cores',
  cores: 'all',
  inputs: ['photos'],
  contestants: { 'rxaug, 1 process': spec(1), 'rxaug, 2 processes': spec(2) },
  values(rates) {
    const [one, two] = [rates['rxaug, 1 process'], rates['rxaug, 2 processes']];
    return one && two ? { rxaug: two.map((rate, i) => rate / one[i]) } : {};
  },
  ours: (given, rxaug) => preparations(given, photoDefinition(given, rxaug)),
};
