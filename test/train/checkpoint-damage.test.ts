/** Checkpoints that were changed: none is believed, whatever was changed, and each is refused in one sentence. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Draws, fold, keyOf, RxaugError } from '../../src/core/index.js';
import { autoencoder, dagan, gan } from '../../src/gan/index.js';
import { load } from '../../src/pipeline/load.js';
import {
  cnn,
  exportOnnx,
  fit,
  fit as fitModel,
  loadCheckpoint,
  onnxOf,
  Trained,
} from '../../src/train/index.js';
import { colored } from '../gan/colored.js';
import { fakeBatches } from './batches.js';
import { damagedCopy, edited, type Opened, opened, overwritten } from './checkpoint-tools.js';
import { useBackend } from './golden.js';

let dir: string;
let file: string;
beforeAll(async () => {
  await useBackend('wasm');
  dir = await mkdtemp(path.join(tmpdir(), 'rxaug-damage-'));
  file = path.join(dir, 'changed.ckpt');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const backend = 'wasm';
const small = cnn({ filters: [4, 8] });
const classifier = (name: string, epochs: number) =>
  fitModel(fakeBatches().batches$, {
    model: small,
    backend,
    epochs,
    checkpoint: { dir: path.join(dir, name) },
  });
const images = () => colored({ side: 8, size: 10, perEpoch: 1 }).batches$;
const aGan = (name: string, epochs: number) =>
  fit(images(), {
    model: gan({ latent: 4, width: 4, criticWidth: 4 }),
    ema: {},
    backend,
    epochs,
    checkpoint: { dir: path.join(dir, name) },
  });

/** The bytes that a training leaves. */
async function trained(train: Promise<{ dispose(): void }>, name: string): Promise<Buffer> {
  (await train).dispose();
  return readFile(path.join(dir, name, 'last.ckpt'));
}

/** What is said of a file, which must be one sentence of ours; a file that is taken fails the test. */
async function refusal(load: (file: string) => Promise<{ dispose(): void }>, bytes: Buffer): Promise<string> {
  await writeFile(file, bytes);
  const before = tf.memory().numTensors;
  const error = await load(file).then(
    (model) => {
      model.dispose();
      return new Error('it was taken');
    },
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RxaugError);
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  expect(message.startsWith(`checkpoint ${file}: `)).toBe(true);
  expect(tf.memory().numTensors).toBe(before);
  return message.slice(`checkpoint ${file}: `.length);
}

