/** Weights from a file in a training: all of the file and of the model is used or named, or it is refused. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cnn,
  fit,
  type Model,
  mlp,
  model,
  resnet18,
  resnet50,
  type TrainOptions,
  train,
  vit,
} from '../../src/train/index.js';
import { dense, flatten, sequential } from '../../src/train/layers/index.js';
import { build } from '../../src/train/models/model.js';
import { fakeBatches } from './batches.js';
import { useBackend } from './golden.js';
import { inOurOrder, type Stored, stored, storedSpecs, writeSafetensors } from './keyed-weights.js';

beforeAll(() => useBackend('wasm'));
const dir = mkdtempSync(path.join(tmpdir(), 'rxaug-weights-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const file = path.join(dir, 'weights.safetensors');

const SIDE = 32;
const resnet = () => resnet18({ width: 4 });
const transformer = () => vit({ patch: 16, width: 8, depth: 2, heads: 2, mlpRatio: 4 });
const classes = (count: number) => Array.from({ length: count }, (_, i) => `class${i}`);
const images = () => fakeBatches({ side: SIDE, size: 4, perEpoch: 1 }).batches$;

/** The tensors of a file for a model of so many classes. */
function tensorsFor(given: Model, count: number, side = SIDE): Stored[] {
  const network = build(given, { input: [side, side, 3], classes: classes(count) });
  return storedSpecs(network).map(({ name, shape }) => stored(name, shape));
}

const counters = (tensors: readonly Stored[]): Stored[] =>
  tensors
    .filter(({ name }) => name.endsWith('running_mean'))
    .map(({ name }) => ({
      name: name.replace('running_mean', 'num_batches_tracked'),
      shape: [],
      dtype: 'I64',
      bytes: new Uint8Array(8),
    }));

async function eventsOf(options: Partial<TrainOptions>, given = resnet()) {
  return lastValueFrom(train(images(), { model: given, backend: 'wasm', ...options }).pipe(toArray()));
}
const refusedWith = (given: Model, weights: TrainOptions['weights'], sentence: string | RegExp) =>
  expect(eventsOf({ weights }, given)).rejects.toThrow(sentence);
const without = (tensors: readonly Stored[], name: string) =>
  tensors.filter((tensor) => tensor.name !== name);

describe('a file of the model', () => {
  test.each([
    ['resnet18', resnet],
    ['resnet50', () => resnet50({ width: 4 })],
    ['vit', transformer],
  ])('%s begins with it: names, order of axes, running statistics, averages', async (_, given) => {
    const tensors = tensorsFor(given(), 3);
    writeSafetensors(file, [...tensors, ...counters(tensors)], { format: 'pt' });
    const { params } = build(given(), { input: [SIDE, SIDE, 3], classes: classes(3) });
    const held = [...new Set(params.map(({ name }) => name.split('/')[0] as string))].filter(
      (n) => n !== 'head',
    );
    const trained = await fit(images(), {
      model: given(),
      weights: file,
      frozen: held,
      ema: {},
      backend: 'wasm',
    });
    const { network, state } = trained;
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    let compared = 0;
    for (const spec of storedSpecs(network)) {
      const { own: name, part } = spec;
      const expected = inOurOrder(spec);
      const now = [state[part][name]!, state.slots[`ema/${part}/${name}`]!];
      const same = now.map((tensor) => [...tensor.dataSync()].join() === [...expected].join());
      expect(byName.has(spec.name), spec.name).toBe(true);
      expect(same, name).toEqual(name.startsWith('head/') ? [false, false] : [true, true]);
      compared++;
    }
    expect(compared).toBe(tensors.length);
    trained.dispose();
  });

  test('is said to be read, once; what is not needed is counted', async () => {
    const tensors = tensorsFor(resnet(), 3);
    writeSafetensors(file, [...tensors, ...counters(tensors)]);
    const events = await eventsOf({ weights: file });
    expect(events.filter(({ kind }) => kind === 'notice')).toMatchObject([
      {
        message: `weights ${file}: 102 tensors of torchvision's layout are read; 20 counters (num_batches_tracked) are not needed`,
      },
    ]);
    expect(events[0]).toMatchObject({ kind: 'start', options: { weights: { file, head: 'file' } } });
  });

  test('of other classes is refused, unless the head starts anew, which is said', async () => {
    writeSafetensors(file, tensorsFor(resnet(), 1000));
    await refusedWith(
      resnet(),
      file,
      `weights ${file}: has 'fc.weight' as [1000, 32] where resnet18x4 for 32×32 has [3, 32]; give weights: { file, head: 'new' } to start the head anew for these classes`,
    );
    const events = await eventsOf({ weights: { file, head: 'new' } });
    expect(events.filter(({ kind }) => kind === 'notice')).toMatchObject([
      {
        message: `weights ${file}: 100 tensors of torchvision's layout are read; head/kernel and head/bias start anew; fc.weight [1000, 32] and fc.bias [1000] of the file are left out`,
      },
    ]);
  });

  test('a head that starts anew is the one of a training without weights; a file need not have a head', async () => {
    const all = tensorsFor(transformer(), 3);
    writeSafetensors(file, without(without(all, 'head.weight'), 'head.bias'));
    const options = { model: transformer(), learningRate: 0, backend: 'wasm', seed: 5 } as const;
    const own = await fit(images(), options);
    const trained = await fit(images(), { ...options, weights: { file, head: 'new' } });
    for (const name of ['head/kernel', 'head/bias'])
      expect([...trained.state.params[name]!.dataSync()]).toEqual([...own.state.params[name]!.dataSync()]);
    own.dispose();
    trained.dispose();
  });

  test('is not read by a training that is resumed, and that is said', async () => {
    const checkpoint = { dir: path.join(dir, 'run') };
    writeSafetensors(file, tensorsFor(resnet(), 3));
    await eventsOf({ weights: file, checkpoint });
    const events = await eventsOf({ weights: file, checkpoint, resume: true, epochs: 2 });
    const messages = events.flatMap((event) => (event.kind === 'notice' ? [event.message] : []));
    expect(messages).toContain(
      `${path.join(checkpoint.dir, 'last.ckpt')}: training continues from its weights; ${file} is not read`,
    );
  });

  test('leaks no tensor and no open file, read or refused', async () => {
    const openFiles = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);
    const before = tf.memory().numTensors;
    const files = openFiles();
    writeSafetensors(file, tensorsFor(resnet(), 3));
    (await fit(images(), { model: resnet(), weights: file, backend: 'wasm' })).dispose();
    const bad = tensorsFor(resnet(), 3).map((tensor) =>
      tensor.name === 'layer4.1.conv2.weight'
        ? { ...tensor, bytes: new Uint8Array(tensor.bytes.length).fill(0xff) }
        : tensor,
    );
    writeSafetensors(file, bad);
    await refusedWith(resnet(), file, "holds a number that is not finite in 'layer4.1.conv2.weight'");
    expect(tf.memory().numTensors).toBe(before);
    expect(openFiles()).toBe(files);
  });
});

