import { cached, trainSteps } from '../lib/ours-training.mjs';
import { smallBatches } from './starvation.mjs';

export default {
  name: 'train-step-resnet20',
  about:
    'ResNet-20 on one batch of 128: forward, backward, SGD with momentum and L2; loss read after each step',
  unit: 'images/s',
  conditions: 'all cores',
  cores: 'all',
  batch: 128,
  inputs: ['shards'],
  contestants: {
    rxaug: {},
    pytorch: { script: 'pytorch_resnet20.py' },
  },
  async ours(spec, rxaug) {
    return trainSteps(rxaug, await cached(rxaug, smallBatches(spec, rxaug)));
  },
};
