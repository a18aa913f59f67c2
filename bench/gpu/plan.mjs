/** What bench/gpu.mjs measures, the most telling first: it stops when its time is over, and says what it left out. */

/** Precisions, as `precision` of the trainer has them; PyTorch's by flags of its own, and by autocast for bfloat16. */
const step = (model, batch, precision, more) => ({
  name: `${model}, batch ${batch}, ${precision}`,
  model,
  batch,
  precision,
  ...more,
});

const stream = (model, batch, precision) => ({
  name: `${model}, batch ${batch}, ${precision}, fed by the stream`,
  model,
  batch,
  precision,
  streamed: true,
});

const TWO = ['resnet20', 'resnet20-dropout'];

/** `limits`: seconds in which a part must be done, and a contestant ready, its compilation included. */
export const PLANS = {
  gpu: {
    limits: { correct: 150, start: 150 },
    correct: { models: TWO, batch: 16, steps: 20 },
    contests: [
      step('resnet20', 128, 'float32', { webgpu: true }),
      step('resnet50', 128, 'bfloat16'),
      step('resnet20', 128, 'bfloat16'),
      stream('resnet20', 128, 'bfloat16'),
      step('resnet50', 64, 'tensorfloat32'),
      step('resnet20', 1024, 'bfloat16'),
      step('wrn28-10', 128, 'bfloat16'),
      step('resnet20', 128, 'tensorfloat32'),
      step('resnet50', 64, 'float32'),
      stream('resnet20', 1024, 'bfloat16'),
      step('resnet20', 1024, 'tensorfloat32'),
      step('resnet50', 64, 'bfloat16'),
      step('resnet20', 1024, 'float32'),
    ],
  },
  cpu: {
    limits: { correct: 600, start: 600 },
    correct: { models: TWO, batch: 8, steps: 20 },
    contests: [
      step('resnet20', 32, 'float32', { webgpu: true }),
      stream('resnet20', 32, 'float32'),
      step('resnet20', 32, 'bfloat16'),
      step('resnet50', 2, 'float32'),
    ],
  },
  /** Every kind of part, as short as can be. */
  quick: {
    limits: { correct: 150, start: 150 },
    correct: { models: ['small', 'small-dropout'], batch: 4, steps: 5 },
    contests: [step('small', 4, 'bfloat16'), stream('small', 4, 'float32')],
  },
};
