import { cached, trainSteps } from '../lib/ours-training.mjs';
import { smallBatches } from './starvation.mjs';

/** Both sides: the same regularizers with the same numbers; see peers/pytorch_resnet20.py. */
const FULL = {
  network: { stochasticDepth: 0.1, dropout: 0.1 },
  more: { labelSmoothing: 0.1, clipNorm: 5, ema: { decay: 0.999, warmup: 0 } },
};

export default {
  name: 'train-step-resnet20-full',
  about:
    'train-step-resnet20 with label smoothing, dropout before the head, stochastic depth, clipping by norm, and an average of weights',
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
    return trainSteps(rxaug, await cached(rxaug, smallBatches(spec, rxaug)), FULL);
  },
};
