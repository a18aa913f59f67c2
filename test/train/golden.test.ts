import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { Draws, keyOf } from '../../src/core/index.js';
import {
  adam,
  batchNorm,
  classification,
  conv2d,
  crossEntropy,
  dense,
  flatten,
  layerFrom,
  model,
  relu,
  resnet,
  sequential,
  sgd,
  smoothLabels,
} from '../../src/train/index.js';
import { build, forward, initialize } from '../../src/train/models/model.js';
import { disposeState, mapTensors, readScalars, type State } from '../../src/train/state/tensors.js';
import {
  applyLayer,
  declare,
  type Golden,
  golden,
  offBy,
  onEveryBackend,
  tensorOf,
  tidied,
  useBackend,
  wave,
} from './golden.js';

interface LayerCase {
  layer: string;
  options: Record<string, unknown>;
  inputs: Record<string, Golden>;
  y: Golden;
  dy: Golden;
  gradients: Record<string, Golden>;
  stats?: Record<string, Golden>;
  moved?: Record<string, Golden>;
  inference?: Golden;
}
interface Losses {
  logits: Golden;
  cases: {
    targets: Golden;
    form: 'uniform' | 'off-class';
    epsilon: number;
    loss: number;
    gradient: Golden;
  }[];
}
interface Run {
  name: string;
  losses: number[];
  state: Record<string, Golden>;
}

const TOLERANCE = 2e-5;

