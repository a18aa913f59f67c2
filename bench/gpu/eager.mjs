/** A training step as eager kernels of TensorFlow.js on a backend, as a contestant of bench/lib/ours.mjs. */
import { taskOf } from './models.mjs';
import { feedOf } from './programs.mjs';

const at = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { EagerStepper, wholeStep } = await at('train/loop/stepper.js');
const { keyOf } = await at('core/index.js');

export default {
  async ours({ model, batch, backend }, rxaug) {
    const loaded = await rxaug.loadBackend(backend);
    const task = taskOf(model);
    const stepper = new EagerStepper(task, task.init(keyOf(1)));
    const feed = feedOf(model, batch);
    let count = 0;
    return {
      about: { backend: loaded.why },
      async step() {
        await wholeStep(stepper, feed, { key: keyOf(++count), progress: 0 }, `in step ${count} of the bench`);
        return batch;
      },
    };
  },
};
