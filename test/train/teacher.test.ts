/** `classification` and `classifier`, the tasks for `trainTask`, take the options of `train` or refuse them by name. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import { classification, classifier, fit, mlp, sgd, type Task, type Trained } from '../../src/train/index.js';
import { disposeState } from '../../src/train/state/tensors.js';
import { fakeBatches } from './batches.js';
import { useBackend } from './golden.js';

const model = mlp({ hidden: [6] });
const optimizer = sgd();
let teacher: Trained;

beforeAll(async () => {
  await useBackend('cpu');
  teacher = await fit(fakeBatches().batches$, { model, backend: 'cpu', seed: 1 });
});

async function lossOf(task: Task): Promise<number> {
  const state = task.init(keyOf(0));
  const [height, width, channels] = task.spec.input as [number, number, number];
  const loss = tf.tidy(() => {
    const images = tf.ones([2, height, width, channels]);
    const targets = tf.oneHot([0, 1], task.spec.classes.length).toFloat();
    const feed = { images, targets, learningRate: tf.scalar(0.1) };
    return task.step(state, feed, { key: keyOf(0), progress: 0 }).metrics.loss as tf.Tensor;
  });
  const [value] = await loss.data();
  loss.dispose();
  disposeState(state);
  return value as number;
}

describe.each([
  ['classification', (options: object) => classification({ model, optimizer, ...options })(teacher.network)],
  ['classifier', (options: object) => classifier(teacher.network, { optimizer, ...options })],
])('%s', (name, taskOf) => {
  it('distills from the model in distill.teacher as from the one beside it', async () => {
    const plain = await lossOf(taskOf({}));
    const distilled = await lossOf(taskOf({ distill: { teacher } }));
    expect(distilled).not.toBe(plain);
    expect(await lossOf(taskOf({ distill: { teacher: 'a.ckpt' }, teacher }))).toBe(distilled);
  });

  it('refuses a teacher that is only a path, and one without distill', () => {
    expect(() => taskOf({ distill: { teacher: 'a.ckpt' } })).toThrow(
      `${name}: distill.teacher: expected a trained model but received 'a.ckpt'; load() it first`,
    );
    expect(() => taskOf({ teacher })).toThrow(
      `${name}: teacher: expected distill as well but received undefined; give distill: { teacher }`,
    );
  });

  it('refuses an imageSize that is none', () => {
    expect(() => taskOf({ imageSize: 0 })).toThrow(`${name}: imageSize`);
  });
});

describe('classifier', () => {
  it('takes the imageSize of its network and refuses another', () => {
    const { input } = teacher.network;
    expect(
      classifier(teacher.network, { optimizer, imageSize: [...input.slice(0, 2)] as [number, number] }).spec
        .input,
    ).toEqual(input);
    expect(() => classifier(teacher.network, { optimizer, imageSize: 99 })).toThrow(
      `classifier: imageSize: expected ${input[0]}×${input[1]} but received 99; leave imageSize out`,
    );
  });
});
