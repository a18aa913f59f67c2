/** A compiled step does what the step does, for everything that can be trained. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyOf } from '../../../src/core/index.js';
import { tf } from '../../../src/graph/tf.js';
import type { Backend } from '../../../src/train/backends/backend.js';
import { loadBackend } from '../../../src/train/backends/load.js';
import { CompiledStepper } from '../../../src/train/compiled/compiled-stepper.js';
import type { Engine } from '../../../src/train/compiled/engine.js';
import { EagerStepper, type Stepper, wholeStep } from '../../../src/train/loop/stepper.js';
import { flatten } from '../../../src/train/state/tensors.js';
import { catalogue, contextAt, type Entry, STEPS } from './catalogue.js';

interface On {
  readonly backend: 'tensorflow' | 'xla';
  /** Whether it can run here. */
  readonly here: boolean;
  engine(): Engine;
  /** Default: the whole catalogue. */
  readonly entries?: readonly Entry[];
}

/** Metrics of every step, and the last state as numbers. */
async function run(entry: Entry, stepperFor: (made: ReturnType<Entry['make']>) => Stepper) {
  const made = entry.make();
  const stepper = stepperFor(made);
  const metrics: Record<string, number>[] = [];
  for (let step = 0; step < (entry.chaotic ? 1 : STEPS); step++) {
    const feed = made.feeds(step);
    metrics.push(await wholeStep(stepper, feed, contextAt(step), `at step ${step}`));
    tf.dispose(feed as Record<string, tf.Tensor>);
  }
  const state = Object.fromEntries(
    Object.entries(flatten(await stepper.state())).map(([name, tensor]) => [name, tensor.dataSync().slice()]),
  );
  stepper.dispose();
  made.dispose();
  return { metrics, state };
}

/**
 * The bias of a critic's head has a gradient of 0 under the Wasserstein loss but for rounding, and Adam makes whole steps of
 * that: the scores of a batch then move together, by the learning rate, one way or the other, and in time all else follows.
 */
const STEPS_OF_ADAM = ['gan: every option of training', 'dagan: unet'];

/** Scores of real and of generated images by their difference alone; the loss of the generator is a score too. */
function apart({ real, fake, generator: _, ...rest }: Record<string, number>): Record<string, number> {
  if (real === undefined || fake === undefined) throw new Error('there are no scores');
  return { ...rest, apart: real - fake };
}

export function sameAsEager({ backend, here, engine, entries = catalogue }: On): void {
  let loaded: Backend | undefined;
  beforeAll(async () => {
    if (here) loaded = await loadBackend(backend);
  });
  afterAll(() => loaded?.dispose());

  test.skipIf(!here).each(entries)('$name', async (entry) => {
    const before = tf.memory().numTensors;
    const eager = await run(entry, ({ task }) => new EagerStepper(task, task.init(keyOf(1))));
    const notices: string[] = [];
    const compiled = await run(
      entry,
      ({ task }) =>
        new CompiledStepper(task, task.init(keyOf(1)), engine(), {
          compile: true,
          notice: (message) => notices.push(message),
        }),
    );
    expect(notices).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
    const tolerance = entry.chaotic ? 1e-3 : 1e-4;
    const drifts = backend === 'xla' && STEPS_OF_ADAM.includes(entry.name);
    const seen = (metrics: Record<string, number>) => (drifts ? apart(metrics) : metrics);
    const compared = eager.metrics.slice(0, drifts ? 4 : STEPS).map(seen);
    for (const [step, metrics] of compared.entries()) {
      for (const [name, value] of Object.entries(metrics)) {
        const other = seen(compiled.metrics[step])[name];
        expect(Math.abs(other - value), `${name} of step ${step}: ${value} and ${other}`).toBeLessThanOrEqual(
          tolerance * Math.max(1, Math.abs(value)),
        );
      }
    }
    expect(Object.keys(compiled.state)).toEqual(Object.keys(eager.state));
  });
}
