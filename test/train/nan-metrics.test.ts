/** Metrics that are NaN: any number is better, wherever a best one is kept, and what is kept says that it is NaN. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isBetter } from '../../src/core/better.js';
import type { TrainEvent } from '../../src/core/events.js';
import { compared, comparison, curvesOf } from '../../src/report/compare.js';
import { readRunLog } from '../../src/report/run-log.js';
import { fit as fitModel, loadCheckpoint, mlp } from '../../src/train/index.js';
import { type Best, updateBest } from '../../src/train/loop/early-stopping.js';
import { fakeBatches } from './batches.js';
import { useBackend } from './golden.js';

const NAN = Number.NaN;
const dir = mkdtempSync(path.join(tmpdir(), 'rxaug-nan-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('row 13: of two values', () => {
  test.each([
    [0.9, undefined, 'min', true],
    [NAN, undefined, 'min', true],
    [0.9, NAN, 'min', true],
    [0.9, NAN, 'max', true],
    [Number.POSITIVE_INFINITY, NAN, 'min', true],
    [NAN, NAN, 'min', false],
    [NAN, 0.9, 'min', false],
    [NAN, 0.9, 'max', false],
    [0.5, 0.9, 'min', true],
    [0.5, 0.9, 'max', false],
    [0.9, 0.9, 'max', false],
    [0.9, Number.POSITIVE_INFINITY, 'min', true],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 'min', false],
  ] as const)('row 13: %d after %s for %s: %s', (value, best, direction, expected) => {
    expect(isBetter(value, best, direction)).toBe(expected);
  });

  test('row 13: minDelta applies to numbers, and not after NaN', () => {
    expect(isBetter(0.85, 0.9, 'min', 0.1)).toBe(false);
    expect(isBetter(0.85, NAN, 'min', 0.1)).toBe(true);
  });
});

describe('row 13: early stopping', () => {
  const run = (values: number[], direction: 'min' | 'max' = 'min', minDelta = 0) => {
    const options = { metric: 'loss', minDelta, patience: 5, restore: true };
    return values.reduce<Best | undefined>(
      (best, loss, epoch) =>
        updateBest(best, { epoch, metrics: { validation: { loss } } }, options, direction),
      undefined,
    );
  };

  test.each([
    [[NAN, 0.9, 0.5], 'min', { epoch: 2, value: 0.5, since: 0 }],
    [[NAN, 0.9], 'min', { epoch: 1, value: 0.9, since: 0 }],
    [[NAN, NAN, 0.9, NAN], 'min', { epoch: 2, value: 0.9, since: 1 }],
    [[NAN, 0.1, 0.7, NAN], 'max', { epoch: 2, value: 0.7, since: 1 }],
    [[NAN, NAN], 'min', { epoch: 0, value: NAN, since: 1 }],
    [[0.4, NAN, NAN], 'min', { epoch: 0, value: 0.4, since: 2 }],
  ] as const)('row 13: of %j', (values, direction, expected) => {
    expect(run([...values], direction)).toMatchObject(expected);
  });

  test('row 13: a first validation loss of NaN is replaced, saved and resumed', async () => {
    await useBackend('cpu');
    // Pixels that are not numbers give a loss that is none.
    const broken = () =>
      fakeBatches({
        seed: 9,
        change(batch) {
          batch.images.fill(NAN);
          return batch;
        },
      }).batches$;
    const whole = () => fakeBatches({ seed: 9 }).batches$;
    const options = { model: mlp({ hidden: [4] }), backend: 'cpu', earlyStopping: { patience: 9 } } as const;
    const checkpoint = { dir: path.join(dir, 'run') };
    let opened = 0;
    const validation = () => (opened++ === 0 ? broken() : whole());
    const first: TrainEvent[] = [];
    (
      await fitModel(fakeBatches().batches$, { ...options, validation, epochs: 1, checkpoint }, (e) =>
        first.push(e),
      )
    ).dispose();
    expect(first.at(-1)).toMatchObject({ kind: 'done', best: { epoch: 0, value: NAN } });
    const { state, ...kept } = await loadCheckpoint(path.join(checkpoint.dir, 'last.ckpt'));
    tf.dispose([state.params, state.stats, state.slots]);
    expect(kept.best).toMatchObject({ epoch: 0, value: NAN, metrics: { validation: { loss: NAN } } });

    const then: TrainEvent[] = [];
    (
      await fitModel(
        fakeBatches().batches$,
        { ...options, validation, epochs: 3, checkpoint, resume: true },
        (e) => then.push(e),
      )
    ).dispose();
    const losses = then.flatMap((e) => (e.kind === 'epoch' ? [e.validation?.loss as number] : []));
    expect(losses).toHaveLength(2);
    expect(then.at(-1)).toMatchObject({ best: { value: Math.min(...losses), restored: true } });
  });

  test('row 13: an image with NaN logits counts for no class', async () => {
    await useBackend('cpu');
    using trained = await fitModel(fakeBatches().batches$, { model: mlp({ hidden: [4] }), backend: 'cpu' });
    const images = tf.tidy(
      () => tf.concat([tf.zeros([2, 8, 8, 3]), tf.fill([1, 8, 8, 3], NAN)]) as tf.Tensor4D,
    );
    await expect(trained.predict(images)).rejects.toThrow(
      'predict: expected probabilities of image 2 but received NaN; check its pixels and the range they are in',
    );
    await expect(trained.predictMonteCarlo(images)).rejects.toThrow(/^predictMonteCarlo: .* image 2 /);
    images.dispose();
  });
});

describe('row 13: logs, in which JSON has null for what is not finite', () => {
  const weights = { norm: 1, norms: {}, zeros: 0, nearZeros: 0, effectiveLearningRate: NAN };
  const log = (epochs: { accuracy?: number; kid?: number; gap?: number }[]) => {
    const file = path.join(dir, `${epochs.length}-${JSON.stringify(epochs).length}.jsonl`);
    const lines = [
      { kind: 'start', model: 'mlp', backend: 'cpu', seed: 0 },
      ...epochs.map(({ gap, ...validation }, epoch) => ({
        ...{ kind: 'epoch', epoch, train: { loss: NAN }, validation, weights, imagesPerSecond: 100 },
        ...(gap !== undefined && { gap }),
      })),
    ];
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect(readFileSync(file, 'utf8')).toContain('null');
    return readRunLog(file).runs[0];
  };
  beforeAll(() => useBackend('cpu'));

  test('row 13: the best epoch is one with a number, and the last word is NaN where it is', () => {
    const run = log([
      { accuracy: NAN, kid: NAN },
      { accuracy: 0.5, kid: 0.25 },
      { accuracy: NAN, kid: NAN, gap: NAN },
    ]);
    const told = compared(run);
    expect(told.best).toEqual({ test: 0.5, epoch: 2 });
    expect(told.made).toMatchObject({ kid: NAN, best: { kid: 0.25, epoch: 2 } });
    expect(told).toMatchObject({ test: NAN, gap: NAN, trainLoss: NAN, norm: 1, effectiveLearningRate: NAN });
    expect(comparison([run])).toContain('NaN');
    expect(compared(log([{ accuracy: NAN }])).best).toEqual({ test: NAN, epoch: 1 });
  });

  test('row 13: a metric that is always NaN has no curve', () => {
    const run = log([{ accuracy: NAN }, { accuracy: NAN }]);
    expect(curvesOf([run], 'accuracy')).toEqual([]);
    expect(curvesOf([log([{ accuracy: NAN }, { accuracy: 0.5 }])], 'accuracy')).toHaveLength(1);
  });
});
