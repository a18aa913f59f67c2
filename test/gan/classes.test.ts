/** Classes are matched by name between data, generators, critics, classifiers, banks and judges. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { map, type Observable } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TrainEvent } from '../../src/core/events.js';
import { type Batch, type Draw, keyOf } from '../../src/core/index.js';
import { criticParts } from '../../src/gan/adversarial/critic.js';
import { buildGan } from '../../src/gan/adversarial/gan.js';
import { buildCoder, partsOf } from '../../src/gan/autoencoder/autoencoder.js';
import {
  Autoencoder,
  autoencoder,
  classifierLabels,
  confidenceFilter,
  criticFilter,
  Generator,
  gan,
  ganMix,
  judge,
  latentBank,
  latentNoise,
  replayGanMix,
  replayGanMixLabels,
  replayLatentNoise,
} from '../../src/gan/index.js';
import { initializeParts, type Part } from '../../src/gan/part.js';
import { onnxModel, traceFunction, writeOnnx } from '../../src/graph/index.js';
import { cnn, fit as fitModel, type Tensors, Trained, train } from '../../src/train/index.js';
import { build } from '../../src/train/models/model.js';
import { all, failure } from '../stream/make.js';
import { useBackend } from '../train/golden.js';
import { colored } from './colored.js';

const CLASSES = ['class0', 'class1', 'class2'];
const TURNED = ['class2', 'class0', 'class1'];
const look = { input: [8, 8, 3], classes: CLASSES };
const stateOf = (parts: Part[]) => ({ ...initializeParts(parts, keyOf(3)), slots: {} });
const generator = () => {
  const built = buildGan(gan({ latent: 4, width: 4, criticWidth: 4 }), look);
  return new Generator(built, stateOf([built.generator, ...criticParts(built.critic)]));
};
const coder = () => {
  const built = buildCoder(autoencoder({ latent: 5, width: 8, conditional: true }), look);
  return new Autoencoder(built, stateOf(partsOf(built)));
};

/** The same images, whose data set lists its classes in another order. */
const turn = map((b: Batch): Batch => {
  const labels = b.labels.map((label) => TURNED.indexOf(CLASSES[label]));
  return { ...b, labels, origin: { ...b.origin, classes: TURNED } };
});
const plain = (more = {}) => colored({ size: 12, perEpoch: 2, ...more }).batches$;
const turned = (more = {}) => plain(more).pipe(turn);

const names = (b: Batch) => [...b.labels].map((label) => b.origin.classes[label]);
const whole = ({ images }: Batch) => Float32Array.from(images);
const drawOf = (b: Batch) => JSON.parse(JSON.stringify(b.recipe[0])) as Draw;

/** Both streams have come to the same images of the same classes. */
async function alike(one: Observable<Batch>, other: Observable<Batch>): Promise<Batch[]> {
  const [a, b] = [await all(one), await all(other)];
  expect(b.map(whole)).toEqual(a.map(whole));
  expect(b.map(names)).toEqual(a.map(names));
  return b;
}

let tensors: number;
beforeAll(async () => {
  await useBackend('wasm');
  tensors = tf.memory().numTensors;
});
afterAll(() => expect(tf.memory().numTensors).toBe(tensors));

