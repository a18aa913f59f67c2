/** Where a stepper overlaps, the next step begins before the metrics of the last are there, and nothing else changes. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { map } from 'rxjs';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { normalize } from '../../src/augment/index.js';
import type { Metrics, TrainEvent } from '../../src/core/events.js';
import type { Batch } from '../../src/core/index.js';
import { tf } from '../../src/graph/tf.js';
import { arrays, batch, pull } from '../../src/stream/index.js';
import { loadBackend, mlp, sgd, train } from '../../src/train/index.js';
import { EagerStepper, type Stepper } from '../../src/train/loop/stepper.js';
import { DivergedError } from '../../src/train/state/diverged.js';

const [COUNT, SIZE, EPOCHS] = [12, 4, 2];
const PER_EPOCH = COUNT / SIZE;

/** Of the stepper that the mock makes. */
const plan: { overlaps: boolean; diverges?: number } = { overlaps: false };
const log: string[] = [];

vi.mock('../../src/train/compiled/stepper-of.js', () => ({
  stepperOf: (...[task, state]: ConstructorParameters<typeof EagerStepper>) =>
    plan.overlaps ? overlapping(new EagerStepper(task, state)) : new EagerStepper(task, state),
}));

/** Gives the metrics of a step when the next one begins: who waits for them before waits for ever. */
function overlapping(inner: EagerStepper): Stepper {
  let count = 0;
  let release = () => {};
  return {
    overlaps: true,
    async begin(...given) {
      const step = ++count;
      log.push(`begin ${step}`);
      release();
      const { metrics } = await inner.begin(...given);
      const whole = new Promise<Metrics>((resolve, reject) => {
        release = () => {
          log.push(`metrics ${step}`);
          if (step === plan.diverges) reject(new DivergedError(`train: the loss is NaN at step ${step}`));
          else resolve(metrics);
        };
      });
      whole.catch(() => {});
      if (step % PER_EPOCH === 0) release(); // no step comes before the epoch is ended
      return { metrics: whole };
    },
    compute: (...given) => inner.compute(...given),
    state: () => inner.state(),
    take: () => inner.take(),
    dispose: () => inner.dispose(),
  };
}

const dir = mkdtempSync(join(tmpdir(), 'rxaug-overlap-'));
beforeAll(() => loadBackend('cpu'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(() => {
  log.length = 0;
});

/** How often each batch was disposed of, by its number over all epochs. */
async function trained(name: string): Promise<{ events: TrainEvent[]; freed: number[] }> {
  const freed: number[] = [];
  const batches$ = arrays(
    {
      images: Uint8Array.from({ length: COUNT * 48 }, (_, i) => (i * 7919) % 251),
      labels: Array.from({ length: COUNT }, (_, i) => i % 2),
      ...{ width: 4, height: 4, classes: ['a', 'b'] },
    },
    { epochs: EPOCHS, shuffle: true, seed: 1 },
  ).pipe(
    normalize(),
    batch(SIZE, { workers: 0 }),
    map((own: Batch): Batch => {
      const at = freed.push(0) - 1;
      const dispose = () => {
        freed[at]++;
        own.dispose();
      };
      return { ...own, dispose, [Symbol.dispose]: dispose };
    }),
  );
  const options = {
    model: mlp({ hidden: [4] }),
    optimizer: sgd(),
    learningRate: 0.05,
    backend: 'cpu' as const,
  };
  const events: TrainEvent[] = [];
  try {
    for await (const event of pull(train(batches$, { ...options, checkpoint: { dir: join(dir, name) } })))
      events.push(event);
  } catch (error) {
    events.push({ kind: 'notice', step: -1, epoch: -1, message: (error as Error).message });
  }
  return { events, freed };
}

/** Events without what depends on the clock or the folder. */
const plain = (events: readonly TrainEvent[]) =>
  events.map((event) => {
    const { stepMs, waitMs, seconds, imagesPerSecond, path, checkpoint, ...rest } = event as TrainEvent &
      Record<string, unknown>;
    return rest;
  });

test('the same events, checkpoints and batches, in the same order', async () => {
  plan.overlaps = false;
  const one = await trained('plain');
  plan.overlaps = true;
  const two = await trained('overlapping');
  expect(plain(two.events)).toEqual(plain(one.events));
  expect(two.events.filter(({ kind }) => kind === 'step')).toHaveLength(EPOCHS * PER_EPOCH);
  expect(log.slice(0, 4)).toEqual(['begin 1', 'begin 2', 'metrics 1', 'begin 3']);
  for (const { freed } of [one, two]) expect(freed).toEqual(Array.from({ length: 6 }, () => 1));
});

test('a step that diverges ends the training under its own number, and leaves no checkpoint of it', async () => {
  plan.overlaps = true;
  plan.diverges = 2;
  const before = tf.memory().numTensors;
  const { events, freed } = await trained('diverging');
  plan.diverges = undefined;
  expect(events.at(-1)).toMatchObject({ message: 'train: the loss is NaN at step 2' });
  expect(
    events.filter(({ kind }) => kind === 'step').map((event) => (event as { step: number }).step),
  ).toEqual([1]);
  expect(existsSync(join(dir, 'diverging', 'last.ckpt'))).toBe(false);
  expect(freed.slice(0, 3)).toEqual([1, 1, 1]);
  expect(tf.memory().numTensors).toBe(before);
});