onEveryBackend('%s follows PyTorch', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(
    golden<LayerCase[]>('layers.json').map((c) => [`${c.layer} ${JSON.stringify(c.options)}`, c] as const),
  )(
    '%s, forward and gradient',
    async (_, { layer: kind, options, inputs, y, dy, gradients, stats, moved, inference }) => {
      const before = tf.memory().numTensors;
      const layer = layerFrom({ layer: kind, ...options });
      const { params, output } = declare(layer, inputs.x.shape.slice(1));
      expect([...params.map(({ name }) => name)].sort()).toEqual(
        Object.keys(inputs)
          .filter((n) => n !== 'x')
          .sort(),
      );
      for (const { name, shape } of params) expect(shape).toEqual(inputs[name].shape);
      expect([inputs.x.shape[0], ...output]).toEqual(y.shape);

      await tidied(async () => {
        const { x, ...weights } = Object.fromEntries(
          Object.entries(inputs).map(([n, g]) => [n, tensorOf(g)]),
        );
        const running = Object.fromEntries(Object.entries(stats ?? {}).map(([n, g]) => [n, tensorOf(g)]));
        const names = ['x', ...Object.keys(weights)];
        const { y: forward, updates } = applyLayer(layer, x, weights, { stats: running });
        expect(await offBy(forward, y)).toBeLessThan(TOLERANCE);
        const backward = tf.grads((...given: tf.Tensor[]) => {
          const named = Object.fromEntries(names.map((n, i) => [n, given[i]]));
          return applyLayer(layer, named.x, named, { stats: running }).y;
        })([x, ...names.slice(1).map((n) => weights[n])], tensorOf(dy));
        for (const [i, n] of names.entries()) {
          expect(await offBy(backward[i], gradients[n]), `gradient of ${n}`).toBeLessThan(TOLERANCE);
        }
        for (const [n, value] of Object.entries(moved ?? {})) {
          expect(await offBy(updates[n], value), `running ${n}`).toBeLessThan(TOLERANCE);
        }
        if (inference) {
          const calm = applyLayer(layer, x, weights, { stats: running, training: false });
          expect(await offBy(calm.y, inference)).toBeLessThan(TOLERANCE);
          expect(Object.keys(calm.updates)).toEqual([]);
        }
      });
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test('cross-entropy with smoothed hard and soft labels, value and gradient', async () => {
    const { logits, cases } = golden<Losses>('losses.json');
    for (const { targets, form, epsilon, loss, gradient } of cases) {
      await tidied(async () => {
        const f = (z: tf.Tensor) =>
          crossEntropy(z as tf.Tensor2D, smoothLabels(tensorOf(targets) as tf.Tensor2D, { epsilon, form }));
        const { value, grad } = tf.valueAndGrad(f)(tensorOf(logits));
        expect((await value.data())[0]).toBeCloseTo(loss, 5);
        expect(await offBy(grad, gradient)).toBeLessThan(TOLERANCE);
      });
    }
  });

  test.each(['A', 'B'] as const)('ResNet-8 with shortcut %s: the logits', async (shortcut) => {
    const expected = golden<{ shortcut: string; logits: Golden }[]>('resnet.json').find(
      (g) => g.shortcut === shortcut,
    );
    const classes = ['a', 'b', 'c', 'd', 'e'];
    const network = build(resnet(8, { width: 4, shortcut }), { input: [8, 8, 3], classes });
    await tidied(async () => {
      const { stats } = initialize(network, keyOf(0));
      const params = Object.fromEntries(
        network.params.map(({ name, kind, shape }, i) => {
          const scale = kind === 'scale' || kind === 'shift' ? 0.2 : 0.3;
          const values = tf.tensor(
            wave(
              shape.reduce((a, b) => a * b, 1),
              i + 1,
              scale,
            ),
            [...shape],
          );
          return [name, kind === 'scale' ? values.add(1) : values];
        }),
      );
      const images = tf.tensor(wave(4 * 8 * 8 * 3, 0.5), [4, 8, 8, 3]);
      const { logits } = forward(network, { params, stats }, images, { training: true });
      expect(await offBy(logits, (expected as { logits: Golden }).logits)).toBeLessThan(1e-4);
    });
  });

  const recipes = {
    sgd: { optimizer: sgd(), learningRate: 0.05, l2: 0.01 },
    'sgd-nesterov': {
      optimizer: sgd({ nesterov: true }),
      learningRate: 0.05,
      l2: 0.01,
      clipNorm: 1,
      labelSmoothing: 0.1,
    },
    'adam-l2': { optimizer: adam(), learningRate: 0.01, l2: 0.01 },
    adamw: { optimizer: adam(), learningRate: 0.01, weightDecay: 0.05, labelSmoothing: 0.1 },
  };

  test.each(golden<Run[]>('training.json').map((run) => [run.name, run] as const))(
    '20 steps of %s',
    async (name, { losses, state: wanted }) => {
      const { learningRate, ...rest } = recipes[name as keyof typeof recipes];
      const tiny = model('tiny', (classes) =>
        sequential([
          conv2d(3, { stride: 2, padding: 1, bias: false, name: 'conv' }),
          batchNorm({ name: 'norm' }),
          relu(),
          flatten(),
          dense(classes, { name: 'head' }),
        ]),
      );
      const look = { input: [6, 6, 2], classes: ['a', 'b', 'c', 'd'] };
      const task = classification({ model: tiny, weightDecay: 0, l2: 0, labelSmoothing: 0, ...rest })(look);
      let state: State = task.init(keyOf(0));
      const set = { 'conv/kernel': wave(54, 0.1, 0.5), 'head/kernel': wave(108, 0.2, 0.3) } as Record<
        string,
        Float32Array
      >;
      const params = mapTensors(state.params, (old, n) =>
        set[n] ? tf.tensor(set[n], old.shape) : old.clone(),
      );
      const stats = mapTensors(state.stats, (old) => old.clone());
      disposeState({ ...state, slots: {} });
      state = { params, stats, slots: state.slots };

      for (let step = 0; step < 20; step++) {
        const labels = Array.from({ length: 8 }, (_, i) => (i * i + step) % 4);
        const feed = {
          images: tf.tensor(wave(8 * 6 * 6 * 2, 1.3 * step), [8, 6, 6, 2]),
          targets: tf.oneHot(tf.tensor1d(labels, 'int32'), 4).toFloat(),
          learningRate: tf.scalar(learningRate),
        };
        let next = {} as ReturnType<typeof task.step>;
        tf.tidy(() => {
          next = task.step(state, feed, { key: keyOf(step), progress: 0 });
          return next as unknown as tf.TensorContainer;
        });
        const { loss } = await readScalars(next.metrics);
        expect(Math.abs(loss / losses[step] - 1), `loss of step ${step}`).toBeLessThan(1e-4);
        tf.dispose([feed, next.metrics as Record<string, tf.Tensor>]);
        disposeState(state, next.state);
        state = next.state;
      }
      for (const [n, value] of Object.entries(wanted)) {
        expect(await offBy(state.params[n] ?? state.stats[n], value), n).toBeLessThan(2e-4);
      }
      disposeState(state);
    },
  );
});

test('a layer survives its own JSON', () => {
  const layers = golden<LayerCase[]>('layers.json').map(({ layer, options }) =>
    layerFrom({ layer, ...options }),
  );
  const draws = new Draws(keyOf(1));
  for (const layer of [...layers, sequential(layers), resnet(8).layers(10)]) {
    const config = JSON.parse(JSON.stringify(layer.config));
    expect(layerFrom(config).config).toEqual(layer.config);
  }
  expect(() => layerFrom({ layer: 'conv3d' })).toThrow("unknown layer 'conv3d'; did you mean 'conv2d'?");
  expect(() => layerFrom({ layer: 'dense', units: draws.int(1) })).toThrow('dense: units:');
});
