/**
 * Whole steps of training compared with themselves run kernel by kernel: the same losses, the same state. All that can be
 * trained is in train/compiled, compiled there as quickly as it can be; here XLA optimizes as it does for users, and steps are
 * traced on a backend, too, that composes them of other kernels.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { fold, keyOf } from '../../../src/core/index.js';
import { describeGan } from '../../../src/gan/adversarial/gan.js';
import { adversarial } from '../../../src/gan/adversarial/task.js';
import { tidyGraph } from '../../../src/graph/clean.js';
import type { Graph } from '../../../src/graph/graph.js';
import { openPjrt } from '../../../src/graph/pjrt/index.js';
import { record } from '../../../src/graph/record.js';
import { writeStableHlo } from '../../../src/graph/stablehlo/write.js';
import { adam, classification, resnet, sgd } from '../../../src/train/index.js';
import { flatten, type State, unflatten } from '../../../src/train/state/tensors.js';
import type { Task, TaskFor } from '../../../src/train/task.js';
import { tensor } from '../../train/backends/gradients.js';
import { onEveryBackend, useBackend } from '../../train/golden.js';
import { off, type Tensors, withPrograms } from './program.js';

const [SIZE, SIDE, CLASSES, STEPS] = [6, 8, 3, 20];
const spec = { input: [SIDE, SIDE, 3] as const, classes: ['a', 'b', 'c'] };
const momentum = () => sgd({ momentum: 0.9 });

const tasks: [name: string, task: TaskFor<Task>, learningRate: number][] = [
  [
    'a ResNet with all of the step',
    classification({
      model: resnet(8, { width: 4, stochasticDepth: { rate: 0.3 } }),
      optimizer: momentum(),
      weightDecay: 1e-3,
      labelSmoothing: 0.1,
      clipNorm: 1,
      sam: 0.05,
      gradientNoise: { eta: 0.01 },
      ema: { decay: 0.99 },
    }),
    0.005,
  ],
  [
    'a GAN',
    adversarial({
      model: describeGan({ latent: 8, width: 4, criticWidth: 4 }),
      optimizer: adam({ beta1: 0 }),
      criticSteps: 1,
      criticRate: 2,
      gradientPenalty: 0,
      augment: { ops: ['brightness', 'translation', 'cutout'] },
    }),
    2e-4,
  ],
];

/** Their gradient is 0 but for rounding, which Adam makes into whole steps. */
const AIMLESS = /critic\/head\/dense\/bias$/;

/** A batch, and the numbers of the step that change. */
function feedOf(): Tensors & { learningRate: tf.Scalar } {
  const labels = tf.tensor1d(
    Array.from({ length: SIZE }, (_, i) => i % CLASSES),
    'int32',
  );
  const targets = tf.oneHot(labels, CLASSES).toFloat();
  return { images: tensor(1, [SIZE, SIDE, SIDE, 3]), targets, classes: targets, learningRate: tf.scalar(0) };
}

const context = { key: fold(keyOf(1), 0), progress: 0.5 };

/** One step as a graph: state, batch and learning rate in, state and metrics out. */
function traceStep(task: Task, state: State, feed: ReturnType<typeof feedOf>): Graph {
  const fed = Object.fromEntries(Object.entries(feed).map(([name, t]) => [`feed/${name}`, t]));
  let graph: Graph | undefined;
  tf.tidy(() => {
    const run = () => {
      const { state: next, metrics } = task.step(state, feed, context);
      return { ...flatten(next), 'metrics/loss': metrics.loss };
    };
    graph = record(run, { ...flatten(state), ...fed }, {});
  });
  return tidyGraph(graph as unknown as Graph);
}

withPrograms('steps', () => {
  onEveryBackend(
    'as on %s',
    (backend) => {
      beforeAll(() => useBackend(backend));

      test.each(tasks)('%s', async (_, taskFor, learningRate) => {
        const task = taskFor(spec as unknown as Parameters<typeof taskFor>[0]);
        const feed = { ...feedOf(), learningRate: tf.scalar(learningRate) };
        let state = task.init(keyOf(3));
        const start = flatten(state);
        const graph = traceStep(task, state, feed);
        const port = (name: string, { shape, dtype }: { shape: readonly unknown[]; dtype: string }) => ({
          name,
          shape: shape as number[],
          dtype: dtype as 'float32',
        });
        const numbers = (tensors: Tensors) =>
          Object.fromEntries(
            Object.entries(tensors).map(([name, t]) => [name, t.dataSync().slice() as Float32Array]),
          );

        const pjrt = await openPjrt();
        try {
          const session = await pjrt.createSession(Object.entries(start).map(([name, t]) => port(name, t)));
          const program = await session.loadProgram({
            text: writeStableHlo(graph, { donate: Object.keys(start) }),
            inputs: graph.inputs.map((value) => port(value.name, value)),
            outputs: Object.entries(graph.outputs).map(([name, value]) => port(name, value)),
          });
          await session.setState(numbers(start));
          const fed = numbers(
            Object.fromEntries(Object.entries(feed).map(([name, t]) => [`feed/${name}`, t])),
          );
          for (let step = 0; step < STEPS; step++) {
            const compiled = (await program.step(fed))['metrics/loss'][0];
            const [after, eager] = tf.tidy(() => {
              const made = task.step(state, feed, context);
              return [flatten(made.state), made.metrics.loss] as unknown as tf.Tensor[];
            }) as unknown as [Tensors, tf.Tensor];
            state = unflatten(after);
            const [loss] = eager.dataSync();
            expect(Math.abs(compiled / loss - 1), `loss of step ${step}: ${compiled}, ${loss}`).toBeLessThan(
              1e-4,
            );
          }
          const end = await session.getState();
          const moved = numbers(flatten(state));
          const apart = Object.entries(moved).filter(
            ([name, values]) => !AIMLESS.test(name) && off(values, end[name] as Float32Array) > 0.05,
          );
          expect(apart.map(([name]) => name)).toEqual([]);
        } finally {
          await pjrt.close();
        }
      });
    },
    ['tensorflow', 'wasm'],
  );
});
