import { smallBatches } from '../lib/small-batches.mjs';
import { SGD, trainCase } from '../lib/train-case.mjs';
import { smallPipeline } from './cifar-32.mjs';

export default trainCase({
  name: 'train-step-small-cnn',
  about:
    'cnn(), three convolutions with batch norm and max pooling, on one batch of 128: forward, backward, SGD with momentum and L2',
  batch: 128,
  batches: (spec, rxaug) => smallBatches(spec, rxaug, smallPipeline(rxaug)),
  options: (rxaug) => ({ model: rxaug.cnn(), ...SGD(rxaug) }),
});
