import { smallBatches } from '../lib/small-batches.mjs';
import { SGD, trainCase } from '../lib/train-case.mjs';
import { smallPipeline } from './cifar-32.mjs';

export default trainCase({
  name: 'train-step-wrn16-4',
  about: 'wide ResNet 16-4 on one batch of 128: forward, backward, SGD with momentum and L2',
  batch: 128,
  batches: (spec, rxaug) => smallBatches(spec, rxaug, smallPipeline(rxaug)),
  options: (rxaug) => ({ model: rxaug.wideResnet(16, 4), ...SGD(rxaug) }),
});