describe('a file that is not of the model is refused in one sentence', () => {
  test.each([
    [
      'of another model',
      () => tensorsFor(transformer(), 3),
      resnet,
      "has no 'conv1.weight', which resnet18x4 needs; give weights of this model in torchvision's layout",
    ],
    [
      'of a larger model',
      () => tensorsFor(resnet18({ width: 8 }), 3),
      resnet,
      "has 'conv1.weight' as [8, 3, 7, 7] where resnet18x4 for 32×32 has [4, 3, 7, 7]; give weights of this model",
    ],
    [
      'of a deeper model',
      () => [...tensorsFor(resnet(), 3), stored('layer1.2.conv1.weight', [4, 4, 3, 3])],
      resnet,
      "has tensors that resnet18x4 has not: 'layer1.2.conv1.weight'; give weights of this model, or remove them from the file",
    ],
    [
      'without a statistic',
      () => without(tensorsFor(resnet(), 3), 'layer2.0.downsample.1.running_var'),
      resnet,
      "has no 'layer2.0.downsample.1.running_var', which resnet18x4 needs",
    ],
    [
      'without a head',
      () => without(tensorsFor(resnet(), 3), 'fc.bias'),
      resnet,
      "has no 'fc.bias', which resnet18x4 needs; give weights: { file, head: 'new' } to start the head anew",
    ],
    [
      'for another size of image',
      () => tensorsFor(transformer(), 3, 64),
      transformer,
      "has 'pos_embed' as [1, 17, 8] where vit-2x8-16 for 32×32 has [1, 5, 8]; train on images of the size that the weights were trained on",
    ],
    [
      'of whole numbers',
      () => [
        ...without(tensorsFor(resnet(), 3), 'bn1.weight'),
        { ...stored('bn1.weight', [4]), dtype: 'I32' },
      ],
      resnet,
      "has 'bn1.weight' as I32; save the weights as F32, F16 or BF16",
    ],
    [
      'with a variance below 0',
      () => [
        ...without(tensorsFor(resnet(), 3), 'bn1.running_var'),
        stored('bn1.running_var', [4], Float32Array.of(1, 1, -1, 1)),
      ],
      resnet,
      "holds a variance below 0 in 'bn1.running_var'",
    ],
    [
      'for a model that has no layout',
      () => tensorsFor(resnet(), 3),
      () => cnn({ filters: [4] }),
      'are for no layout that cnn-4 has; use resnet18(), resnet34(), resnet50(), vitS16() or vit(), or leave weights out',
    ],
    [
      'for a model of layers',
      () => tensorsFor(resnet(), 3),
      () => model('own', (k) => sequential([flatten(), dense(k)])),
      'are for no layout that own has',
    ],
  ] as [string, () => Stored[], () => Model, string][])('%s', async (_, tensors, given, sentence) => {
    writeSafetensors(file, tensors());
    await refusedWith(given(), file, `weights ${file}: ${sentence}`);
  });

  test('one that is missing, before anything is trained; and options that are wrong', async () => {
    await refusedWith(
      resnet(),
      path.join(dir, 'none'),
      /^weights .*none: cannot be read \(.*\); check the path$/,
    );
    expect(() => train(images(), { model: mlp(), weights: '' })).toThrow('train: weights');
    expect(() => train(images(), { model: mlp(), weights: { file, head: 'old' } as never })).toThrow(
      'train: weights',
    );
  });
});
