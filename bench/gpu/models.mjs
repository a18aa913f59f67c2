/** Networks whose training step is measured, each with its optimizer, as bench/peers/pytorch_step.py has them. */
import { rxaug } from '../lib/rxaug.mjs';

const { classification, resnet, resnet50, sgd, wideResnet } = rxaug;

/** Momentum 0.9 and an L2 of 1e-4, nothing else: what every framework has. */
const stepOf = (model, more) =>
  classification({ model, optimizer: sgd({ momentum: 0.9, nesterov: false }), l2: 1e-4, ...more });

/** `side`: of the image; `classes`; `make`: the model; `more`: options of the trainer beside it. */
export const MODELS = {
  resnet20: { side: 32, classes: 10, make: () => resnet(20) },
  'resnet20-dropout': {
    side: 32,
    classes: 10,
    make: () => resnet(20, { dropout: 0.1, stochasticDepth: 0.1 }),
  },
  'wrn28-10': { side: 32, classes: 10, make: () => wideResnet(28, 10) },
  resnet50: { side: 224, classes: 1000, make: () => resnet50() },
};

export const LEARNING_RATE = 0.1;

/** The task of a model, for its images. */
export function taskOf(name) {
  const { side, classes, make, more } = MODELS[name];
  const names = Array.from({ length: classes }, (_, i) => `class ${i}`);
  return stepOf(make(), more)({ input: [side, side, 3], classes: names });
}
