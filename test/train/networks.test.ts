/** Recurrent layers, transformers, shared weights, shaken branches: against PyTorch, and as parts of a run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { lastValueFrom, toArray } from 'rxjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TrainEvent } from '../../src/core/events.js';
import { keyOf, linear } from '../../src/core/index.js';
import {
  adam,
  dense,
  gru,
  layerFrom,
  lstm,
  type Model,
  rowRnn,
  shakeShake,
  shakeShakeResnet,
  type TrainOptions,
  train,
  vit,
} from '../../src/train/index.js';
import { fakeBatches } from './batches.js';
import { type Case, expectCase, layerOf } from './cases.js';
import { applyLayer, declare, golden, onEveryBackend, useBackend } from './golden.js';

const cases = golden<Case[]>('networks.json');

onEveryBackend('%s follows PyTorch', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(cases.map((c) => [`${c.layer} ${JSON.stringify(c.options)}`, c] as const))('%s', (_, c) =>
    expectCase(c),
  );
});

test('every layer here survives its own JSON', () => {
  for (const made of cases.map(layerOf)) {
    expect(layerFrom(JSON.parse(JSON.stringify(made.config))).config).toEqual(made.config);
  }
});

describe('recurrent layers', () => {
  beforeAll(() => useBackend('cpu'));

  const numbers = (f: () => tf.Tensor) => tf.tidy(() => [...f().dataSync()]);

  /** With no recurrence, and gates that are open or shut, what an LSTM gives is tanh(tanh(x)) of a masked input. */
  const lookingAt = (what: 'input' | 'state', units: number) => {
    const block = (value: tf.Tensor, at: number) =>
      tf.concat(
        [0, 1, 2, 3].map((gate) => (gate === at ? value : tf.zerosLike(value))),
        1,
      ) as tf.Tensor;
    const eye = tf.eye(units) as tf.Tensor;
    return {
      kernel: block(eye, 2),
      recurrentKernel: what === 'state' ? block(eye, 2) : tf.zeros([units, 4 * units]),
      bias: tf.concat([tf.fill([units], 50), tf.fill([units], -50), tf.zeros([units]), tf.fill([units], 50)]),
    };
  };

  test('one mask for all steps and gates; its rate and its scale', () => {
    const [rows, steps, units, rate] = [100, 5, 40, 0.3];
    const layer = lstm(units, { returnSequences: true, inputDropout: rate });
    const run = (options = {}) =>
      applyLayer(layer, tf.ones([rows, steps, units]), lookingAt('input', units), options).y;
    const y = numbers(run);
    const open = Math.tanh(Math.tanh(1 / (1 - rate)));
    const dropped = (b: number, t: number, u: number) => {
      const value = y[(b * steps + t) * units + u] as number;
      expect(Math.min(Math.abs(value), Math.abs(value - open))).toBeLessThan(1e-5);
      return Math.abs(value) < 1e-5;
    };
    let count = 0;
    for (let b = 0; b < rows; b++) {
      for (let u = 0; u < units; u++) {
        const first = dropped(b, 0, u);
        count += Number(first);
        for (let t = 1; t < steps; t++) expect(dropped(b, t, u)).toBe(first);
      }
    }
    const n = rows * units;
    expect(Math.abs(count / n - rate)).toBeLessThan(3 * Math.sqrt((rate * (1 - rate)) / n));
    // The examples have masks of their own, and the key decides.
    expect(y.slice(0, units).map((v) => v > 0.1)).not.toEqual(
      y.slice(steps * units, (steps + 1) * units).map((v) => v > 0.1),
    );
    expect(numbers(run)).toEqual(y);
    expect(numbers(() => run({ key: keyOf(9) }))).not.toEqual(y);
    const calm = numbers(() => run({ training: false }));
    expect(Math.max(...calm.map((v) => Math.abs(v - Math.tanh(Math.tanh(1)))))).toBeLessThan(1e-5);
  });

  test('the mask of the state is the same from step to step', () => {
    const [rows, units, rate] = [100, 40, 0.4];
    const layer = lstm(units, { returnSequences: true, recurrentDropout: rate });
    // Inputs at the first step only: what comes after has gone through the mask.
    const y = numbers(() => {
      const x = tf.concat([tf.ones([rows, 1, units]), tf.zeros([rows, 3, units])], 1);
      return applyLayer(layer, x, lookingAt('state', units)).y;
    });
    const at = (b: number, t: number, u: number) => y[(b * 4 + t) * units + u] as number;
    let count = 0;
    for (let b = 0; b < rows; b++) {
      for (let u = 0; u < units; u++) {
        const gone = [1, 2, 3].map((t) => Math.abs(at(b, t, u)) < 1e-5);
        // A mask drawn anew at each step would let some through at first and stop them later.
        expect(new Set(gone).size).toBe(1);
        count += Number(gone[0]);
        if (!gone[0]) {
          const next = Math.tanh(Math.tanh(at(b, 0, u) / (1 - rate)));
          expect(Math.abs(at(b, 1, u) - next)).toBeLessThan(1e-5);
        }
      }
    }
    const n = rows * units;
    expect(Math.abs(count / n - rate)).toBeLessThan(3 * Math.sqrt((rate * (1 - rate)) / n));
  });

  test('rates follow schedules', () => {
    const layer = gru(3, { inputDropout: linear(0, 0.5), recurrentDropout: linear(0, 0.5) });
    const { params } = declare(layer, [4, 20]);
    const run = (options: { training?: boolean; progress?: number }) =>
      numbers(() => {
        const weights = Object.fromEntries(
          params.map((spec) => [spec.name, tf.tensor(spec.initial(keyOf(1), spec), [...spec.shape])]),
        );
        return applyLayer(layer, tf.ones([2, 4, 20]), weights, options).y;
      });
    expect(run({ progress: 0 })).toEqual(run({ training: false }));
    expect(run({ progress: 1 })).not.toEqual(run({ training: false }));
  });

  test('first values: a forget gate that remembers, and gates that keep the length of the state', () => {
    const { params } = declare(lstm(4), [2, 3]);
    const values = Object.fromEntries(params.map((spec) => [spec.name, spec.initial(keyOf(3), spec)]));
    expect([...values.bias]).toEqual([...Array(4).fill(0), ...Array(4).fill(1), ...Array(8).fill(0)]);
    for (let gate = 0; gate < 4; gate++) {
      const row = [...values.recurrentKernel.slice(4 * gate, 4 * gate + 4)];
      expect(row.reduce((sum, v) => sum + v * v, 0)).toBeCloseTo(1, 5);
    }
  });

  test('images need rows() before it', () => {
    expect(() => declare(lstm(2), [8, 8, 3])).toThrow(
      'lstm: expected steps [T, D] but received [8,8,3]; put rows() before it to read an image row by row',
    );
  });
});

