/** Weights used at two places: they exist once, are penalized once, and their gradients add up (networks.json). */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import {
  batchNorm,
  classifier,
  dense,
  dropout,
  flatten,
  type Layer,
  l2,
  model,
  modelFrom,
  relu,
  sequential,
  sgd,
  tied,
  tiedTranspose,
} from '../../src/train/index.js';
import { Scope } from '../../src/train/layers/layer.js';
import { build, initialize } from '../../src/train/models/model.js';
import { assign, penaltySum } from '../../src/train/penalties/penalty.js';
import { declare, useBackend } from './golden.js';

describe('tied weights', () => {
  beforeAll(() => useBackend('cpu'));
  const look = { input: [1, 1, 4], classes: ['a', 'b', 'c', 'd'] };
  const twice = model('twice', () =>
    sequential([
      flatten(),
      dense(4, { name: 'first' }),
      batchNorm({ name: 'norm' }),
      tied(dense(4), 'first', { name: 'again' }),
      tied(batchNorm(), 'norm', { name: 'norm2' }),
    ]),
  );

  test('a shared parameter exists once; running statistics and noise are each place’s own', () => {
    const network = build(twice, look);
    expect(network.params.map(({ name }) => name)).toEqual([
      'first/kernel',
      'first/bias',
      'norm/scale',
      'norm/shift',
    ]);
    expect(network.stats.map(({ name }) => name)).toEqual([
      'norm/mean',
      'norm/variance',
      'norm2/mean',
      'norm2/variance',
    ]);
    const again = build(modelFrom(JSON.parse(JSON.stringify(network.config))), look);
    expect(again.root.config).toEqual(network.root.config);
    expect(again.params.map(({ name }) => name)).toEqual(network.params.map(({ name }) => name));
  });

  test('penalties and decay count it once', () => {
    const network = build(twice, look);
    const { params, stats } = initialize(network, keyOf(1));
    const kernel = params['first/kernel'];
    const squares = tf.tidy(() => tf.sum(tf.square(kernel)).dataSync()[0]);
    const assigned = assign([l2(0.1)], network.params);
    expect([...assigned[0].names]).toEqual(['first/kernel']);
    expect(tf.tidy(() => penaltySum(params, assigned)?.dataSync()[0])).toBeCloseTo(0.05 * squares, 5);
    expect(() => assign([l2(0.1, { params: 'again' })], network.params)).toThrow(
      "l2: params: the pattern 'again' matches no kernel of the model; its kernels are first/kernel",
    );
    const step = classifier(network, { optimizer: sgd({ momentum: 0 }), weightDecay: 0.1 });
    const feed = {
      images: tf.zeros([2, 1, 1, 4]),
      targets: tf.fill([2, 4], 0.25),
      learningRate: tf.scalar(0.5),
    };
    const still = { ...params, 'norm/scale': tf.zerosLike(params['norm/scale']) }; // no gradient gets through
    const after = tf.tidy(
      () =>
        step
          .step({ params: still, stats, slots: {} }, feed, { key: keyOf(0), progress: 0 })
          .state.params['first/kernel'].div(kernel)
          .dataSync()[0],
    );
    expect(after).toBeCloseTo(1 - 0.5 * 0.1, 5);
    tf.dispose([params, stats, feed, still['norm/scale']] as tf.TensorContainer);
  });

  test('noise is each place’s own', () => {
    const part = () => sequential([dense(50, { name: 'in' }), dropout(0.5, { name: 'drop' })]);
    const layer = sequential([
      { ...part(), config: { ...part().config, name: 'a' } },
      tied(part(), 'a', { name: 'b' }),
    ]);
    const [a, b] = tf.tidy(() => {
      const seen: number[][] = [];
      const params = { 'a/in/kernel': tf.eye(50) as tf.Tensor, 'a/in/bias': tf.ones([50]) };
      const visit = (path: string, y: tf.Tensor) => {
        if (path === 'a' || path === 'b') seen.push([...y.dataSync()].map((v) => Number(v > 0)));
        return y;
      };
      const pass = {
        params,
        stats: {},
        training: true,
        key: keyOf(1),
        progress: 0,
        updates: {},
        losses: [],
        visit,
      };
      layer.apply(new Scope(pass), tf.ones([1, 50]));
      return seen;
    });
    expect(new Set(a)).toEqual(new Set([0, 1]));
    expect(a).not.toEqual(b);
  });

  const shapes = (layers: Layer[], inputs: number) => declare(sequential(layers), [inputs]);
  test.each([
    [
      () => shapes([tied(dense(2), 'a', { name: 'b' }), dense(2, { name: 'a' })], 2),
      "b: expected [2,2] as 'a/kernel' but received 'nothing'; tie to an earlier layer",
    ],
    [
      () => shapes([dense(2, { name: 'a' }), tied(dense(3), 'a', { name: 'b' })], 2),
      "b: expected [2,3] as 'a/kernel' but received [2,2]",
    ],
    [
      () => declare(tiedTranspose('a'), [2]),
      "tiedTranspose: expected a matrix as 'a/kernel' but received 'nothing'; give the full path",
    ],
    [
      () => shapes([dense(2, { name: 'a' }), relu(), dense(5), tiedTranspose('a')], 3),
      'tiedTranspose: expected input of 2 numbers but received [5]',
    ],
  ])('%#: what does not fit gets one sentence', (make, sentence) => {
    expect(make).toThrow(sentence);
  });
});
