import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { concatMap, of, throwError } from 'rxjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { load } from '../../src/pipeline/load.js';
import {
  adam,
  fit as fitModel,
  loadCheckpoint,
  mlp,
  resnet,
  sgd,
  Trained,
  type TrainOptions,
} from '../../src/train/index.js';
import { type Progress, saveCheckpoint } from '../../src/train/state/checkpoint.js';
import { disposeState, flatten, type State } from '../../src/train/state/tensors.js';
import { fakeBatches } from './batches.js';
import { numbersOf, onEveryBackend, useBackend } from './golden.js';

const progress: Progress = {
  identity: { task: 'classification', model: { model: 'mlp', hidden: [2] }, optimizer: 'sgd' },
  look: { input: [8, 8, 3], classes: ['ä', 'b', 'c'] },
  seed: 7,
  step: 12,
  learningRate: 0.1,
  position: { epoch: 1, batch: 2 },
  totals: { samples: 16, sums: { loss: 3.25 } },
  last: { train: { loss: 1 } },
  best: {
    epoch: 0,
    metric: 'loss',
    value: 0.1 + 0.2,
    since: 1,
    metrics: { validation: { loss: 0.1 + 0.2 } },
  },
};

const makeState = (fill = 1.5): State => ({
  params: {
    'a/kernel': tf.tensor2d([
      [fill, -0],
      [1e-38, 3e38],
    ]),
    'a/bias': tf.scalar(Math.fround(0.1)),
  },
  stats: { 'n/mean': tf.zeros([0]) },
  slots: { time: tf.scalar(3) },
});

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'rxaug-checkpoint-'));
  file = path.join(dir, 'deep', 'last.ckpt');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

