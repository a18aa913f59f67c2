import { cached, trainSteps } from '../lib/ours-training.mjs';
import { smallBatches } from '../lib/small-batches.mjs';
import { SGD } from '../lib/train-case.mjs';
import { smallPipeline } from './cifar-32.mjs';

const feed = (way) => ({ script: 'pytorch_train.py', peer: 'pytorch', spec: { feed: way } });

export default {
  name: 'starvation',
  about:
    'time of a ResNet-20 step (batch 128) fed by the full cifar-32 stream, over its time on one cached batch; PyTorch fed by a DataLoader with one worker',
  unit: '× of the cached step; 1 is best',
  conditions: 'all cores',
  cores: 'all',
  batch: 128,
  lowerIsBetter: true,
  inputs: ['shards'],
  contestants: {
    'rxaug, cached': { spec: { feed: 'cached' } },
    'rxaug, stream': { spec: { feed: 'stream' } },
    'pytorch, cached': feed('cached'),
    'pytorch, stream': feed('stream'),
  },
  values(rates) {
    const slowdown = (who) => {
      const [cached, stream] = [rates[`${who}, cached`], rates[`${who}, stream`]];
      return cached && stream ? { [who]: stream.map((rate, i) => cached[i] / rate) } : {};
    };
    return { ...slowdown('rxaug'), ...slowdown('pytorch') };
  },
  async ours(spec, rxaug) {
    const batches$ = smallBatches(spec, rxaug, smallPipeline(rxaug));
    const options = { model: rxaug.resnet(20), ...SGD(rxaug) };
    if (spec.feed === 'cached') return trainSteps(rxaug, await cached(rxaug, batches$), options);
    // Batches rendered between the turns must not count: more are trained on first than can be under way.
    return trainSteps(rxaug, rxaug.pull(batches$), options, { skip: 6 });
  },
};