describe('row 5: ganMix', () => {
  test('row 5: its generator makes images of the same names, and its recipe makes them again', async () => {
    using model = generator();
    const [made] = await alike(plain().pipe(ganMix(model)), turned().pipe(ganMix(model)));
    const draw = drawOf(made);
    const { rows, classes } = draw.params as { rows: number[]; classes: number[] };
    expect(rows.length).toBeGreaterThan(0);
    const again = await replayGanMix(draw, model);
    rows.forEach((row, i) => {
      expect(whole(made).subarray(192 * row, 192 * (row + 1))).toEqual(
        again.subarray(192 * i, 192 * (i + 1)),
      );
    });
    const labels = replayGanMixLabels(draw, 3);
    classes.forEach((label, i) => {
      expect(TURNED[label]).toBe(names(made)[rows[i]]);
      expect(labels[3 * i + label]).toBe(1);
    });
  });

  test('row 5: weights are of the classes of the data', async () => {
    using model = generator();
    const only = ganMix(model, { share: 1, classBalance: [1, 0, 0] });
    for (const b of await all(turned().pipe(only))) expect(new Set(names(b))).toEqual(new Set(['class2']));
  });

  test('row 5: a critic, and a classifier with another list, judge by name', async () => {
    using model = generator();
    const filter = criticFilter(model, { share: 0.4 });
    await alike(
      plain().pipe(ganMix(model, { share: 1, filter })),
      turned().pipe(ganMix(model, { share: 1, filter })),
    );

    // It believes in class1 alone, whatever its number.
    const believer = (classes: string[]) => ({
      classes,
      logits: (x: tf.Tensor4D) => {
        const one = tf.oneHot(tf.fill([x.shape[0]], classes.indexOf('class1'), 'int32'), classes.length);
        return tf.tidy(() => tf.mul(one, 20)) as tf.Tensor2D;
      },
    });
    const kept = async (classes: string[]) => {
      const sure = ganMix(model, { share: 1, filter: confidenceFilter(disposing(believer(classes)), 0.9) });
      return (await all(turned().pipe(sure))).flatMap(
        (b) => (drawOf(b).params as { classes: number[] }).classes,
      );
    };
    const expected = await kept(CLASSES);
    expect(new Set(expected.map((label) => TURNED[label]))).toEqual(new Set(['class1']));
    expect(await kept(['other', ...TURNED])).toEqual(expected);
    const soft = ganMix(model, { share: 1, labels: classifierLabels(disposing(believer(CLASSES))) });
    for (const b of await all(turned().pipe(soft))) {
      for (let row = 0; row < b.size; row++) {
        expect(b.soft?.[3 * row + TURNED.indexOf('class1')]).toBeCloseTo(1, 5);
      }
    }
    const run = (by: Parameters<typeof ganMix>[1]) =>
      failure(all(turned().pipe(ganMix(model, { share: 1, ...by }))));
    expect(await run({ filter: confidenceFilter(disposing(believer(['class0', 'class1', 'wolf']))) })).toBe(
      "confidenceFilter: expected a classifier of the classes of the batch ('class2', 'class0', 'class1') but it does not know 'class2'; use one trained on these classes",
    );
    expect(await run({ labels: classifierLabels(disposing(believer([...CLASSES, 'wolf']))) })).toBe(
      "classifierLabels: expected a classifier of the classes of the batch ('class2', 'class0', 'class1') but it also knows 'wolf'; use one trained on these classes only",
    );
  });

  test('row 5: fewer or other classes than those of the generator are refused by name', async () => {
    using model = generator();
    const few = plain({ classes: 2 }).pipe(ganMix(model));
    expect(await failure(all(few))).toBe(
      "ganMix: expected the classes of its model ('class0', 'class1', 'class2') but the data set lacks 'class2'; use a model that was trained on these classes",
    );
  });

  test('row 5: an ONNX file that does not name its classes needs their names', async () => {
    // Its images are all of the color −1, 0 or 1, by the number of the class.
    const graph = traceFunction(
      ({ noise, classes }) =>
        tf.mul(
          tf.ones([1, 8, 8, 3]),
          tf.add(
            tf.reshape(tf.sub(tf.sum(tf.mul(classes, tf.tensor2d([[0, 1, 2]])), 1), 1), [-1, 1, 1, 1]),
            tf.mul(0, tf.reshape(tf.sum(noise, 1), [-1, 1, 1, 1])),
          ),
        ),
      {
        inputs: [
          { name: 'noise', shape: [null, 4] },
          { name: 'classes', shape: [null, 3] },
        ],
      },
    );
    await using file = await onnxModel(writeOnnx(graph), {
      outputs: { output: { shape: [null, 8, 8, 3], range: [-1, 1] } },
    });
    expect(() => ganMix(file)).toThrow(
      'ganMix: expected the names of the 3 classes of its model but the model has none; give the option classes, in the order of its numbers',
    );
    expect(() => ganMix(file, { classes: ['a'] })).toThrow(
      'ganMix: expected names of the 3 classes of its model',
    );
    for (const b of await all(plain().pipe(ganMix(file, { share: 1, classes: TURNED })))) {
      names(b).forEach((name, row) => {
        expect(b.images[192 * row]).toBeCloseTo(TURNED.indexOf(name) - 1, 6);
      });
    }
    using model = generator();
    expect(() => ganMix(model, { classes: TURNED })).toThrow(
      "ganMix: expected the classes that its model names ('class0', 'class1', 'class2') but received",
    );
  });
});

/** What a classifier gives is disposed of by those who ask; what it makes on the way by itself. */
function disposing<T extends { logits(x: tf.Tensor4D): tf.Tensor2D }>(classifier: T): T {
  return { ...classifier, logits: (x: tf.Tensor4D) => tf.tidy(() => classifier.logits(x)) };
}

