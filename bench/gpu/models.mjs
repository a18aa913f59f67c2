/** Networks whose training step is measured, as bench/peers/pytorch_step.py has them. */
import { rxaug } from '../lib/rxaug.mjs';
import { MODELS } from './sizes.mjs';

const { classification, cnn, resnet, resnet50, sgd, wideResnet } = rxaug;

const MAKE = {
  small: () => cnn({ filters: [4] }),
  'small-dropout': () => cnn({ filters: [4], dropout: 0.2 }),
  resnet20: () => resnet(20),
  'resnet20-dropout': () => resnet(20, { dropout: 0.1, stochasticDepth: 0.1 }),
  'wrn28-10': () => wideResnet(28, 10),
  resnet50: () => resnet50(),
};

export const LEARNING_RATE = 0.01;

/** The task of a model for its images: momentum 0.9 and an L2 of 1e-4, which every framework has. */
export function taskOf(name) {
  const { side, classes } = MODELS[name];
  const names = Array.from({ length: classes }, (_, i) => `class ${i}`);
  const optimizer = sgd({ momentum: 0.9, nesterov: false });
  return classification({ model: MAKE[name](), optimizer, l2: 1e-4 })({
    input: [side, side, 3],
    classes: names,
  });
}
