/** Layers and losses of generative models against PyTorch, on every backend. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { tripletLoss } from '../../src/gan/autoencoder/guide.js';
import { divergenceFromPrior, reconstruction, shifted } from '../../src/gan/autoencoder/losses.js';
import { layerFrom } from '../../src/train/index.js';
import { applyLayer, declare, type Golden, onEveryBackend, tensorOf, useBackend } from '../train/golden.js';
import { type Case, golden, meetCase } from './golden.js';

interface Coding {
  divergence: Case;
  reparameterize: Case;
  images: Golden;
  mse: Case;
  mae: Case;
  triplet: Case & { positive: number[]; negative: number[]; valid: number[]; margin: number };
}

onEveryBackend('%s follows PyTorch', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(
    golden<(Case & { layer: string; options: object })[]>('layers.json').map(
      (c) => [`${c.layer} ${JSON.stringify(c.options)}`, c] as const,
    ),
  )('%s', (_, c) => {
    const layer = layerFrom({ layer: c.layer, ...c.options });
    expect(layerFrom(layer.config).config).toEqual(layer.config);
    const { params, output } = declare(layer, c.inputs.x.shape.slice(1));
    for (const { name, shape } of params) expect(shape).toEqual(c.inputs[name].shape);
    expect([c.inputs.x.shape[0], ...output]).toEqual(c.y.shape);
    return meetCase(c, ({ x, condition, ...rest }) => {
      const given = { ...rest, ...(condition && {}) };
      return applyLayer(layer, x, given, { condition: condition as tf.Tensor2D }).y;
    });
  });

  const coding = golden<Coding>('coding.json');

  test('the divergence from the prior', () => {
    return meetCase(coding.divergence, ({ mean, logVariance }) =>
      divergenceFromPrior({ mean: mean as tf.Tensor2D, logVariance: logVariance as tf.Tensor2D }),
    );
  });

  test('reparameterization', () => {
    return meetCase(coding.reparameterize, ({ mean, logVariance, noise }) =>
      shifted({ mean: mean as tf.Tensor2D, logVariance: logVariance as tf.Tensor2D }, noise),
    );
  });

  test.each(['mse', 'mae'] as const)('reconstruction by %s', (kind) => {
    return meetCase(coding[kind], ({ x }) => reconstruction(x, tensorOf(coding.images), kind));
  });

  test('the triplet loss, where some rows count for nothing', () => {
    const { positive, negative, valid, margin, ...c } = coding.triplet;
    return meetCase(c, ({ codes }) =>
      tripletLoss(
        codes as tf.Tensor2D,
        {
          positive: tf.tensor1d(positive, 'int32'),
          negative: tf.tensor1d(negative, 'int32'),
          valid: tf.tensor1d(valid),
        },
        margin,
      ),
    );
  });
});
