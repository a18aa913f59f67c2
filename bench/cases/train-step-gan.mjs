import { smallBatches } from '../lib/small-batches.mjs';
import { trainCase } from '../lib/train-case.mjs';

export default trainCase({
  name: 'train-step-gan',
  about:
    'gan() as it is by default, on one batch of 64: a step of a critic with spectral norm (hinge loss, projection), one of the generator, Adam for both, an average of the generator',
  batch: 64,
  batches: (spec, rxaug) => smallBatches(spec, rxaug, [rxaug.normalize(rxaug.STATISTICS.symmetric)]),
  script: 'pytorch_gan.py',
  options: ({ gan }) => ({ model: gan() }),
});
