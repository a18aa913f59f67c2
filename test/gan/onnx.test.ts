/** Functions of generative models through ONNX and back: what onnxruntime computes is what they compute. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import { criticParts } from '../../src/gan/adversarial/critic.js';
import { buildGan } from '../../src/gan/adversarial/gan.js';
import { buildCoder, partsOf } from '../../src/gan/autoencoder/autoencoder.js';
import { buildDagan, daganParts } from '../../src/gan/dagan/dagan.js';
import {
  Autoencoder,
  autoencoder,
  dagan,
  exportFunction,
  functionOnnx,
  type GenerativeModel,
  Generator,
  gan,
  ImageAugmenter,
  SmartAugmenter,
  smartAugmentation,
} from '../../src/gan/index.js';
import { initializeParts, oneHot, type Part } from '../../src/gan/part.js';
import { buildSmart, smartParts } from '../../src/gan/smart/smart.js';
import { cnn } from '../../src/train/index.js';
import { difference, numbers, read } from '../graph/onnx-run.js';
import { useBackend } from '../train/golden.js';

beforeAll(() => useBackend('wasm'));

const look = { input: [16, 16, 3], classes: ['cat', 'dog', 'eel'] };

/** Weights and statistics that are not those of the first step. */
function stateOf(parts: Part[]) {
  const { params, stats } = initializeParts(parts, keyOf(3));
  const moved = (tensors: Record<string, tf.Tensor>, by: (x: tf.Tensor, i: number) => tf.Tensor) =>
    Object.fromEntries(Object.entries(tensors).map(([name, x], i) => [name, by(x, i)]));
  return tf.tidy(() => ({
    params: moved(params, (x, i) => tf.add(x, tf.mul(numbers(x.shape, 'float32', i), 0.05))),
    stats: moved(stats, (x, i) => tf.add(x, tf.mul(tf.abs(numbers(x.shape, 'float32', i)), 0.3))),
    slots: {},
  }));
}

const coder = (options: Parameters<typeof autoencoder>[0]) => {
  const built = buildCoder(autoencoder({ latent: 6, width: 8, ...options }), look);
  return new Autoencoder(built, stateOf(partsOf(built)));
};
const generator = (options: Parameters<typeof gan>[0]) => {
  const built = buildGan(gan({ latent: 6, width: 4, criticWidth: 4, ...options }), look);
  return new Generator(built, stateOf([built.generator, ...criticParts(built.critic)]));
};
const augmenter = (options: Parameters<typeof dagan>[0]) => {
  const built = buildDagan(dagan({ latent: 6, width: 4, criticWidth: 4, ...options }), look);
  return new ImageAugmenter(built, stateOf(daganParts(built)));
};
const merging = (options: Parameters<typeof smartAugmentation>[0]) => {
  const classifier = cnn({ filters: [8, 8] });
  const built = buildSmart(smartAugmentation({ width: 4, criticWidth: 4, classifier, ...options }), look);
  return new SmartAugmenter(built, stateOf(smartParts(built)));
};

type Model = GenerativeModel;

describe.each([
  ['autoencoder', ['encode', 'decode'], () => coder({})],
  [
    'conditional variational autoencoder',
    ['encode', 'decode'],
    () => coder({ variational: true, conditional: true }),
  ],
  ['hinge GAN with projection', ['generate', 'score'], () => generator({})],
  [
    'WGAN-GP with an auxiliary classifier',
    ['generate', 'score'],
    () => generator({ loss: 'wgan-gp', conditioning: 'auxiliary' }),
  ],
  ['DAGAN', ['generate', 'score'], () => augmenter({})],
  [
    'DAGAN of codes, its critic told the class, with a guide',
    ['generate', 'score'],
    () => augmenter({ loss: 'hinge', network: 'code', conditioning: 'projection', guidance: 0.5 }),
  ],
  ['Smart Augmentation', ['merge'], () => merging({})],
  ['Smart Augmentation of three images with a critic', ['merge'], () => merging({ images: 3, critic: 0.1 })],
] as [string, string[], () => Model][])('%s', (_, names, make) => {
  test.each(names)('%s: onnxruntime agrees to 1e-4, for any batch', async (name) => {
    const model = make();
    expect(Object.keys(model.functions)).toEqual(names);
    const { inputs, run } = model.functions[name];
    const bytes = functionOnnx(model, name);
    expect(read(bytes).graph?.input?.map((input) => input.name)).toEqual(inputs.map((input) => input.name));
    for (const batch of [1, 4]) {
      const given = Object.fromEntries(
        inputs.map(({ name, shape }, i) => [
          name,
          name === 'classes'
            ? oneHot(
                Array.from({ length: batch }, (_, n) => n % 3),
                3,
              )
            : numbers(
                shape.map((side) => side ?? batch),
                'float32',
                i + 5,
              ),
        ]),
      );
      expect(await difference(bytes, run, given)).toBeLessThan(1e-4);
      tf.dispose(given);
    }
    model.dispose();
  });
});

test('merge of ONNX takes what stacks of images make on the channels', async () => {
  const model = merging({});
  const [one, two] = [1, 2].map((seed) => numbers([3, 16, 16, 3], 'float32', seed) as tf.Tensor4D);
  const originals = tf.concat([one, two], 3);
  const merged = () => ({ images: model.merge([one, two]) });
  expect(await difference(functionOnnx(model, 'merge'), merged, { originals })).toBeLessThan(1e-4);
  const file = read(functionOnnx(model, 'merge'));
  expect(file.graph?.initializer?.filter(({ name }) => name?.startsWith('classifier/'))).toEqual([]);
  tf.dispose([one, two, originals]);
  model.dispose();
});

test('a file holds the names of the classes and nothing of other parts; a function that is not there gets a sentence', async () => {
  const model = generator({});
  const dir = await mkdtemp(path.join(tmpdir(), 'rxaug-onnx-'));
  try {
    await exportFunction(model, 'generate', path.join(dir, 'g.onnx'));
    const file = read(await readFile(path.join(dir, 'g.onnx')));
    expect(file.metadataProps).toContainEqual({ key: 'classes', value: JSON.stringify(look.classes) });
    expect(file.graph?.initializer?.filter(({ name }) => name?.includes('critic'))).toEqual([]);
    expect(() => functionOnnx(model, 'encode')).toThrow(
      "onnx: the model has no function 'encode'; it has generate, score",
    );
  } finally {
    await rm(dir, { recursive: true });
    model.dispose();
  }
});
