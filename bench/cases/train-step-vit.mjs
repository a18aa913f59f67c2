import { smallBatches } from '../lib/small-batches.mjs';
import { trainCase } from '../lib/train-case.mjs';
import { smallPipeline } from './cifar-32.mjs';

export default trainCase({
  name: 'train-step-vit',
  about:
    'vit(), six blocks of width 128 over 64 patches and a class token, on one batch of 64: forward, backward, AdamW',
  batch: 64,
  batches: (spec, rxaug) => smallBatches(spec, rxaug, smallPipeline(rxaug)),
  options: ({ vit, adam }) => ({
    model: vit(),
    optimizer: adam(),
    learningRate: 1e-3,
    weightDecay: 0.05,
  }),
});
