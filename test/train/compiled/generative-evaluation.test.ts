/** Evaluations of generative models that are compiled give what kernel by kernel gives, and a judge sees the same images. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { keyOf } from '../../../src/core/index.js';
import { describeGan } from '../../../src/gan/adversarial/gan.js';
import { adversarialDefaults } from '../../../src/gan/adversarial/options.js';
import { adversarial } from '../../../src/gan/adversarial/task.js';
import { describeAutoencoder } from '../../../src/gan/autoencoder/autoencoder.js';
import { autoencoding } from '../../../src/gan/autoencoder/task.js';
import { describeDagan } from '../../../src/gan/dagan/dagan.js';
import { augmenting } from '../../../src/gan/dagan/task.js';
import { type Judge, judge } from '../../../src/gan/judge/judge.js';
import { describeSmart } from '../../../src/gan/smart/smart.js';
import { smart } from '../../../src/gan/smart/task.js';
import { tf } from '../../../src/graph/tf.js';
import { pull } from '../../../src/stream/index.js';
import { type Backend, loadBackend } from '../../../src/train/backends/index.js';
import { xlaDevice } from '../../../src/train/backends/xla.js';
import type { Trained } from '../../../src/train/classification/classifier.js';
import { CompiledStepper } from '../../../src/train/compiled/compiled-stepper.js';
import { type Engine, isState, resultsOf } from '../../../src/train/compiled/engine.js';
import { TensorFlowEngine } from '../../../src/train/compiled/tensorflow-engine.js';
import { XlaEngine } from '../../../src/train/compiled/xla-engine.js';
import { adam, cnn, fit } from '../../../src/train/index.js';
import { kernelByKernel } from '../../../src/train/loop/evaluate.js';
import type { Compute, TaskFor } from '../../../src/train/task.js';
import { colored } from '../../gan/colored.js';

const BATCHES = 6;
/** Batches of eight images, the last of which has five. */
const batches = () =>
  colored({
    ...{ side: 8, size: 8, perEpoch: BATCHES },
    change: (batch) => (batch.index === BATCHES - 1 ? { ...batch, size: 5 } : batch),
  });
const spec = { input: [8, 8, 3], classes: ['class0', 'class1', 'class2'] };

const small = { latent: 4, width: 4, criticWidth: 4 };
const training = { optimizer: adam(), ema: { decay: 0.9, warmup: 1 } };
const kinds: Readonly<Record<string, (judge?: Judge) => TaskFor>> = {
  gan(judge) {
    const model = describeGan(small);
    return adversarial({ ...adversarialDefaults(model.config.loss, {}), ...training, model, judge });
  },
  dagan(judge) {
    const model = describeDagan(small);
    return augmenting({ ...adversarialDefaults(model.config.loss, {}), ...training, model, judge });
  },
  autoencoder: (judge) =>
    autoencoding({
      ...{ ...training, judge },
      model: describeAutoencoder({ latent: 4, width: 4, guide: true, variational: true, conditional: true }),
    }),
  'smart augmentation': (judge) =>
    smart({
      model: describeSmart({ width: 4, classifier: cnn({ filters: [4] }) }),
      ...{ optimizer: adam(), judge },
    }),
};

const engines = [
  // Of six batches the first four are not compiled.
  { name: 'tensorflow' as const, Made: TensorFlowEngine, compiled: 2 },
  { name: 'xla' as const, Made: XlaEngine, compiled: BATCHES },
];

const off = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  a.length === b.length ? Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]))) : Number.POSITIVE_INFINITY;

for (const { name, Made, compiled } of engines) {
  const loads = await loadBackend(name).then(
    () => true,
    () => false,
  );
  describe.runIf(loads)(`on ${name}`, () => {
    let backend: Backend;
    let classifier: Trained;
    beforeAll(async () => {
      backend = await loadBackend(name);
      const beside = tf.getBackend() as 'wasm';
      classifier = await fit(batches().batches$, { model: cnn({ filters: [4] }), backend: beside });
    });
    afterAll(() => {
      classifier.dispose();
      backend.dispose();
    });
    afterEach(() => vi.restoreAllMocks());

    /** What an evaluation gives, and the images that a judge saw. */
    async function evaluated(kind: (judge?: Judge) => TaskFor, by: 'engine' | 'kernels', judged: boolean) {
      const seen: number[] = [];
      const own = judge(classifier);
      const recording: Judge = {
        ...own,
        async extract(images) {
          seen.push(...(await images.data()));
          return own.extract(images);
        },
      };
      const task = kind(judged ? recording : undefined)(spec);
      const engine = name === 'xla' ? new XlaEngine(xlaDevice()) : new TensorFlowEngine();
      const refuse = (message: string) => expect.fail(message);
      const stepper = new CompiledStepper(task, task.init(keyOf(1)), engine, {
        compile: true,
        notice: refuse,
      });
      const fake = batches();
      const state = await stepper.state();
      const compute: Compute =
        by === 'engine' ? (...given) => stepper.compute(...given) : kernelByKernel(state);
      const found = await task.evaluate(state, pull(fake.batches$), undefined, compute);
      stepper.dispose();
      expect(fake.alive()).toBe(0);
      return { ...found, seen };
    }

    test.each(Object.entries(kinds))('%s', async (_, kind) => {
      const runs = vi.spyOn(Made.prototype as Engine, 'begin');
      const before = tf.memory().numTensors;
      for (const judged of [false, true]) {
        runs.mockClear();
        const plain = await evaluated(kind, 'kernels', judged);
        expect(runs).not.toHaveBeenCalled();
        const ours = await evaluated(kind, 'engine', judged);
        expect(runs).toHaveBeenCalledTimes(compiled);
        const programs = new Set(runs.mock.calls.map(([program]) => program));
        expect(programs.size).toBe(2); // of eight images, and of five
        for (const program of programs) {
          expect(Object.keys(program.graph.outputs).filter(isState)).toEqual([]);
          expect(resultsOf(program).includes('made')).toBe(judged);
        }
        expect(ours.samples).toBe(45);
        expect(Object.keys(ours.metrics)).toEqual(Object.keys(plain.metrics));
        expect('fid' in ours.metrics).toBe(judged);
        for (const [key, value] of Object.entries(ours.metrics)) {
          expect(Number.isFinite(value), key).toBe(true);
          expect(value, key).toBeCloseTo(plain.metrics[key], 3);
        }
        expect(off(ours.seen, plain.seen)).toBeLessThan(1e-4);
        expect(ours.seen).toHaveLength(judged ? 2 * 45 * 8 * 8 * 3 : 0); // real ones and made ones
      }
      expect(tf.memory().numTensors).toBe(before);
    });
  });
}