describe('shake-shake', () => {
  beforeAll(() => useBackend('cpu'));

  /** Branches that give 1 and 0, so that the output is α and the gradient of the first's bias is β. */
  const layer = (options: { mode?: 'sample' | 'batch' } = {}) =>
    shakeShake([dense(1), dense(1)], { ...options });
  const shares = (N: number, options: Parameters<typeof layer>[0], more = {}) =>
    tf.tidy(() => {
      const zero = tf.zeros([1, 1]);
      const params = (bias: tf.Tensor) => ({
        'branch1/kernel': zero,
        'branch1/bias': bias,
        'branch2/kernel': zero,
        'branch2/bias': tf.zeros([1]),
      });
      const f = (bias: tf.Tensor) => applyLayer(layer(options), tf.ones([N, 1]), params(bias), more).y;
      const alpha = [...f(tf.ones([N, 1])).dataSync()];
      return {
        alpha,
        beta: [
          ...tf
            .grad(f)(tf.ones([N, 1]) as tf.Tensor)
            .dataSync(),
        ],
      };
    });
  const moments = (values: number[]) => {
    const mean = values.reduce((a, b) => a + b) / values.length;
    return [mean, values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length];
  };

  test('α and β are uniform, each its own, for each sample; at inference ½', () => {
    const N = 10_000;
    const { alpha, beta } = shares(N, {});
    for (const values of [alpha, beta]) {
      const [mean, variance] = moments(values);
      expect(Math.abs(mean - 0.5)).toBeLessThan(3 * Math.sqrt(1 / 12 / N));
      expect(Math.abs(variance - 1 / 12)).toBeLessThan(3 * Math.sqrt(1 / 180 / N));
    }
    const together = alpha.reduce((sum, a, i) => sum + (a - 0.5) * (beta[i] - 0.5), 0) / N;
    expect(Math.abs(together)).toBeLessThan(3 * Math.sqrt(1 / 144 / N));
    expect(new Set(shares(5, {}, { training: false }).alpha)).toEqual(new Set([0.5]));
  });

  test('a batch that is shaken together', () => {
    const { alpha, beta } = shares(50, { mode: 'batch' });
    expect([new Set(alpha).size, new Set(beta).size]).toEqual([1, 1]);
    expect(alpha[0]).not.toBe(beta[0]);
  });

  test('branches of two shapes, a depth that is none', () => {
    const unlike = shakeShake([dense(2), dense(3)]);
    expect(() => declare(unlike, [4])).toThrow(
      'shakeShake: expected branches of one shape, 2 but received [3]; give them the same output shape',
    );
    expect(() => shakeShakeResnet(10, 32)).toThrow(
      'shakeShakeResnet: expected a depth of 6n + 2 but received 10; use 8, 14, 20 or 26',
    );
    expect(() => shakeShakeResnet(8, 3)).toThrow(/^shakeShakeResnet: width: /);
  });
});

