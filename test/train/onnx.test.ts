import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import {
  cnn,
  exportOnnx,
  groupNorm,
  type Model,
  mlp,
  model,
  onnxOf,
  resnet,
  resnet18,
  resnet34,
  resnet50,
  rowRnn,
  saveCheckpoint,
  shakeShakeResnet,
  vit,
  wideResnet,
} from '../../src/train/index.js';
import {
  conv2d,
  dense,
  flatten,
  gelu,
  gru,
  layerNorm,
  locallyConnected2d,
  rows,
  sequential,
  spectralNorm,
  tied,
  tiedTranspose,
  tokenPool,
} from '../../src/train/layers/index.js';
import { modelKinds } from '../../src/train/models/index.js';
import { build, forward, initialize } from '../../src/train/models/model.js';
import { Workspace } from '../e2e/command.js';
import { difference, numbers, read } from '../graph/onnx-run.js';
import { useBackend } from './golden.js';

const models: [string, Model][] = [
  ['resnet', resnet(8)],
  ['resnet', resnet(14, { shortcut: 'B', stochasticDepth: 0.2, dropout: 0.1 })],
  ['resnet18', resnet18({ width: 4 })],
  ['resnet34', resnet34({ width: 2, stochasticDepth: 0.1 })],
  ['resnet50', resnet50({ width: 2, dropout: 0.1 })],
  ['wideResnet', wideResnet(10, 1, { dropout: 0.3 })],
  ['cnn', cnn({ filters: [8, 16] })],
  ['mlp', mlp({ hidden: [32] })],
  ['vit', vit()],
  ['rowRnn', rowRnn()],
  ['shakeShakeResnet', shakeShakeResnet(8, 4)],
  [
    'layers',
    model('shared and unshared', (classes) =>
      sequential([
        locallyConnected2d(4, { stride: 2, padding: 'same' }),
        gelu({ form: 'tanh' }),
        rows(),
        gru(8, { returnSequences: true }),
        dense(8, { name: 'a' }),
        gelu(),
        tied(dense(8), 'a', { name: 'b' }),
        tiedTranspose('a'),
        tokenPool(),
        dense(classes),
      ]),
    ),
  ],
  [
    'layers',
    model('mine', (classes) =>
      sequential([spectralNorm(conv2d(8)), groupNorm(2), flatten(), layerNorm(), dense(classes)]),
    ),
  ],
];

const look = { input: [16, 16, 3], classes: ['a', 'b', 'c'] };

/** Weights and running statistics that are not those of the first step. */
function weightsOf(network: ReturnType<typeof build>) {
  const { params, stats } = initialize(network, keyOf(3));
  const moved = (tensors: Record<string, tf.Tensor>, by: (x: tf.Tensor, i: number) => tf.Tensor) =>
    Object.fromEntries(Object.entries(tensors).map(([name, x], i) => [name, by(x, i)]));
  return {
    params: moved(params, (x, i) => tf.add(x, tf.mul(numbers(x.shape, 'float32', i), 0.05))),
    stats: moved(stats, (x, i) => tf.add(x, tf.mul(tf.abs(numbers(x.shape, 'float32', i)), 0.3))),
  };
}

describe('classifiers through ONNX', () => {
  beforeAll(() => useBackend('cpu'));

  test.each(models)('%s gives the same logits in onnxruntime', async (_, described) => {
    const network = build(described, look);
    const weights = weightsOf(network);
    const bytes = onnxOf({ network, weights });
    const f = ({ images }: Record<string, tf.Tensor>) => ({
      logits: forward(network, weights, images).logits,
    });
    for (const batch of [1, 5]) {
      expect(await difference(bytes, f, { images: numbers([batch, ...look.input]) })).toBeLessThan(1e-4);
    }
    const [input] = read(bytes).graph?.input ?? [];
    expect(input.type?.tensorType?.shape?.dim?.[0]).toEqual({ param: 'batch' });
  });

  test('every model of the catalog is among them', () => {
    expect(new Set(models.map(([name]) => name))).toEqual(new Set(modelKinds.map(({ name }) => name)));
  });

  test('a file says which classes it knows', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'rxaug-onnx-'));
    try {
      const network = build(mlp({ hidden: [] }), look);
      const file = path.join(folder, 'deep', 'model.onnx');
      await exportOnnx({ network, weights: weightsOf(network) }, file);
      const { metadataProps, opsetImport, irVersion } = read(await readFile(file));
      expect(metadataProps).toEqual([
        { key: 'classes', value: '["a","b","c"]' },
        { key: 'input', value: '[16,16,3]' },
      ]);
      expect([opsetImport?.[0].version, irVersion]).toEqual([18, 8]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('rxaug onnx writes it from a checkpoint', async () => {
    const space = new Workspace();
    try {
      const network = build(cnn({ filters: [4] }), look);
      const weights = weightsOf(network);
      await saveCheckpoint(
        path.join(space.path, 'last.ckpt'),
        { ...weights, slots: {} },
        {
          identity: { task: 'classification', model: { ...network.config } },
          look,
          seed: 0,
          step: 0,
          learningRate: 0.1,
          position: { epoch: 0, batch: 0 },
          totals: { samples: 0, sums: {} },
          last: {},
        },
      );
      const ended = await space.rxaug(['onnx', 'last.ckpt', 'out.onnx', '--json']);
      expect([ended.code, ended.stderr]).toEqual([0, '']);
      expect(JSON.parse(ended.stdout)).toEqual({
        path: 'out.onnx',
        model: 'cnn-4',
        input: ['batch', 16, 16, 3],
        classes: look.classes,
      });
      const f = ({ images }: Record<string, tf.Tensor>) => ({
        logits: forward(network, weights, images).logits,
      });
      const bytes = await readFile(path.join(space.path, 'out.onnx'));
      expect(await difference(bytes, f, { images: numbers([2, 16, 16, 3]) })).toBeLessThan(1e-4);
      const refused = await space.rxaug(['onnx', 'last.ckpt', 'out.pb']);
      expect([refused.code, refused.stderr]).toEqual([
        2,
        "rxaug: onnx: expected OUT to end in .onnx but received 'out.pb'\n",
      ]);
    } finally {
      space.dispose();
    }
  });
});