describe.each([
  ['a classifier', classifier, load],
  ['a GAN', aGan, load],
] as const)('row 14: %s', (what, train, load) => {
  let whole: Buffer;
  let other: Buffer;
  beforeAll(async () => {
    whole = await trained(train(`${what} 1`, 2), `${what} 1`);
    other = await trained(train(`${what} 2`, 3), `${what} 2`);
  });

  test('row 14: of 500 flips, cuts, additions, swaps and splices none is accepted', async () => {
    let tried = 0;
    for (let i = 0; tried < 500; i++) {
      const bytes = damagedCopy(whole, other, new Draws(fold(keyOf(14), i)));
      if (bytes.equals(whole) || bytes.equals(other)) continue;
      const said = await refusal(load, bytes);
      expect(said).toMatch(
        /^(is damaged or cut short; use an older checkpoint|is not a checkpoint of rxaug; .*|has format version \d.*)$/,
      );
      tried++;
    }
    await writeFile(file, whole);
    (await load(file)).dispose(); // and the file itself is one that is taken
  });

  test('row 14: tensors in another order, too many, too few or reshaped are refused, with a right checksum', async () => {
    const tensor = (at: number) =>
      (opened(whole).header.tensors as { name: string; shape: number[] }[]).at(at);
    const kernel = opened(whole).header.tensors.findIndex(
      ({ shape }: { shape: number[] }) => shape.length === 4,
    );
    const cases: [RegExp, (opened: Opened) => Opened | undefined][] = [
      [
        /has \[.*\] for params\/.*, not \[.*\]; it is of another model/,
        ({ header }) => void header.tensors[kernel].shape.reverse(),
      ],
      [/is damaged or cut short/, ({ header }) => void header.tensors.pop()],
      [/is damaged or cut short/, ({ header }) => void header.tensors[0].shape.push(2)],
      [
        /is damaged or cut short/,
        ({ header, data }) => ({ header, data: Buffer.concat([data, Buffer.alloc(4)]) }),
      ],
      [
        /two tensors have one name/,
        ({ header }) => void Object.assign(header.tensors[1], { name: tensor(0)?.name }),
      ],
      [
        /header is not one of this rxaug \(header: tensors\[0\]\.name: expected/,
        ({ header }) => void Object.assign(header.tensors[0], { name: 'weights/a' }),
      ],
      [/unknown option 'offset'/, ({ header }) => void Object.assign(header.tensors[0], { offset: 4 })],
      [
        /has nothing for params\/.*, not/,
        ({ header }) => void Object.assign(header.tensors[kernel], { name: `params/x` }),
      ],
      [
        /holds a number that is not finite in /,
        ({ header, data }) => {
          const changed = Buffer.from(data);
          changed.writeFloatLE(Number.NaN, 0);
          return { header, data: changed };
        },
      ],
    ];
    for (const [sentence, change] of cases) {
      expect(await refusal(load, edited(whole, change))).toMatch(sentence);
    }
  });

  test.each([
    ['position.epoch', -1],
    ['position.batch', 1.5],
    ['step', '12'],
    ['seed', null],
    ['learningRate', -0.1],
    ['totals.samples', -8],
    ['look.input', [0, 8, 3]],
    ['look.classes', 'ab'],
    ['last', { test: {} }],
    ['extra', 1],
  ])('row 14: a header whose %s is %j is refused, with a right checksum', async (where, value) => {
    const bytes = edited(whole, ({ header }) => {
      const keys = where.split('.');
      const last = keys.pop() as string;
      keys.reduce((at, key) => at[key], header)[last] = value;
      return undefined;
    });
    expect(await refusal(load, bytes)).toMatch(
      /^its header is not one of this rxaug \(header.*: (expected .* but received .*|unknown option .*)\); use the rxaug that wrote it$/,
    );
  });

  test('row 14: a description that makes another model, or none, is refused, with a right checksum', async () => {
    const describe = (model: unknown) =>
      edited(whole, ({ header }) => {
        header.identity.model = model;
        return undefined;
      });
    for (const model of [undefined, null, 3, 'cnn', [], { model: 'vgg' }, { latent: 'many' }]) {
      expect(await refusal(load, describe(model))).not.toBe('');
    }
  });
});

describe('row 14: single changes of a checkpoint', () => {
  let whole: Buffer;
  beforeAll(async () => {
    whole = await trained(classifier('examples', 2), 'examples');
  });

  test.each([
    ['another position', '"position":{"epoch":2', '"position":{"epoch":0'],
    ['other filters', '"filters":[4,8]', '"filters":[4,9]'],
    // Tensors have no offsets any more: they lie one after the other, as their shapes say.
    ['another place for the numbers', '"shape":[3,3,4,8]', '"shape":[3,3,8,4]'],
  ])('row 14: %s', async (_, from, to) => {
    expect(whole.includes('"offset"')).toBe(false);
    expect(await refusal(load, overwritten(whole, from, to))).toBe(
      'is damaged or cut short; use an older checkpoint',
    );
  });

  test('row 14: other filters with a right checksum do not fit the tensors', async () => {
    const bytes = edited(whole, ({ header }) => {
      header.identity.model.filters = [4, 9];
      return undefined;
    });
    expect(await refusal(load, bytes)).toMatch(
      /^has \[3,3,4,8\] for params\/.*kernel, not \[3,3,4,9\]; it is of another model, or of another version of it/,
    );
  });
});

test('row 14: files of format 1, whose header no checksum covers, are refused; later formats too', async () => {
  const whole = await trained(classifier('versions', 1), 'versions');
  const version = (digit: string) => overwritten(whole, 'RXAUGCP2', `RXAUGCP${digit}`);
  expect(await refusal(load, version('1'))).toBe(
    'has format version 1, whose header no checksum covers; train it again with this rxaug',
  );
  expect(await refusal(load, version('3'))).toBe(
    'has format version 3 but this rxaug reads 2; use the rxaug that wrote it',
  );
});

test('row 14: resuming compares the weights of the best epoch too', async () => {
  const at = path.join(dir, 'best');
  const go = (model = small, resume = true) =>
    fitModel(fakeBatches({ epochs: 3 }).batches$, {
      model,
      backend,
      validation: () => fakeBatches({ seed: 9 }).batches$,
      earlyStopping: { patience: 9 },
      checkpoint: { dir: at },
      resume,
    });
  (await go(small, false)).dispose();
  const mine = await readFile(path.join(at, 'best.ckpt'));
  const another = edited(mine, ({ header }) => {
    header.tensors.find(({ shape }: { shape: number[] }) => shape.length === 4).shape.reverse();
    return undefined;
  });
  await writeFile(path.join(at, 'best.ckpt'), another);
  const before = tf.memory().numTensors;
  await expect(go()).rejects.toThrow(/best\.ckpt: has \[.*\] for params\/.*; it belongs to another model$/);
  expect(tf.memory().numTensors).toBe(before);
  await writeFile(path.join(at, 'best.ckpt'), mine);
  (await go()).dispose();
});

test('row 14: no model is made or exported of weights that are not its own', async () => {
  const [a, b] = [
    await classifier('a', 1),
    await fitModel(fakeBatches().batches$, { model: cnn({ filters: [4, 9] }), backend }),
  ];
  const sentence = /: its state has \[.*\] for params\/.*, not \[.*\]; it belongs to another model$/;
  expect(() => new Trained(a.network, b.state)).toThrow(sentence);
  const mixed = { network: a.network, weights: b.weights };
  expect(() => onnxOf(mixed)).toThrow(/^onnx: cnn.* has \[.*\] for params\//);
  await expect(exportOnnx(mixed, path.join(dir, 'x.onnx'))).rejects.toThrow(/^onnx: /);
  a.dispose();
  b.dispose();

  const narrow = await fit(images(), {
    model: autoencoder({ latent: 4, width: 4 }),
    learningRate: 1e-3,
    backend,
  });
  const wide = await fit(images(), {
    model: autoencoder({ latent: 4, width: 5 }),
    learningRate: 1e-3,
    backend,
  });
  const Autoencoder = narrow.constructor as new (...given: unknown[]) => unknown;
  expect(() => new Autoencoder(narrow.coder, wide.state)).toThrow(/^Autoencoder: its state has /);
  narrow.dispose();
  wide.dispose();
});

test('row 14: a DAGAN is compared with its parts as well', async () => {
  const model = dagan({ latent: 4, width: 4, criticWidth: 4, loss: 'hinge' });
  const made = await fit(images(), { model, backend, checkpoint: { dir: path.join(dir, 'dagan') } });
  made.dispose();
  const whole = await readFile(path.join(dir, 'dagan', 'last.ckpt'));
  const said = await refusal(
    load,
    edited(whole, ({ header }) => {
      header.identity.model.criticWidth = 5;
      return undefined;
    }),
  );
  expect(said).toMatch(/^has \[.*\] for params\/critic\/.*, not \[.*\]; it is of another model/);
});

test('row 13: a checkpoint keeps metrics that are NaN or infinite', async () => {
  const made = await fitModel(fakeBatches().batches$, {
    model: small,
    backend,
    epochs: 2,
    checkpoint: { dir: path.join(dir, 'nan') },
  });
  made.dispose();
  const at = path.join(dir, 'nan', 'last.ckpt');
  const { state, path: _, ...progress } = await loadCheckpoint(at);
  const odd = {
    loss: Number.NaN,
    kid: Number.POSITIVE_INFINITY,
    fid: Number.NEGATIVE_INFINITY,
    accuracy: 0.5,
  };
  const { saveCheckpoint } = await import('../../src/train/state/checkpoint.js');
  const best = { epoch: 0, metric: 'loss', value: Number.NaN, since: 1, metrics: { validation: odd } };
  const written = { ...progress, last: { validation: odd }, totals: { samples: 8, sums: odd }, best };
  await saveCheckpoint(at, state, written);
  tf.dispose([state.params, state.stats, state.slots]);
  const { state: again, path: __, ...read } = await loadCheckpoint(at);
  tf.dispose([again.params, again.stats, again.slots]);
  expect(read).toEqual(written);
});