describe('row 5: latentNoise', () => {
  test('row 5: codes of a class are decoded as that class', async () => {
    using model = coder();
    const noisy = latentNoise(model, { mode: 'interpolate', share: 1 });
    const [made] = await alike(plain().pipe(noisy), turned().pipe(noisy));
    const again = await replayLatentNoise(drawOf(made), model);
    const { rows } = drawOf(made).params as { rows: number[] };
    expect(whole(made).subarray(192 * rows[0], 192 * (rows[0] + 1))).toEqual(again.subarray(0, 192));
  });

  test('row 5: a bank of data with another order of classes gives partners of the class', async () => {
    using model = coder();
    const [one, other] = [await latentBank(model, plain()), await latentBank(model, turned())];
    expect([one.classes, other.classes]).toEqual([CLASSES, TURNED]);
    const by = (bank: typeof one) => latentNoise(model, { mode: 'interpolate', share: 1, bank });
    await alike(plain().pipe(by(one)), plain().pipe(by(other)));
    await alike(turned().pipe(by(one)), turned().pipe(by(other)));
  });

  test('row 5: other classes than those of the model are refused by name', async () => {
    using model = coder();
    expect(await failure(latentBank(model, plain({ classes: 4 })))).toBe(
      "latentBank: expected the classes of its model ('class0', 'class1', 'class2') but the data set also has 'class3'; use a model that was trained on these classes",
    );
  });
});

describe('row 5: a judge', () => {
  test('row 5: with its classes in another order, and with one more, reports the same metrics', async () => {
    using classifier = await fitModel(plain({ size: 30, perEpoch: 4 }), {
      model: cnn({ filters: [8] }),
      epochs: 6,
      learningRate: 0.1,
      backend: 'wasm',
    });
    const head = (list: readonly string[]) => (tensors: Tensors) =>
      Object.fromEntries(
        Object.entries(tensors).map(([name, tensor]) => {
          if (!name.startsWith('head/')) return [name, tensor.clone()];
          const own = list.map((each) => CLASSES.indexOf(each));
          // A class that was never learned is never believed in.
          const parts = own.map((k) =>
            k < 0
              ? tf.fill([...tensor.shape.slice(0, -1), 1], name.endsWith('bias') ? -1e3 : 0)
              : tf.gather(tensor, [k], tensor.rank - 1),
          );
          return [name, tf.concat(parts, tensor.rank - 1)];
        }),
      );
    const as = (classes: readonly string[]) => {
      const { params, stats } = classifier.state;
      const made = {
        params: tf.tidy(() => head(classes)(params)),
        stats: tf.tidy(() => head(classes)(stats)),
        slots: {},
      };
      return new Trained(build(cnn({ filters: [8] }), { input: [8, 8, 3], classes }), made);
    };
    const judged = async (by: Trained, validation = plain) => {
      const events: TrainEvent[] = [];
      await train(plain({ size: 8 }), {
        model: gan({ latent: 4, width: 4, criticWidth: 4 }),
        validation: validation({ seed: 9, size: 30 }),
        judge: judge(by),
      }).forEach((event) => {
        events.push(event);
      });
      return events.find((event) => event.kind === 'evaluation')?.metrics as Record<string, number>;
    };
    const plainly = await judged(classifier);
    expect(plainly.recognized).toBeGreaterThan(0);
    // Images to measure by whose data set lists its classes otherwise.
    expect(await judged(classifier, turned)).toEqual(plainly);
    for (const list of [TURNED, ['wolf', ...TURNED]]) {
      using other = as(list);
      const metrics = await judged(other);
      for (const [name, value] of Object.entries(plainly)) expect(metrics[name]).toBeCloseTo(value, 4);
    }
  });
});

describe('row 6: a GAN', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'rxaug-gan-classes-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const run = async (batches$: Observable<Batch>, steps: number, more: object = {}) => {
    const stop = new AbortController();
    const seen = { losses: [] as number[], epochs: [] as number[], notices: [] as string[] };
    await train(batches$, {
      model: gan({ latent: 4, width: 4, criticWidth: 4 }),
      epochs: 2,
      checkpoint: { dir },
      resume: true,
      signal: stop.signal,
      ...more,
    }).forEach((event) => {
      if (event.kind === 'notice') seen.notices.push(event.message);
      if (event.kind === 'epoch') seen.epochs.push(event.samples);
      if (event.kind === 'step' && seen.losses.push(event.metrics.loss) === steps) stop.abort();
    });
    return seen;
  };

  test('row 6: resumed in the middle it equals the undisturbed one; with other batches it has all samples', async () => {
    const stream = (size = 8) => colored({ size, perEpoch: 48 / size }).batches$;
    const whole = await run(stream(), Number.POSITIVE_INFINITY, { checkpoint: undefined, resume: false });
    const first = await run(stream(), 4);
    const second = await run(stream().pipe(turn), 4);
    const third = await run(stream(), Number.POSITIVE_INFINITY);
    expect([...first.losses, ...second.losses, ...third.losses]).toEqual(whole.losses);
    expect([...second.epochs, ...third.epochs]).toEqual([48, 48]);

    await rm(path.join(dir, 'last.ckpt'));
    await run(stream(), 4);
    const other = await run(stream(16), Number.POSITIVE_INFINITY);
    expect(other.epochs).toEqual([48, 48]);
    expect(other.notices).toEqual([`${dir}/last.ckpt: training continues with batches of 16, not 8`]);
  });
});
