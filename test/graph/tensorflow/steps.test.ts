/** Whole training steps in a session move the state as the steps themselves do. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { fold, keyOf } from '../../../src/core/index.js';
import { openSession } from '../../../src/graph/index.js';
import { METRICS, traceStep } from '../../../src/train/compiled/traced-step.js';
import { classification, cnn, type Model, resnet, rowRnn, sgd, vit } from '../../../src/train/index.js';
import { flatten, type State } from '../../../src/train/state/tensors.js';
import { onEveryBackend, useBackend, wave } from '../../train/golden.js';

const SIZE = 6;
const CLASSES = ['a', 'b', 'c', 'd'];
const models: readonly [string, Model][] = [
  ['cnn', cnn({ filters: [4, 8] })],
  ['resnet', resnet(8)],
  ['vit', vit({ patch: 4, width: 8, depth: 1, heads: 2 })],
  ['rowRnn', rowRnn({ units: 8 })],
];

function feed(step: number) {
  const labels = tf.tensor1d(
    Array.from({ length: SIZE }, (_, i) => (i + step) % CLASSES.length),
    'int32',
  );
  return {
    images: tf.tensor(wave(SIZE * 8 * 8 * 3, step), [SIZE, 8, 8, 3]),
    targets: tf.oneHot(labels, CLASSES.length).toFloat(),
    learningRate: tf.scalar(0.05),
  };
}

const moment = (step: number) => ({ key: fold(keyOf(3), step), progress: step / 10 });

onEveryBackend('steps on %s', () => {
  beforeAll(() => useBackend('tensorflow'));

  test.each(models)('%s', (_, model) => {
    const task = classification({
      model,
      optimizer: sgd({ momentum: 0.9, nesterov: true }),
      weightDecay: 1e-3,
    })({ input: [8, 8, 3], classes: CLASSES });
    tf.tidy(() => {
      let state: State = task.init(keyOf(1));
      const { graph } = traceStep(task, state, feed(0), moment(0)).traced;
      const flat = flatten(state);
      const variables = graph.inputs.filter(({ name }) => name in flat);
      using session = openSession({ step: graph }, variables);
      session.assign(flat);
      for (let step = 0; step < 3; step++) {
        const { images, targets, learningRate } = feed(step);
        const given = { 'feed/images': images, 'feed/targets': targets, 'feed/learningRate': learningRate };
        const [metrics] = session.run('step', given, [METRICS]);
        const stepped = task.step(state, feed(step), moment(step));
        state = stepped.state;
        const wanted = Object.values(stepped.metrics).map((metric) => metric.dataSync()[0]);
        for (const [i, value] of metrics.dataSync().entries()) {
          const off = Math.abs(value - wanted[i]);
          expect(off, `metric ${i} of step ${step}`).toBeLessThanOrEqual(1e-5 * Math.abs(wanted[i]));
        }
      }
      const moved = session.read();
      for (const [name, tensor] of Object.entries(flatten(state))) {
        const wanted = [...tensor.dataSync()];
        const actual = moved[name].dataSync();
        const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
        const off = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i])), 0);
        expect(off / largest, name).toBeLessThan(1e-5);
      }
    });
  });
}, ['tensorflow']);
