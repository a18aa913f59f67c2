/** What the cases of training steps share: one batch for ever, our compiled and eager steps, PyTorch eager and compiled. */
import { cached, trainSteps } from './ours-training.mjs';

/** ResNet-20 as everyone here trains it, and the other convolutional networks too: momentum 0.9, L2 of 1e-4 on kernels. */
export const SGD = ({ sgd }) => ({
  optimizer: sgd({ momentum: 0.9, nesterov: false }),
  learningRate: 0.1,
  l2: 1e-4,
});

const EAGER = { 'rxaug-eager': { spec: { train: { compile: false } } } };
const XLA = { 'rxaug-xla': { spec: { train: { backend: 'xla' } }, optional: true } };

/**
 * @param about what a step is
 * @param options of `train`, from all names of rxaug
 * @param batches a stream of batches, from the spec and all names of rxaug
 * @param script of PyTorch's side, which tells the cases apart by their names
 * @param xla whether our step compiled by XLA takes part, where a plugin is installed
 */
export const trainCase = ({ name, about, options, batches, batch, script = 'pytorch_train.py', xla }) => ({
  name,
  about: `${about}; loss read after each step`,
  unit: 'images/s',
  conditions: 'all cores',
  cores: 'all',
  batch,
  inputs: ['shards'],
  sameParameters: true,
  contestants: {
    rxaug: {},
    ...EAGER,
    ...(xla && XLA),
    pytorch: { script },
    'pytorch-compile': { script, spec: { compile: true } },
  },
  async ours(spec, rxaug) {
    if (spec.train?.backend === 'xla' && !rxaug.findPjrtPlugin())
      throw new Error('XLA has no PJRT plugin here; run npx rxaug setup --xla cpu');
    const stream = await cached(rxaug, batches(spec, rxaug));
    return trainSteps(rxaug, stream, { ...options(rxaug), ...spec.train });
  },
});
