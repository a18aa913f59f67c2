/** What a training says that is no error, and ends that only look like success. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { lastValueFrom, tap, toArray } from 'rxjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TrainEvent } from '../../src/core/events.js';
import { type Batch, linear } from '../../src/core/index.js';
import { autoencoder, gan } from '../../src/gan/index.js';
import { classification } from '../../src/train/classification/task.js';
import {
  cosineDecay,
  dense,
  dropout,
  fit,
  flatten,
  loadBackend,
  mlp,
  model,
  sequential,
  train,
  trainTask,
} from '../../src/train/index.js';
import { costOf, SlowBackend } from '../../src/train/loop/slow-backend.js';
import { sgd } from '../../src/train/optimizers/index.js';
import { loadCheckpoint } from '../../src/train/state/checkpoint.js';
import { disposeState } from '../../src/train/state/tensors.js';
import { colored } from '../gan/colored.js';
import { fakeBatches } from './batches.js';

let dir: string;
let last: string;
beforeAll(async () => {
  await loadBackend('auto');
});
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'rxaug-notices-'));
  last = path.join(dir, 'last.ckpt');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const small = mlp({ hidden: [4] });
const run = (options: Partial<Parameters<typeof train>[1]> = {}, batches$ = fakeBatches().batches$) =>
  lastValueFrom(
    train(batches$, { model: small, checkpoint: { dir }, ...options } as Parameters<typeof train>[1]).pipe(
      toArray(),
    ),
  );
const notices = (events: TrainEvent[]) =>
  events.flatMap((event) => (event.kind === 'notice' ? [event.message] : []));

describe('resume', () => {
  test('says when there is no checkpoint, and that training begins anew', async () => {
    const events = await run({ resume: true });
    expect(notices(events)).toEqual([`resume: there is no checkpoint at ${last}; training begins anew`]);
    expect(events.slice(0, 2).map(({ kind }) => kind)).toEqual(['start', 'notice']);
  });

  test('says that a checkpoint of an earlier training will be replaced', async () => {
    expect(notices(await run())).toEqual([]);
    const events = await run();
    expect(notices(events)).toEqual([
      `checkpoint: ${last} of an earlier training will be replaced; resume: true continues it instead`,
    ]);
    expect(events.slice(0, 2).map(({ kind }) => kind)).toEqual(['start', 'notice']);
  });

  test('says what shapes the training in another way, in one line with the rest', async () => {
    await run({ epochs: 1, weightDecay: 1e-3, labelSmoothing: 0.1, optimizer: sgd({ momentum: 0.9 }) });
    const same = { weightDecay: 1e-3, labelSmoothing: 0.1, optimizer: sgd({ momentum: 0.9 }) };
    const said = async (options: Partial<Parameters<typeof train>[1]>) =>
      notices(await run({ epochs: 1, resume: true, ...options })).filter((one) => !one.includes('finished'));
    expect(await said(same)).toEqual([]);
    const changed = { weightDecay: 1e-4, optimizer: sgd({ momentum: 0.8 }), clipNorm: 1, epochs: 2 };
    expect(await said(changed)).toEqual([
      expect.stringMatching(
        /^\S+last\.ckpt: training continues with .*optimizer: .*0\.8.*, not .*0\.9.*; epochs: 2, not 1 /,
      ),
    ]);
    const [line] = await said({ ...changed, epochs: 3, weightDecay: 1e-3, labelSmoothing: 0.2 });
    expect(line).toContain('weightDecay: 0.001, not 0.0001');
    expect(line).toContain('labelSmoothing: 0.2, not none');
    expect(line).not.toContain('clipNorm');
  });

  test('says when the training is finished already, and leaves its checkpoint as it is', async () => {
    await run({ epochs: 2 });
    const before = await readFile(last);
    const events = await run({ epochs: 2, resume: true });
    expect(notices(events)).toEqual([
      `${last}: this training is finished already, after epoch 2 and step 8; nothing was trained: give more epochs to continue`,
    ]);
    expect(events.some(({ kind }) => kind === 'step')).toBe(false);
    expect(events.at(-1)).toMatchObject({ kind: 'done', step: 8 });
    expect(JSON.parse(JSON.stringify(events.at(-1)))).not.toHaveProperty('imagesPerSecond');
    expect(await readFile(last)).toEqual(before);
    expect(notices(await run({ epochs: 3, resume: true })).join()).not.toContain('finished');
  });

  test('says what changed since: learning rate, batch size, epochs', async () => {
    await run({ epochs: 2, learningRate: 0.05 });
    const [said] = notices(
      await run(
        { epochs: 4, learningRate: 0.01, resume: true },
        fakeBatches({ size: 4, perEpoch: 8 }).batches$,
      ),
    );
    expect(said).toContain(`${last}: training continues with `);
    expect(said).toContain('epochs: 4, not 2');
    expect(said).toContain('the learning rate from 0.05 to 0.01');
    expect(said).toContain('batches of 4, not 8');
  });
});

describe('a training with diverged weights and a finite loss', () => {
  const huge = { learningRate: 1e30, optimizer: sgd() };

  test('fails, names the tensor, and writes no checkpoint', async () => {
    const before = tf.memory().numTensors;
    await expect(run(huge, fakeBatches({ perEpoch: 1 }).batches$)).rejects.toThrow(
      /^train: the norm of the weights '.*' is Infinity after step 1 \(learning rate 1e\+30\): training has diverged; lower the learning rate/,
    );
    expect(existsSync(last)).toBe(false);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('leaves the last good checkpoint, of every so many steps too', async () => {
    await run({ epochs: 1 });
    const good = await readFile(last);
    await expect(
      run(
        { ...huge, epochs: 2, resume: true, checkpoint: { dir, every: 1 } },
        fakeBatches({ perEpoch: 4 }).batches$,
      ),
    ).rejects.toThrow(/diverged/);
    expect(await readFile(last)).toEqual(good);
  });

  test('fails also where no checkpoint is asked for, and where it is stopped', async () => {
    await expect(
      run({ ...huge, checkpoint: undefined }, fakeBatches({ perEpoch: 1 }).batches$),
    ).rejects.toThrow(/diverged/);
    const stop = new AbortController();
    const events$ = train(fakeBatches({ perEpoch: 3 }).batches$, {
      model: small,
      ...huge,
      signal: stop.signal,
    }).pipe(tap(({ kind }) => kind === 'step' && stop.abort()));
    await expect(lastValueFrom(events$)).rejects.toThrow(/diverged/);
  });

  test('a model that makes images fails alike', async () => {
    const images = colored({ side: 8, size: 10, perEpoch: 1 }).batches$;
    const tiny = autoencoder({ latent: 4, width: 4 });
    await expect(fit(images, { model: tiny, learningRate: 1e30, optimizer: sgd() })).rejects.toThrow(
      /^train: the norm of the weights '(encoder|decoder)\/.*' is (Infinity|NaN) after step 1/,
    );
  });
});

describe('a schedule on a stream without an end', () => {
  const endless = (change: (batch: Batch) => Batch = (batch) => batch) =>
    fakeBatches({
      epochs: Number.POSITIVE_INFINITY,
      change: (batch) => change({ ...batch, origin: { ...batch.origin, epochs: Number.POSITIVE_INFINITY } }),
    }).batches$;
  const sentence = (what: string) =>
    `train: ${what} follows the progress of training, but its source has epochs: Infinity, so it would never change; give the source a number of epochs, or epochs to train()`;

  test.each([
    ['learningRate', { learningRate: cosineDecay(0.1) }],
    ['labelSmoothing.epsilon', { labelSmoothing: { epsilon: linear(0, 0.1) } }],
    ['confidencePenalty', { confidencePenalty: linear(0, 0.1) }],
    [
      'network.layers.layers[1].rate',
      {
        model: model('own', (n) => sequential([flatten(), dropout(linear(0, 0.5)), dense(n)])),
      },
    ],
  ])('%s is refused before the first step', async (what, options) => {
    const events: TrainEvent[] = [];
    const events$ = train(endless(), { model: small, ...options } as Parameters<typeof train>[1]);
    await expect(lastValueFrom(events$.pipe(tap((event) => events.push(event))))).rejects.toThrow(
      sentence(what),
    );
    expect(events.filter(({ kind }) => kind === 'step')).toEqual([]);
  });

  test('of a generative model is refused too', async () => {
    const images = colored({ side: 8, size: 10, perEpoch: 1 }).batches$;
    const open = images.pipe(
      tap((batch) => Object.assign(batch.origin, { epochs: Number.POSITIVE_INFINITY })),
    );
    const model = autoencoder({ latent: 4, width: 4, variational: true, beta: linear(0, 1) });
    await expect(fit(open, { model })).rejects.toThrow(sentence('network.beta'));
    const tiny = gan({ latent: 4, width: 4, criticWidth: 4 });
    await expect(fit(open, { model: tiny, learningRate: linear(1e-3, 0) })).rejects.toThrow(
      sentence('learningRate'),
    );
  });

  test('advances where the trainer is given the epochs', async () => {
    const events = await run({ learningRate: linear(0.1, 0), epochs: 2 }, endless());
    const rates = events.flatMap((event) => (event.kind === 'step' ? [event.learningRate] : []));
    expect(rates).toHaveLength(8);
    expect(rates[7]).toBeCloseTo(0.1 / 8, 10);
  });

  test('a constant learning rate is allowed on an endless stream', async () => {
    const stop = new AbortController();
    const events$ = train(endless(), { model: small, signal: stop.signal }).pipe(
      tap((event) => event.kind === 'step' && event.step === 9 && stop.abort()),
      toArray(),
    );
    expect((await lastValueFrom(events$)).filter(({ kind }) => kind === 'step')).toHaveLength(9);
  });
});

describe('a backend chosen because a faster one is missing', () => {
  test.each([
    [
      10,
      21_600,
      'this backend takes 10 s a step, about 60 hours in all; npx rxaug setup brings native TensorFlow, which is many times faster',
    ],
    [
      0.123,
      36_000,
      'this backend takes 0.12 s a step, about 74 minutes in all; npx rxaug setup brings native TensorFlow, which is many times faster',
    ],
    [
      60,
      14_400,
      'this backend takes 60 s a step, about 10 days in all; npx rxaug setup brings native TensorFlow, which is many times faster',
    ],
    [
      2,
      undefined,
      'this backend takes 2 s a step; npx rxaug setup brings native TensorFlow, which is many times faster',
    ],
    [0.1, 5999, undefined],
    [0.9, undefined, undefined],
  ])('%d s a step and %s steps left: %s', (seconds, left, said) => {
    expect(costOf(seconds, left)).toBe(said);
  });

  test('is timed over two steps after the first, and reported once', () => {
    const slow = new SlowBackend();
    expect(slow.note({ stepMs: 90_000, progress: 0 })).toBeUndefined();
    expect(slow.note({ stepMs: 9000, progress: 0.001 })).toBeUndefined();
    expect(slow.note({ stepMs: 11_000, progress: 0.002 })).toMatch(
      /^this backend takes 10 s a step, about 3 hours in all; /,
    );
    expect(slow.note({ stepMs: 10_000, progress: 0.003 })).toBeUndefined();
  });

  test.each([true, false])('fallback: %s', async (fallback) => {
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 600_000));
    const events: TrainEvent[] = [];
    try {
      const finished = await trainTask(
        fakeBatches({ epochs: 2 }).batches$,
        classification({ model: small, optimizer: sgd() }),
        { learningRate: 0.01, seed: 0, evaluateEvery: 1, resume: false, backend: 'wasm', fallback },
        (event) => events.push(event),
        new AbortController().signal,
      );
      if (finished) disposeState(finished.state);
    } finally {
      clock.mockRestore();
    }
    const said = notices(events);
    expect(said).toHaveLength(fallback ? 1 : 0);
    if (fallback) expect(said[0]).toMatch(/^this backend takes \d+ s a step, about /);
  });
});

test('a checkpoint of a finished training still loads', async () => {
  await run();
  disposeState((await loadCheckpoint(last)).state);
});
