/** `predict` on files, bytes, pixels, batches and streams: prepared as the checkpoint says, or refused by name. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { map, type Observable } from 'rxjs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  brightness,
  centerCrop,
  defineBatchTransform,
  horizontalFlip,
  normalize,
  padCrop,
  randomApply,
  resize,
  STATISTICS,
} from '../../src/augment/index.js';
import { BadSampleError, type Batch } from '../../src/core/index.js';
import {
  arrays,
  asBatchOperator,
  batch,
  cutmix,
  fromItems,
  imageFolder,
  mapPixels,
  mixOneOf,
  mixup,
  mosaic,
} from '../../src/stream/index.js';
import { preprocessingOf } from '../../src/stream/preprocessing.js';
import { loadClassifier } from '../../src/train/classification/kind.js';
import { cnn, fit as fitModel, loadCheckpoint, saveCheckpoint, type Trained } from '../../src/train/index.js';
import { picture, scratchFolder } from '../io/make.js';
import { all } from '../stream/make.js';
import { useBackend } from './golden.js';

const dir = scratchFolder();
const images = path.join(dir, 'images');
const file = (name: string) => path.join(images, name);
const statistics = STATISTICS.symmetric;

/** Images of 20×16: dark ones of one class, bright ones of the other. */
const source = () => imageFolder(images, { shuffle: true });

const validation = () =>
  imageFolder(images).pipe(
    resize({ size: 10 }),
    centerCrop(8),
    normalize(statistics),
    batch(4, { workers: 0 }),
  );

const train = (batches: Observable<Batch>, given: object = {}) =>
  fitModel(batches, { model: cnn({ filters: [4] }), epochs: 1, backend: 'cpu', ...given });

let model: Trained;
let checkpoint: string;

beforeAll(async () => {
  await useBackend('cpu');
  for (const [name, level] of [
    ['dark', 40],
    ['bright', 200],
  ] as const) {
    mkdirSync(file(name), { recursive: true });
    for (let i = 0; i < 4; i++) {
      const data = picture(20, 16).map((v) => Math.min(255, level + (v >> 3) + i));
      await sharp(data, { raw: { width: 20, height: 16, channels: 3 } })
        .png()
        .toFile(file(`${name}/${i}.png`));
    }
  }
  checkpoint = path.join(dir, 'run/last.ckpt');
  const batches = source().pipe(
    horizontalFlip(),
    resize({ size: 10 }),
    centerCrop(8),
    normalize(statistics),
    batch(4, { workers: 0 }),
  );
  (await train(batches, { validation, checkpoint: { dir: path.dirname(checkpoint) } })).dispose();
  model = await loadClassifier(checkpoint);
});

const probabilities = async (given: Promise<{ probabilities: Float32Array }>) => [
  ...(await given).probabilities,
];

