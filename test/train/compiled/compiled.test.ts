/** A compiled step does what the step does, for everything that can be trained, on each engine. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyOf } from '../../../src/core/index.js';
import { findPjrtPlugin } from '../../../src/graph/pjrt/index.js';
import { tf } from '../../../src/graph/tf.js';
import type { Backend } from '../../../src/train/backends/backend.js';
import { loadBackend } from '../../../src/train/backends/load.js';
import { native } from '../../../src/train/backends/native.js';
import { xlaDevice } from '../../../src/train/backends/xla.js';
import { CompiledStepper } from '../../../src/train/compiled/compiled-stepper.js';
import type { Engine } from '../../../src/train/compiled/engine.js';
import { TensorFlowEngine } from '../../../src/train/compiled/tensorflow-engine.js';
import { XlaEngine } from '../../../src/train/compiled/xla-engine.js';
import { EagerStepper, type Stepper } from '../../../src/train/loop/stepper.js';
import { registerKernels } from '../../../src/train/ops/kernels.js';
import { flatten } from '../../../src/train/state/tensors.js';
import { catalogue, contextAt, type Entry, STEPS } from './catalogue.js';

const hasNative = await native.load().then(
  () => true,
  () => false,
);

interface On {
  readonly backend: 'tensorflow' | 'xla';
  readonly here: boolean;
  engine(): Engine;
}

/** Compiling takes most of the time of such small steps. */
const QUICKLY = { xla_backend_optimization_level: 0, xla_llvm_disable_expensive_passes: true };

const engines: readonly On[] = [
  { backend: 'tensorflow', here: hasNative, engine: () => new TensorFlowEngine() },
  {
    backend: 'xla',
    here: findPjrtPlugin() !== undefined,
    engine: () => new XlaEngine(xlaDevice(), 'float32', QUICKLY),
  },
];

/** Metrics of every step, and the last state as numbers. */
async function run(entry: Entry, stepperFor: (made: ReturnType<Entry['make']>) => Stepper) {
  const made = entry.make();
  const stepper = stepperFor(made);
  const metrics: Record<string, number>[] = [];
  for (let step = 0; step < STEPS; step++) {
    const feed = made.feeds(step);
    metrics.push(await stepper.advance(feed, contextAt(step), `at step ${step}`));
    tf.dispose(feed as Record<string, tf.Tensor>);
  }
  const state = Object.fromEntries(
    Object.entries(flatten(await stepper.state())).map(([name, tensor]) => [name, tensor.dataSync().slice()]),
  );
  stepper.dispose();
  made.dispose();
  return { metrics, state };
}

describe.each(engines.map((on) => [on.backend, on] as const))('on %s', (backend, { here, engine }) => {
  let loaded: Backend | undefined;
  beforeAll(async () => {
    if (!here) return;
    loaded = await loadBackend(backend);
    registerKernels();
  });
  afterAll(() => loaded?.dispose());

  test.skipIf(!here).each(catalogue)('$name', async (entry) => {
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
    for (const [step, metrics] of eager.metrics.entries()) {
      for (const [name, value] of Object.entries(metrics)) {
        const other = compiled.metrics[step][name];
        expect(Math.abs(other - value), `${name} of step ${step}: ${value} and ${other}`).toBeLessThanOrEqual(
          (entry.tolerance ?? 1e-4) * Math.max(1, Math.abs(value)),
        );
      }
    }
    expect(Object.keys(compiled.state)).toEqual(Object.keys(eager.state));
  });
});
