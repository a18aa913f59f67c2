import { smallBatches } from '../lib/small-batches.mjs';
import { SGD, trainCase } from '../lib/train-case.mjs';
import { smallPipeline } from './cifar-32.mjs';

export default trainCase({
  name: 'train-step-resnet20-full',
  about:
    'train-step-resnet20 with label smoothing, dropout before the head, stochastic depth, clipping by norm, and an average of weights',
  batch: 128,
  batches: (spec, rxaug) => smallBatches(spec, rxaug, smallPipeline(rxaug)),
  // The same numbers as in peers/pytorch_train.py.
  options: (rxaug) => ({
    model: rxaug.resnet(20, { stochasticDepth: 0.1, dropout: 0.1 }),
    ...SGD(rxaug),
    labelSmoothing: 0.1,
    clipNorm: 5,
    ema: { decay: 0.999, warmup: 0 },
  }),
});
