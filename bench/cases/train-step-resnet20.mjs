import { smallBatches } from '../lib/small-batches.mjs';
import { SGD, trainCase } from '../lib/train-case.mjs';
import { smallPipeline } from './cifar-32.mjs';

export default trainCase({
  name: 'train-step-resnet20',
  about: 'ResNet-20 on one batch of 128: forward, backward, SGD with momentum and L2',
  batch: 128,
  batches: (spec, rxaug) => smallBatches(spec, rxaug, smallPipeline(rxaug)),
  xla: true,
  options: (rxaug) => ({ model: rxaug.resnet(20), ...SGD(rxaug) }),
});