onEveryBackend('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  describe('a checkpoint', () => {
    test('gives back what was saved, to the bit', async () => {
      const state = makeState();
      await saveCheckpoint(file, state, progress);
      const before = tf.memory().numTensors;
      const { state: loaded, path: from, ...rest } = await loadCheckpoint(file);
      expect(rest).toEqual(progress);
      expect(from).toBe(file);
      const [a, b] = [flatten(state), flatten(loaded)];
      expect(Object.keys(b)).toEqual(Object.keys(a));
      for (const name of Object.keys(a)) {
        expect(b[name].shape).toEqual(a[name].shape);
        expect(await numbersOf(b[name])).toEqual(await numbersOf(a[name]));
      }
      disposeState(loaded);
      expect(tf.memory().numTensors).toBe(before);
      disposeState(state);
      expect(await readdir(path.dirname(file))).toEqual(['last.ckpt']); // no temporary file is left
    });

    test('is the same file for the same state', async () => {
      const state = makeState();
      const other = path.join(dir, 'other.ckpt');
      await saveCheckpoint(file, state, progress);
      await saveCheckpoint(other, state, progress);
      expect(await readFile(other)).toEqual(await readFile(file));
      disposeState(state);
    });

    test('that holds NaN is not written, and the old one stays', async () => {
      const [good, bad] = [makeState(), makeState(Number.NaN)];
      await saveCheckpoint(file, good, progress);
      const bytes = await readFile(file);
      await expect(saveCheckpoint(file, bad, progress)).rejects.toThrow(
        'checkpoint: expected finite numbers in params/a/kernel but training has diverged; lower learningRate',
      );
      expect(await readFile(file)).toEqual(bytes);
      disposeState(good);
      disposeState(bad);
    });

    test.each([
      ['nothing', undefined, 'cannot be read (ENOENT'],
      ['an empty file', '', 'is not a checkpoint of rxaug; give the path of a .ckpt file'],
      ['another file', 'PK\u0003\u0004 this is a zip', 'is not a checkpoint of rxaug'],
      ['a header that claims gigabytes', 'RXAUGCP2\u00ff\u00ff\u00ff\u007f{}', 'is damaged or cut short'],
    ])('%s', async (_, content, sentence) => {
      const at = path.join(dir, 'x.ckpt');
      if (content !== undefined) await writeFile(at, content, 'latin1');
      await expect(loadCheckpoint(at)).rejects.toThrow(sentence);
    });
  });

  describe('a failed training saves its steps when', () => {
    const options = { model: mlp({ hidden: [4] }), optimizer: adam(), epochs: 2, seed: 3, backend };
    const validation = () => fakeBatches({ seed: 9, perEpoch: 1 }).batches$;
    const broken = () => throwError(() => new Error('the disk is gone'));
    const cut = () => fakeBatches().batches$.pipe(concatMap((b) => (b.index === 2 ? broken() : of(b))));

    test.each([
      ['an evaluation fails', () => fakeBatches().batches$, broken, 4],
      ['the stream fails', cut, validation, 2],
    ] as const)(
      '%s: resumed with a working stream it equals the undisturbed training',
      async (_, own, test$, step) => {
        const whole = await fitModel(fakeBatches().batches$, { ...options, validation });
        const before = tf.memory().numTensors;
        await expect(fitModel(own(), { ...options, validation: test$, checkpoint: { dir } })).rejects.toThrow(
          'the disk is gone',
        );
        expect(tf.memory().numTensors).toBe(before);
        const kept = await loadCheckpoint(path.join(dir, 'last.ckpt'));
        expect(kept.step).toBe(step);
        disposeState(kept.state);
        const again = await fitModel(fakeBatches().batches$, {
          ...options,
          validation,
          checkpoint: { dir },
          resume: true,
        });
        const all = ({ state }: typeof whole) => Promise.all(Object.values(state.params).map(numbersOf));
        expect(await all(again)).toEqual(await all(whole));
        whole.dispose();
        again.dispose();
      },
    );
  });

  describe('a checkpoint of another run is refused with one sentence', () => {
    const options: TrainOptions = { model: mlp({ hidden: [4] }), backend, learningRate: 0.01 };
    const go = async (more: Partial<TrainOptions>, fake = fakeBatches({ epochs: 2 })) =>
      (await fitModel(fake.batches$, { ...options, checkpoint: { dir }, resume: true, ...more })).dispose();

    beforeEach(async () => {
      const trained = await fitModel(fakeBatches().batches$, { ...options, checkpoint: { dir } });
      trained.dispose();
    });

    test.each([
      [
        'another size',
        { model: mlp({ hidden: [5] }) },
        'holds model {"model":"mlp","hidden":[4],"dropout":0}, not',
      ],
      ['another model', { model: resnet(8, { width: 2 }) }, 'holds model'],
      [
        'another optimizer',
        { optimizer: adam() },
        "holds optimizer 'sgd', not 'adam'; resume with the same model and options",
      ],
      [
        'other slots',
        { optimizer: sgd({ momentum: 0 }) },
        'has [192,4] for slots/momentum/hidden1/kernel, not nothing; it belongs to another',
      ],
      ['another seed', { seed: 5 }, 'was made with seed 0, not 5; use the same seed to continue'],
      [
        'a file that is not there',
        { resume: '/nowhere/a.ckpt' },
        'checkpoint /nowhere/a.ckpt: cannot be read',
      ],
    ] as [string, Partial<TrainOptions>, string][])('%s', async (_, more, sentence) => {
      const before = tf.memory().numTensors;
      await expect(go(more)).rejects.toThrow(sentence);
      expect(tf.memory().numTensors).toBe(before);
    });

    test('images of another size, another number of classes', async () => {
      await expect(go({}, fakeBatches({ epochs: 2, side: 6 }))).rejects.toThrow(
        'train: expected images of 8×8×3 but received [6,6,3]',
      );
      await expect(go({}, fakeBatches({ epochs: 2, classes: 4 }))).rejects.toThrow(
        "train: expected the classes of the model ('class0', 'class1', 'class2') but colors also has 'class3'; use images of those classes, or use the same class names in both",
      );
    });

    test('resume: true without a folder; with a folder that is empty it begins', async () => {
      await expect(go({ checkpoint: undefined })).rejects.toThrow('resume: expected a folder of checkpoints');
      await go({ checkpoint: { dir: path.join(dir, 'new') } });
      expect(await readdir(path.join(dir, 'new'))).toEqual(['last.ckpt']);
    });

    test('best weights of another run are refused', async () => {
      const stopping: Partial<TrainOptions> = {
        earlyStopping: { patience: 3 },
        validation: () => fakeBatches({ seed: 9 }).batches$,
      };
      await go({ ...stopping, resume: false });
      await rm(path.join(dir, 'best.ckpt'));
      await expect(go(stopping)).rejects.toThrow(/best\.ckpt: cannot be read/);
    });

    test('the model alone loads, and another task is refused', async () => {
      const trained = await load(path.join(dir, 'last.ckpt'), Trained);
      expect([trained.network.name, trained.classes]).toEqual(['mlp-4', ['class0', 'class1', 'class2']]);
      trained.dispose();
      const state = makeState();
      await saveCheckpoint(file, state, { ...progress, identity: { task: 'gan' } });
      disposeState(state);
      await expect(load(file, Trained)).rejects.toThrow(
        'holds a GAN, not a classifier; leave out the class to load it',
      );
    });
  });
});
