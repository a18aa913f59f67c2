/** A precision that XLA was asked for is not lost without a word where a step cannot be compiled. */
import { expect, test } from 'vitest';
import { keyOf } from '../../../src/core/index.js';
import { tf } from '../../../src/graph/tf.js';
import { classification } from '../../../src/train/classification/task.js';
import { stepperOf } from '../../../src/train/compiled/stepper-of.js';
import { wholeStep } from '../../../src/train/loop/stepper.js';
import { mlp } from '../../../src/train/models/index.js';
import { sgd } from '../../../src/train/optimizers/index.js';
import { onXla } from '../on-xla.js';

onXla('precision on XLA', () => {
  /** What is said of a step that reads numbers. */
  async function said(precision: 'float32' | 'bfloat16'): Promise<string[]> {
    const whole = classification({ model: mlp({ hidden: [3] }), optimizer: sgd() })({
      input: [2, 2, 3],
      classes: ['a', 'b'],
    });
    const reading: typeof whole = {
      ...whole,
      step(state, feed, context) {
        const [first] = Object.values(state.params);
        return whole.step(state, feed, { ...context, progress: 0 * (first?.dataSync()[0] ?? 0) });
      },
    };
    const notices: string[] = [];
    const stepper = stepperOf(reading, reading.init(keyOf(1)), { backend: 'xla', precision }, (notice) =>
      notices.push(notice),
    );
    const feed = {
      images: tf.ones([4, 2, 2, 3]),
      targets: tf.fill([4, 2], 0.5),
      learningRate: tf.scalar(0.1),
    };
    await wholeStep(stepper, feed, { key: keyOf(2), progress: 0 }, 'at step 1');
    stepper.dispose();
    tf.dispose(feed);
    return notices;
  }

  test('a step that runs as it is does so in float32, which its notice says', async () => {
    expect(await said('float32')).toEqual([expect.stringMatching(/it runs as it is, which is slower$/)]);
    expect(await said('bfloat16')).toEqual([
      expect.stringMatching(
        /which is slower, and in float32: precision 'bfloat16' is of compiled steps only$/,
      ),
    ]);
  });
});