describe('Trained.predict', () => {
  it('gives for a path, bytes and pixels what it gives for the batch of the validation stream', async () => {
    const [first] = await all(validation());
    const logits = tf.tidy(() => {
      const { size, height, width, images: data } = first as Batch;
      return tf.softmax(model.logits(tf.tensor4d(data as Float32Array, [size, height, width, 3])));
    });
    const expected = Array.from((await logits.data()).slice(0, 2));
    const name = (first as Batch).samples[0]?.id as string;
    expect(await probabilities(model.predict(file(name)))).toEqual(expected);
    const bytes = await sharp(file(name)).png({ palette: false }).toBuffer();
    expect(await probabilities(model.predict(bytes))).toEqual(expected);
    const data = new Uint8Array(await sharp(file(name)).removeAlpha().raw().toBuffer());
    expect(await probabilities(model.predict({ data, width: 20, height: 16 }))).toEqual(expected);
    const [one, two] = await model.predict([file(name), file('dark/2.png')]);
    expect([...(one?.probabilities ?? [])]).toEqual(expected);
    expect(two?.className).toBe(model.classes[two?.label ?? -1]);
    expect(await model.predict([])).toEqual([]);
  });

  it('takes a stream of batches and a batch, prepared as those of validation, and disposes of them', async () => {
    const before = tf.memory().numTensors;
    const found = await model.predict(validation());
    expect(found).toHaveLength(8);
    const [first] = await all(validation());
    const some = await model.predict(first as Batch);
    expect(some.map(({ label }) => label)).toEqual(found.slice(0, 4).map(({ label }) => label));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses batches and tensors that are prepared in another way, by name', async () => {
    const plain = imageFolder(images).pipe(resize({ size: 8 }), batch(4, { workers: 0 }));
    await expect(model.predict(plain)).rejects.toThrow(
      'predict: expected normalize({"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]}) as in training but bright/0.png has no normalize',
    );
    const other = imageFolder(images).pipe(resize({ size: 8 }), normalize(), batch(4, { workers: 0 }));
    await expect(model.predict(other)).rejects.toThrow('bright/0.png has normalize({"mean":[0.485');
    const bytes = imageFolder(images).pipe(resize({ size: 8 }), batch(4, { workers: 0, dtype: 'uint8' }));
    await expect(model.predict(bytes)).rejects.toThrow('predict:');
    const large = imageFolder(images).pipe(normalize(statistics), batch(4, { workers: 0 }));
    await expect(model.predict(large)).rejects.toThrow('expected images of 8×8×3');
    const levels = tf.fill([1, 8, 8, 3], 128) as tf.Tensor4D;
    await expect(model.predict(levels)).rejects.toThrow(
      "predict: expected values in -1.00..1.00, as normalize gives them in training, but received '128.00..128.00'",
    );
    expect(await model.predict(tf.fill([1, 8, 8, 3], 0.5) as tf.Tensor4D)).toHaveLength(1);
  });

  it('refuses an image that cannot be read or comes out at another size', async () => {
    writeFileSync(path.join(dir, 'text.png'), 'text');
    await expect(model.predict(path.join(dir, 'text.png'))).rejects.toThrow(BadSampleError);
    await expect(model.predict('nowhere.png')).rejects.toThrow('nowhere.png');
    await expect(model.predict(file('dark/0.png'), { transforms: [normalize()] })).rejects.toThrow(
      'expected 8×8 pixels for the model but its preprocessing gives 16×20 (height × width); resize the image',
    );
    await expect(model.predict(file('dark/0.png'), { transforms: [mixup(1) as never] })).rejects.toThrow(
      'predict: expected a transform of samples at place 0 of transforms',
    );
    await expect(model.predict(7 as never)).rejects.toThrow('predict: expected a path');
  });

  it('refuses transforms for images that are prepared, and options that it does not have', async () => {
    const options = { transforms: [normalize(statistics)] };
    const tensor = tf.zeros([1, 8, 8, 3]) as tf.Tensor4D;
    const [first] = await all(validation());
    for (const prepared of [tensor, first, validation()]) {
      await expect(model.predict(prepared as never, options)).rejects.toThrow(
        'predict: transforms: expected images to prepare but received tensors or batches',
      );
    }
    await expect(model.predict(file('dark/0.png'), { transform: [] } as never)).rejects.toThrow('transform');
    await expect(model.predict(file('dark/0.png'), { transforms: 3 } as never)).rejects.toThrow(
      'predict: transforms: expected a list of transforms',
    );
  });

  it('refuses a stream that leaves images out, and takes such a batch', async () => {
    const image = { data: new Uint8Array(192), width: 8, height: 8, channels: 3 };
    const items = () => [
      { image, label: 0, id: 'good' },
      { image: Buffer.from('text'), label: 0, id: 'broken' },
    ];
    const stream = () =>
      fromItems(items, { classes: ['bright', 'dark'] }).pipe(
        normalize(statistics),
        batch(2, { workers: 0, maxBad: 1 }),
      );
    const before = tf.memory().numTensors;
    await expect(model.predict(stream())).rejects.toThrow(
      'predict: expected all images of the stream but 1 of a batch were left out (broken: expected a JPEG',
    );
    const [some] = await all(stream());
    expect(await model.predict(some as Batch)).toHaveLength(1);
    expect(await model.evaluate(stream())).toMatchObject({
      samples: 1,
      bad: [{ id: 'broken', reason: expect.stringMatching(/^broken: expected a JPEG/) }],
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps the steady part of the training stream where there is no validation', async () => {
    const batches = source().pipe(
      horizontalFlip(),
      resize({ size: 8 }),
      brightness({ factor: [1.2, 1.2] }),
      padCrop(2),
      normalize(statistics),
      batch(4, { workers: 0 }),
      mixup(0.2),
    );
    using trained = await train(batches);
    expect(trained.preprocessing).toMatchObject({
      of: 'training',
      transforms: [{ op: 'resize' }, { op: 'brightness' }, { op: 'normalize' }],
    });
    await expect(trained.predict(file('dark/0.png'))).resolves.toHaveProperty('className');
  });

  it('refuses, where the preprocessing is not known, in one sentence that says what to give', async () => {
    const loaded = await loadCheckpoint(checkpoint);
    const old = path.join(dir, 'old.ckpt');
    const { preprocessing: _, state, path: __, ...progress } = loaded;
    await saveCheckpoint(old, state, progress);
    using older = await loadClassifier(old);
    await expect(older.predict(file('dark/0.png'))).rejects.toThrow(
      'the checkpoint does not say what its images went through (it was written by an rxaug that did not keep it); give transforms',
    );
    const transforms = [resize({ size: 10 }), centerCrop(8), normalize(statistics)];
    expect(await probabilities(older.predict(file('dark/0.png'), { transforms }))).toEqual(
      await probabilities(model.predict(file('dark/0.png'))),
    );
    const own = imageFolder(images).pipe(
      mapPixels(({ data }) => data.fill(3)),
      resize(8),
      batch(4, { workers: 0 }),
    );
    using opaque = await train(own);
    await expect(opaque.predict(file('dark/0.png'))).rejects.toThrow('which cannot be stored');
    using mapped = await train(validation().pipe(map((batch) => batch)));
    await expect(mapped.predict(file('dark/0.png'))).rejects.toThrow('an operator of RxJS or of your own');
  });
});

describe('Trained.evaluate and predictMonteCarlo', () => {
  it('refuse images that are normalized in another way', async () => {
    const plain = imageFolder(images).pipe(resize({ size: 8 }), batch(4, { workers: 0 }));
    await expect(model.evaluate(plain)).rejects.toThrow(
      'evaluate: expected normalize({"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]}) as in training but bright/0.png has no normalize',
    );
    expect(await model.evaluate(validation())).toMatchObject({ samples: 8 });
    await expect(model.predictMonteCarlo(tf.fill([1, 8, 8, 3], 128) as tf.Tensor4D)).rejects.toThrow(
      'predictMonteCarlo: expected values in -1.00..1.00',
    );
  });
});

describe('preprocessingOf', () => {
  const source = () =>
    arrays({ images: new Uint8Array(12), labels: [0], width: 2, height: 2, classes: ['a'] });

  it('keeps the options of the decoder that change pixels', () => {
    const stream = source().pipe(batch(1, { decoder: { background: [9, 9, 9], maxPixels: 5 } }));
    expect(preprocessingOf(stream, 'validation')).toMatchObject({ decoder: { background: [9, 9, 9] } });
    expect(preprocessingOf(source().pipe(batch(1)), 'validation')).not.toHaveProperty('decoder');
  });

  it('leaves out what may not be applied, though it draws one value only', () => {
    const stream = source().pipe(
      randomApply(0.999, normalize()),
      brightness({ factor: [1.2, 1.2], p: 0.999 }),
      resize(4),
      batch(1),
    );
    expect(preprocessingOf(stream, 'training')).toMatchObject({ transforms: [{ op: 'resize' }] });
  });

  it('is unknown where a transform of batches changes every batch alike, and not where it is drawn', () => {
    const grayLevel = defineBatchTransform({
      name: 'grayLevel',
      options: z.strictObject({}),
      params: z.strictObject({}),
      draw: () => ({}),
      apply: (_, { data }) => void data.fill(0.5),
      targets: () => undefined,
    });
    expect(preprocessingOf(source().pipe(batch(1), asBatchOperator(grayLevel())), 'validation')).toEqual({
      of: 'validation',
      unknown: 'its validation stream has grayLevel, which changes every batch and cannot be stored',
    });
    for (const mix of [mixup(), mixup(0), cutmix(), mosaic(), mixOneOf(mixup(), cutmix())]) {
      expect(preprocessingOf(source().pipe(batch(4), mix), 'training')).toHaveProperty('transforms');
    }
  });
});
