import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { lastValueFrom, toArray } from 'rxjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EpochEvent, StepEvent, TrainEvent } from '../../src/core/events.js';
import type { Batch } from '../../src/core/index.js';
import { load } from '../../src/pipeline/load.js';
import {
  adam,
  cosineDecay,
  dense,
  dropout,
  fit as fitModel,
  flatten,
  mlp,
  model,
  relu,
  resnet,
  sequential,
  sgd,
  Trained,
  type TrainOptions,
  train,
} from '../../src/train/index.js';
import { fakeBatches } from './batches.js';
import { onEveryBackend, useBackend } from './golden.js';

const tiny = () => mlp({ hidden: [8], dropout: 0.2 });

const run = (batches$: ReturnType<typeof fakeBatches>['batches$'], options: TrainOptions) =>
  lastValueFrom(train(batches$, options).pipe(toArray()));
const losses = (events: TrainEvent[]) =>
  events.filter((e): e is StepEvent => e.kind === 'step').map((e) => e.metrics.loss);
const epochsOf = (events: TrainEvent[]) => events.filter((e): e is EpochEvent => e.kind === 'epoch');

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'rxaug-train-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

onEveryBackend(
  'on %s',
  (backend) => {
    beforeAll(() => useBackend(backend));
    const base = { backend, learningRate: 0.05, seed: 3 } satisfies Partial<TrainOptions>;

    describe('train', () => {
      test('learns, with events in plain JSON', async () => {
        const fake = fakeBatches({ perEpoch: 8 });
        const validation = fakeBatches({ seed: 2, perEpoch: 2 });
        const events = await run(fake.batches$, {
          ...base,
          model: tiny(),
          epochs: 4,
          learningRate: cosineDecay(0.1, { warmup: 0.1 }),
          weightDecay: 1e-3,
          labelSmoothing: 0.05,
          clipNorm: 5,
          validation: validation.batches$,
        });
        expect(JSON.parse(JSON.stringify(events))).toEqual(
          JSON.parse(JSON.stringify(events.map((e) => ({ ...e })))),
        );
        expect(events[0]).toMatchObject({
          kind: 'start',
          model: 'mlp-8',
          parameters: 8 * 8 * 3 * 8 + 8 + 8 * 3 + 3,
          epochs: 4,
        });
        const epochs = epochsOf(events);
        expect(epochs.map((e) => [e.epoch, e.samples, e.step])).toEqual([
          [0, 64, 8],
          [1, 64, 16],
          [2, 64, 24],
          [3, 64, 32],
        ]);
        expect(epochs[3].validation?.accuracy).toBeGreaterThan(0.9);
        expect(epochs[3].validation?.loss).toBeLessThan(epochs[0].validation?.loss as number);
        expect(epochs[3].gap).toBeCloseTo(
          epochs[3].train.accuracy - (epochs[3].validation?.accuracy ?? 0),
          12,
        );
        expect(events.at(-1)).toMatchObject({
          kind: 'done',
          step: 32,
          epochs: 4,
          validation: epochs[3].validation,
        });
        const step = events.find((e) => e.kind === 'step') as StepEvent;
        expect(step.metrics.gradientNorm).toBeGreaterThan(0);
        expect(step.learningRate).toBe(0);
        expect(fake.alive()).toBe(0);
        expect(validation.alive()).toBe(0);
        expect(validation.made()).toBe(8);
      });

      test('the epoch event has the mean over its steps, weighted by batch size', async () => {
        const fake = fakeBatches({
          perEpoch: 3,
          change: (batch) => (batch.index === 2 ? { ...batch, size: 2 } : batch),
        });
        const events = await run(fake.batches$, { ...base, model: tiny() });
        const steps = events.filter((e): e is StepEvent => e.kind === 'step');
        expect(steps.map((e) => e.size)).toEqual([8, 8, 2]);
        const mean = steps.reduce((sum, e) => sum + e.metrics.loss * e.size, 0) / 18;
        expect(epochsOf(events)[0].train.loss).toBeCloseTo(mean, 10);
      });

      test('the same seed gives the same losses, another seed others', async () => {
        const one = losses(await run(fakeBatches().batches$, { ...base, model: tiny() }));
        const two = losses(await run(fakeBatches().batches$, { ...base, model: tiny() }));
        const other = losses(await run(fakeBatches().batches$, { ...base, model: tiny(), seed: 4 }));
        expect(two).toEqual(one);
        expect(other).not.toEqual(one);
      });

      test.each([
        ['sgd', () => sgd({ nesterov: true }), () => tiny()],
        ['adam', () => adam(), () => tiny()],
        ['sgd with batch norm', () => sgd(), () => resnet(8, { width: 4 })],
      ])(
        '%s: three steps and three more after a resume are the six, to the bit',
        async (_, optimizer, make) => {
          const options = (): TrainOptions => ({
            ...base,
            optimizer: optimizer(),
            model: make(),
            weightDecay: 1e-3,
            epochs: 2,
          });
          const whole = await run(fakeBatches({ perEpoch: 3 }).batches$, options());
          for (const at of [2, 3, 4]) {
            const where = path.join(dir, String(at));
            const stop = new AbortController();
            const first: TrainEvent[] = [];
            await new Promise<void>((resolve, reject) =>
              train(fakeBatches({ perEpoch: 3 }).batches$, {
                ...options(),
                checkpoint: { dir: where },
                signal: stop.signal,
              }).subscribe({
                next: (event) => {
                  first.push(event);
                  if (event.kind === 'step' && event.step === at) stop.abort();
                },
                error: reject,
                complete: resolve,
              }),
            );
            expect(first.at(-2)).toMatchObject({ kind: 'stopped', reason: 'aborted', step: at });
            const fake = fakeBatches({ perEpoch: 3 });
            const second = await run(fake.batches$, {
              ...options(),
              checkpoint: { dir: where },
              resume: true,
            });
            expect(second[0]).toMatchObject({ kind: 'start', resumed: { step: at } });
            expect([...losses(first), ...losses(second)]).toEqual(losses(whole));
            // Nothing that was trained on already is made again.
            expect(fake.log[0]).toEqual(at < 3 ? [0, at] : [1, at - 3]);
            const strip = (e: EpochEvent) => ({ ...e, seconds: 0, imagesPerSecond: 0 });
            expect([...epochsOf(first), ...epochsOf(second)].map(strip)).toEqual(epochsOf(whole).map(strip));
          }
        },
      );

      test('resuming a run that is complete trains no more', async () => {
        const options: TrainOptions = {
          ...base,
          model: tiny(),
          epochs: 1,
          checkpoint: { dir },
          resume: true,
        };
        const first = await run(fakeBatches().batches$, options);
        const second = await run(fakeBatches().batches$, options);
        expect(losses(second)).toEqual([]);
        const bare = ({ seconds: _, imagesPerSecond: __, ...rest }: Record<string, unknown>) => rest;
        expect(bare({ ...second.at(-1) } as Record<string, unknown>)).toEqual(
          bare({ ...first.at(-1) } as Record<string, unknown>),
        );
      });

      test('aborted while it measures: the epoch is ended after the resume, with the same numbers', async () => {
        const options: TrainOptions = { ...base, model: tiny(), epochs: 2, checkpoint: { dir } };
        const validation = (change?: (batch: Batch) => Batch) => () =>
          fakeBatches({ seed: 2, perEpoch: 3, change }).batches$;
        const whole = await run(fakeBatches().batches$, { ...options, validation: validation() });
        const stop = new AbortController();
        const interrupting = (batch: Batch) => {
          if (batch.index === 1) stop.abort();
          return batch;
        };
        const first = await run(fakeBatches().batches$, {
          ...options,
          validation: validation(interrupting),
          signal: stop.signal,
        });
        expect(first.map(({ kind }) => kind)).toEqual([
          'start',
          'notice', // of the checkpoint that is replaced
          'step',
          'step',
          'step',
          'step',
          'checkpoint',
          'stopped',
          'done',
        ]);
        const second = await run(fakeBatches().batches$, {
          ...options,
          validation: validation(),
          resume: true,
        });
        expect([...losses(first), ...losses(second)]).toEqual(losses(whole));
        const measured = (events: TrainEvent[]) =>
          epochsOf(events).map((e) => [e.epoch, e.train, e.validation]);
        expect(measured(second)).toEqual(measured(whole));
      });

      test('channels first or last, the same losses', async () => {
        const channelsFirst = (batch: Batch): Batch => {
          const { size, height, width, channels } = batch;
          const images = new Float32Array(batch.images.length);
          const pixels = height * width;
          for (let i = 0; i < images.length; i++) {
            const [row, p, c] = [
              Math.floor(i / (pixels * channels)),
              Math.floor(i / channels) % pixels,
              i % channels,
            ];
            images[row * pixels * channels + c * pixels + p] = batch.images[i];
          }
          return { ...batch, size, layout: 'CHW', images };
        };
        const last = losses(await run(fakeBatches().batches$, { ...base, model: tiny() }));
        const first = losses(
          await run(fakeBatches({ change: channelsFirst }).batches$, { ...base, model: tiny() }),
        );
        expect(first).toEqual(last);
      });

      test('soft targets are trained on as they are', async () => {
        const soften = (batch: Batch): Batch => {
          const soft = new Float32Array(batch.size * 3).fill(1 / 3);
          return { ...batch, soft };
        };
        const events = await run(fakeBatches({ change: soften }).batches$, {
          ...base,
          model: mlp({ hidden: [] }),
          learningRate: 0,
        });
        const hard = await run(fakeBatches().batches$, {
          ...base,
          model: mlp({ hidden: [] }),
          learningRate: 0,
        });
        // With uniform targets the loss is the mean of −log p over the classes; the labels do not enter.
        expect(losses(events)).not.toEqual(losses(hard));
        expect(Math.min(...losses(events))).toBeGreaterThanOrEqual(Math.fround(Math.log(3)));
      });

      test('an aborted signal: nothing is trained, with a stopped event', async () => {
        const fake = fakeBatches();
        const events = await run(fake.batches$, { ...base, model: tiny(), signal: AbortSignal.abort() });
        expect(events).toMatchObject([{ kind: 'stopped', reason: 'aborted', step: 0 }]);
        expect(fake.made()).toBe(0);
      });

      test('unsubscribing stops the stream and leaves no tensor', async () => {
        const before = tf.memory().numTensors;
        const fake = fakeBatches({ perEpoch: 1000 });
        await new Promise<void>((resolve) => {
          const subscription = train(fake.batches$, { ...base, model: tiny() }).subscribe((event) => {
            if (event.kind !== 'step' || event.step < 3) return;
            subscription.unsubscribe();
            resolve();
          });
        });
        // The step that is being made ends first, which takes as long as it takes.
        await vi.waitFor(() => expect([fake.alive(), tf.memory().numTensors]).toEqual([0, before]), {
          timeout: 60_000,
        });
        expect(fake.made()).toBeLessThan(8);
      });

      test('leaks no tensor over many steps, validation, checkpoints and restored weights', async () => {
        const before = tf.memory().numTensors;
        const counts: number[] = [];
        const options: TrainOptions = {
          ...base,
          model: tiny(),
          optimizer: adam(),
          learningRate: 1e-3,
          epochs: 3,
          clipNorm: 1,
          clipValue: 1,
          l2: 1e-4,
          labelSmoothing: { epsilon: 0.1, form: 'off-class' },
          validation: () => fakeBatches({ seed: 5, perEpoch: 2 }).batches$,
          earlyStopping: { patience: 2 },
          checkpoint: { dir, every: 10 },
        };
        const fake = fakeBatches({ perEpoch: 40 });
        await new Promise<void>((resolve, reject) =>
          train(fake.batches$, options).subscribe({
            next: (event) => event.kind === 'step' && counts.push(tf.memory().numTensors),
            error: reject,
            complete: resolve,
          }),
        );
        expect(counts.length).toBe(120);
        expect(new Set(counts.slice(0, 40)).size).toBe(1);
        // From the first evaluation on there is one more handle on each tensor: those of the best epoch.
        expect(new Set(counts.slice(40)).size).toBe(1);
        expect(tf.memory().numTensors).toBe(before);
        expect((await readdir(dir)).sort()).toEqual(['best.ckpt', 'last.ckpt']);
      });

      test('asks for the next batch before it steps, and for no more', async () => {
        const fake = fakeBatches({ perEpoch: 30 });
        const ahead: number[] = [];
        await new Promise<void>((resolve, reject) =>
          train(fake.batches$, { ...base, model: tiny() }).subscribe({
            next: (event) => event.kind === 'step' && ahead.push(fake.made() - event.step),
            error: reject,
            complete: resolve,
          }),
        );
        expect(Math.min(...ahead.slice(0, -2))).toBeGreaterThanOrEqual(1);
        expect(Math.max(...ahead)).toBeLessThanOrEqual(2);
      });
    });

    describe('early stopping', () => {
      /** Learns for a while, then a learning rate that wrecks what was learned. */
      const options: TrainOptions = {
        ...base,
        model: mlp({ hidden: [] }),
        optimizer: sgd({ momentum: 0 }),
        learningRate: { schedule: 'steps', values: [0.05, 3], at: [0.29] },
        epochs: 10,
        earlyStopping: { metric: 'loss', patience: 2 },
      };
      const noisy = () => fakeBatches({ perEpoch: 4, signal: 0.4 });
      const validation = () => fakeBatches({ perEpoch: 4, signal: 0.4, seed: 9 }).batches$;

      test('stops after so many evaluations without improvement and restores the best', async () => {
        const events: TrainEvent[] = [];
        const trained = await fitModel(
          noisy().batches$,
          { ...options, validation, checkpoint: { dir } },
          (e) => events.push(e),
        );
        const measured = epochsOf(events).map((e) => e.validation?.loss as number);
        const best = measured.indexOf(Math.min(...measured));
        expect(best).toBeLessThan(measured.length - 2);
        expect(measured.length).toBe(best + 3);
        expect(events.at(-2)).toMatchObject({ kind: 'stopped', reason: 'early-stopping' });
        expect(events.at(-1)).toMatchObject({
          kind: 'done',
          best: { epoch: best, metric: 'loss', value: measured[best], restored: true },
          validation: { loss: measured[best] },
          checkpoint: path.join(dir, 'best.ckpt'),
        });
        expect((await trained.evaluate(validation())).metrics.loss).toBe(measured[best]);
        const loaded = await load(path.join(dir, 'best.ckpt'), Trained);
        expect((await loaded.evaluate(validation())).metrics.loss).toBe(measured[best]);
        trained.dispose();
        loaded.dispose();
      });

      test('goes on counting, and restores the same best, after a resume', async () => {
        const whole: TrainEvent[] = [];
        (await fitModel(noisy().batches$, { ...options, validation }, (e) => whole.push(e))).dispose();
        const stop = new AbortController();
        const parts: TrainEvent[] = [];
        const cut = { ...options, validation, checkpoint: { dir } };
        (
          await fitModel(noisy().batches$, { ...cut, signal: stop.signal }, (e) => {
            parts.push(e);
            if (e.kind === 'step' && e.step === 13) stop.abort();
          })
        ).dispose();
        const resumed = await fitModel(noisy().batches$, { ...cut, resume: true }, (e) => parts.push(e));
        expect(losses(parts)).toEqual(losses(whole));
        const done = (events: TrainEvent[]) => {
          const {
            seconds: _,
            imagesPerSecond: __,
            checkpoint: ___,
            ...rest
          } = events.at(-1) as unknown as Record<string, unknown>;
          return rest;
        };
        expect(done(parts)).toEqual(done(whole));
        expect((await resumed.evaluate(validation())).metrics.loss).toBe(
          (done(whole).best as { value: number }).value,
        );
        resumed.dispose();
      });

      test('an unknown metric is refused', async () => {
        await expect(
          run(noisy().batches$, { ...options, validation, earlyStopping: { metric: 'f1' } }),
        ).rejects.toThrow(
          "earlyStopping: expected a validation metric but received 'f1'; use one of loss, accuracy",
        );
        expect(() => train(noisy().batches$, { ...options })).toThrow(
          'train: earlyStopping: expected validation batches',
        );
      });
    });

    describe('bad input gets one sentence', () => {
      const attempt = (change: (batch: Batch) => Batch, options: Partial<TrainOptions> = {}) =>
        run(fakeBatches({ change }).batches$, { ...base, model: tiny(), ...options });

      test('a loss that is not a number: step and learning rate are named, the last good checkpoint stays', async () => {
        const before = tf.memory().numTensors;
        const poisoned = (batch: Batch) => {
          if (batch.index === 2) batch.images.fill(Number.NaN);
          return batch;
        };
        await expect(attempt(poisoned, { checkpoint: { dir, every: 1 } })).rejects.toThrow(
          /^train: the (loss|norm of the gradient) is NaN at step 3 \(epoch 0, learning rate 0\.05\); lower the learning rate/,
        );
        const last = await load(path.join(dir, 'last.ckpt'), Trained);
        expect((await last.evaluate(fakeBatches().batches$)).metrics.loss).toBeLessThan(10);
        last.dispose();
        expect(tf.memory().numTensors).toBe(before);
      });

      test('labels out of range', () =>
        expect(
          attempt((batch) => {
            batch.labels[3] = 7;
            return batch;
          }),
        ).rejects.toThrow("train: expected a label in 0..2 but 'colors/3' of colors has 7;"));

      test('images of another size in the middle', () =>
        expect(
          attempt((batch) => (batch.index === 1 ? { ...batch, width: 4, height: 16 } : batch)),
        ).rejects.toThrow(
          'train: expected images of 8×8×3 but received [16,4,3]; resize or crop them before batch()',
        ));

      test('uint8 batches', () =>
        expect(
          attempt((batch) => ({ ...batch, dtype: 'uint8', images: new Uint8Array(batch.images.length) })),
        ).rejects.toThrow("train: expected batches of dtype 'float32' but received 'uint8'"));

      test('samples in place of batches', () =>
        expect(attempt((batch) => batch.samples[0] as unknown as Batch)).rejects.toThrow(
          "train: expected a stream of batches but received 'Sample'; end the stream with batch(size)",
        ));

      test('an empty stream', () =>
        expect(run(fakeBatches({ epochs: 0 }).batches$, { ...base, model: tiny() })).rejects.toThrow(
          'train: expected at least one batch but the stream ended',
        ));

      test('an empty validation set', () =>
        expect(
          run(fakeBatches().batches$, {
            ...base,
            model: tiny(),
            validation: fakeBatches({ epochs: 0 }).batches$,
          }),
        ).rejects.toThrow('evaluation: expected at least one batch but the stream ended'));

      test('a schedule on a stream of unknown length', () =>
        expect(
          run(fakeBatches({ epochs: Number.POSITIVE_INFINITY }).batches$, {
            ...base,
            model: tiny(),
            learningRate: cosineDecay(0.1),
          }),
        ).rejects.toThrow(
          'train: learningRate is a schedule but the stream does not know how long training is; give epochs',
        ));

      test('an unknown option, and values out of range', () => {
        const { batches$ } = fakeBatches();
        expect(() => train(batches$, { model: tiny(), wieghtDecay: 1 } as never)).toThrow(
          "train: unknown option 'wieghtDecay'",
        );
        expect(() => train(batches$, { model: tiny(), labelSmoothing: 1 })).toThrow('train: labelSmoothing:');
        expect(() => train(batches$, { model: tiny(), learningRate: -1 })).toThrow('train: learningRate:');
        expect(() => train(batches$, {} as never)).toThrow(
          'train: model: expected a model such as resnet(20)',
        );
      });

      test('a model whose layers do not fit', () =>
        expect(
          run(fakeBatches().batches$, {
            ...base,
            model: model('wrong', () => sequential([flatten(), dense(7)])),
          }),
        ).rejects.toThrow(
          'wrong: expected logits for 3 classes but its layers give [7]; end with dense(classes)',
        ));
    });

    test('a model of one’s own comes back from its checkpoint', async () => {
      const own = model('own', (classes) =>
        sequential([flatten(), dense(5, { name: 'wide' }), relu(), dropout(0.1), dense(classes)]),
      );
      const fake = fakeBatches();
      const trained = await fitModel(fake.batches$, { ...base, model: own, checkpoint: { dir } });
      const loaded = await load(path.join(dir, 'last.ckpt'), Trained);
      const images = tf.randomUniform([2, 8, 8, 3]) as tf.Tensor4D;
      const [mine, theirs] = [await trained.predict(images), await loaded.predict(images)];
      expect(theirs).toEqual(mine);
      expect(mine[0].className).toBe(`class${mine[0].label}`);
      expect(mine[0].probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
      images.dispose();
      trained.dispose();
      loaded.dispose();
    });
  },
  ['tensorflow', 'webgpu', 'wasm'],
);