onEveryBackend('%s: noise in these networks is keyed', (backend) => {
  const losses = (events: TrainEvent[]) =>
    events.flatMap((event) => (event.kind === 'step' ? [event.metrics.loss] : []));
  const run = (options: TrainOptions) =>
    lastValueFrom(train(fakeBatches({ size: 4, perEpoch: 3 }).batches$, options).pipe(toArray()));

  test.each([
    rowRnn({ units: 6, layers: 2, dropout: 0.3, recurrentDropout: 0.3 }),
    rowRnn({ cell: 'gru', units: 6, dropout: 0.3, recurrentDropout: 0.3 }),
    shakeShakeResnet(8, 2),
    vit({
      width: 8,
      depth: 2,
      heads: 2,
      dropout: 0.2,
      attentionDropout: 0.2,
      embeddingDropout: 0.2,
      stochasticDepth: 0.3,
    }),
  ] as Model[])('$name: the same run, the same losses; a resume goes on with them', async (model) => {
    const dir = await mkdtemp(path.join(tmpdir(), 'rxaug-networks-'));
    try {
      const base: TrainOptions = { model, backend, epochs: 2, seed: 3, learningRate: 0.05 };
      const whole = losses(await run(base));
      const before = tf.memory().numTensors;
      expect(losses(await run(base))).toEqual(whole);
      expect(tf.memory().numTensors).toBe(before);
      expect(losses(await run({ ...base, seed: 4 }))).not.toEqual(whole);
      expect(whole.every(Number.isFinite)).toBe(true);

      const stop = new AbortController();
      const first: TrainEvent[] = [];
      await new Promise<void>((resolve, reject) =>
        train(fakeBatches({ size: 4, perEpoch: 3 }).batches$, {
          ...base,
          checkpoint: { dir },
          signal: stop.signal,
        }).subscribe({
          next: (event) => {
            first.push(event);
            if (event.kind === 'step' && event.step === 2) stop.abort();
          },
          error: reject,
          complete: resolve,
        }),
      );
      const second = await run({ ...base, checkpoint: { dir }, resume: true });
      expect(losses(first)).toHaveLength(2);
      expect([...losses(first), ...losses(second)]).toEqual(whole);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

describe('they learn', () => {
  const taught: [Model, number][] = [
    [rowRnn({ units: 16, dropout: 0.1, recurrentDropout: 0.1 }), 0.02],
    [rowRnn({ cell: 'gru', units: 16, layers: 2 }), 0.02],
    [vit({ width: 16, depth: 2, heads: 2, dropout: 0.1, stochasticDepth: 0.1 }), 0.01],
    [vit({ width: 16, depth: 1, heads: 2, pool: 'mean', embeddingDropout: 0.2 }), 0.01],
    [shakeShakeResnet(8, 4), 0.01],
  ];
  test.each(taught.map(([made, rate]) => [made.name, made, rate] as const))(
    '%s',
    async (_, model, learningRate) => {
      const validation = () => fakeBatches({ seed: 2, perEpoch: 4 }).batches$;
      const events = await lastValueFrom(
        train(fakeBatches({ perEpoch: 8 }).batches$, {
          model,
          optimizer: adam(),
          learningRate,
          epochs: 5,
          backend: 'auto',
          validation,
        }).pipe(toArray()),
      );
      const measured = events.flatMap((event) =>
        event.kind === 'epoch' ? [event.validation?.accuracy] : [],
      );
      expect(measured.at(-1)).toBeGreaterThan(0.85);
    },
  );
});
