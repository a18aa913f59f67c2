/** Penalties, losses with two sides, and what is done to gradients and weights: against PyTorch and the papers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import type { StepEvent, TrainEvent } from '../../src/core/events.js';
import { fold, keyOf } from '../../src/core/index.js';
import { load } from '../../src/pipeline/load.js';
import { drawMixing, mixingPlaces } from '../../src/train/classification/manifold-mixup.js';
import {
  batchNorm,
  classification,
  conv2d,
  dense,
  fit as fitModel,
  flatten,
  type Layer,
  l1,
  layerFrom,
  maxNorm,
  mlp,
  model,
  orthogonal,
  type PenaltyConfig,
  penaltyFrom,
  relu,
  resnet,
  sequential,
  sgd,
  spectralNorm,
  Trained,
  type TrainOptions,
} from '../../src/train/index.js';
import { distillation, symmetricDivergence } from '../../src/train/losses/divergence.js';
import { entropy } from '../../src/train/losses/entropy.js';
import { build } from '../../src/train/models/model.js';
import { clipAdaptively } from '../../src/train/optimizers/adaptive-clip.js';
import { weightsOf } from '../../src/train/optimizers/ema.js';
import { addNoise } from '../../src/train/optimizers/gradient-noise.js';
import { assign, matches } from '../../src/train/penalties/penalty.js';
import { disposeState, type State } from '../../src/train/state/tensors.js';
import { fakeBatches } from './batches.js';
import {
  applyLayer,
  declare,
  type Golden,
  golden,
  numbersOf,
  offBy,
  onEveryBackend,
  tensorOf,
  tidied,
  useBackend,
} from './golden.js';

interface Graded {
  value: number;
  gradients: Golden[];
}
interface File {
  penalties: ({ config: PenaltyConfig; w: Golden } & Graded)[];
  projections: { config: PenaltyConfig; w: Golden; y: Golden }[];
  losses: Record<'a' | 'b' | 'teacher', Golden> & { temperature: number } & Record<
      'entropy' | 'rDrop' | 'distillation',
      Graded
    >;
  spectralNorm: Record<string, Golden>;
  adaptiveClip: Record<'gradients' | 'params' | 'clipped', Golden[]>;
  steps: Record<'x' | 'w' | 'sam' | 'plain' | 'ema', Golden> & { labels: number[]; losses: number[] };
}
const file = golden<File>('penalties.json');
const classes = ['a', 'b', 'c'];

onEveryBackend('penalties on %s', (backend) => {
  beforeAll(() => useBackend(backend));
  test.each(file.penalties)('$config: value and gradient', ({ config, w, value, gradients }) =>
    tidied(async () => {
      const penalty = penaltyFrom(config);
      const x = tensorOf(w);
      const [got] = await numbersOf(penalty.value?.(x) as tf.Tensor);
      expect(Math.abs(got / value - 1)).toBeLessThan(1e-4);
      expect(await offBy(penalty.gradient?.(x) as tf.Tensor, gradients[0])).toBeLessThan(1e-4);
      expect(penaltyFrom(JSON.parse(JSON.stringify(penalty.config))).config).toEqual(penalty.config);
    }),
  );

  test.each(file.projections)('$config: after the step', ({ config, w, y }) =>
    tidied(async () => {
      const penalty = penaltyFrom(config);
      const after = penalty.project?.(tensorOf(w), tf.scalar(0.1)) as tf.Tensor;
      expect(await offBy(after, y)).toBeLessThan(1e-5);
      expect(penaltyFrom(JSON.parse(JSON.stringify(penalty.config))).config).toEqual(penalty.config);
    }),
  );

  test('patterns name parameters and layers around them', () => {
    const name = 'stage1/block2/conv1/kernel';
    for (const pattern of ['**', 'stage1', 'stage*', '**/conv1', 'stage1/*/conv1', '**/kernel', name]) {
      expect(matches(pattern, name), pattern).toBe(true);
    }
    for (const pattern of ['stage', 'stage2', '*/conv1', 'conv1', 'block2', '**/conv']) {
      expect(matches(pattern, name), pattern).toBe(false);
    }
    const { params } = build(resnet(8, { width: 4 }), { input: [8, 8, 3], classes });
    const [everywhere, head] = assign([l1(1), maxNorm(1, { params: 'head' })], params);
    expect([...head.names]).toEqual(['head/kernel']);
    expect([...everywhere.names].every((n) => n.endsWith('kernel'))).toBe(true);
    expect(() => assign([orthogonal(1, { params: 'stage9/**' })], params)).toThrow(
      "orthogonal: params: the pattern 'stage9/**' matches no kernel of the model; its kernels are stem/conv/kernel,",
    );
    expect(() => l1(-1)).toThrow('l1: lambda: expected');
  });

  test('proximal L1 finds exact zeros on a sparse problem, and the subgradient does not', async () => {
    // y depends on 2 of 20 inputs.
    const zerosWith = (form: 'proximal' | 'subgradient') =>
      tidied(async () => {
        const x = tf.randomNormal([64, 20], 0, 1, 'float32', 5);
        const truth = tf.tensor2d(Array.from({ length: 20 }, (_, i) => [i < 2 ? 2 : 0]));
        const y = tf.matMul(x, truth);
        const penalty = l1(0.2, { form });
        let w: tf.Tensor = tf.fill([20, 1], 0.3);
        for (let i = 0; i < 150; i++) {
          let g: tf.Tensor = tf.div(tf.matMul(x, tf.sub(tf.matMul(x, w), y), true), 64);
          if (penalty.gradient) g = tf.add(g, penalty.gradient(w));
          w = tf.sub(w, tf.mul(g, 0.1));
          if (penalty.project) w = penalty.project(w, tf.scalar(0.1));
        }
        return numbersOf(w);
      });
    const proximal = await zerosWith('proximal');
    expect(proximal.slice(2).filter((v) => v === 0).length).toBe(18);
    expect(Math.min(...proximal.slice(0, 2))).toBeGreaterThan(1.5);
    expect((await zerosWith('subgradient')).filter((v) => v === 0).length).toBe(0);
  });
});

onEveryBackend('values and gradients on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test('spectralNorm follows PyTorch’s parametrization', async () => {
    const g = file.spectralNorm;
    const layer = spectralNorm(dense(3));
    expect(layerFrom(JSON.parse(JSON.stringify(layer.config))).config).toEqual(layer.config);
    const { stats: specs } = declare(layer, [5]);
    await tidied(async () => {
      const stats = Object.fromEntries(
        specs.map(({ name, shape, initial }) => [name, tf.fill([...shape], initial)]),
      );
      const [x, kernel, bias] = ['x', 'kernel', 'bias'].map((n) => tensorOf(g[n]));
      const { y, updates } = applyLayer(layer, x, { kernel, bias }, { stats });
      expect(await offBy(y, g.y)).toBeLessThan(1e-5);
      expect(await offBy(updates.left, g.left)).toBeLessThan(1e-5);
      expect(await offBy(updates.right, g.right)).toBeLessThan(1e-5);
      const [dx, dkernel] = tf.grads(
        (x: tf.Tensor, kernel: tf.Tensor) => applyLayer(layer, x, { kernel, bias }, { stats }).y,
      )([x, kernel], tensorOf(g.dy));
      expect(await offBy(dx, g.dx)).toBeLessThan(1e-5);
      expect(await offBy(dkernel, g.dkernel)).toBeLessThan(1e-4);
      const calm = applyLayer(layer, x, { kernel, bias }, { stats: updates, training: false });
      expect(await offBy(calm.y, g.inference)).toBeLessThan(1e-5);
    });
    expect(() => declare(spectralNorm(relu()), [5])).toThrow('spectralNorm: expected a layer with a kernel');
  });

  test('entropy, R-Drop and distillation: value and gradient', async () => {
    const { losses } = file;
    await tidied(async () => {
      const [a, b, teacher] = [losses.a, losses.b, losses.teacher].map((g) => tensorOf(g) as tf.Tensor2D);
      const soft = tf.softmax(tf.div(teacher, losses.temperature)) as tf.Tensor2D;
      const check = async (
        f: (...x: tf.Tensor[]) => tf.Scalar,
        inputs: tf.Tensor[],
        { value, gradients }: Graded,
      ) => {
        const got = tf.valueAndGrads(f)(inputs);
        expect(Math.abs((await got.value.data())[0] / value - 1)).toBeLessThan(1e-4);
        for (const [i, gradient] of got.grads.entries()) {
          expect(await offBy(gradient, gradients[i])).toBeLessThan(1e-4);
        }
      };
      await check((x) => entropy(x as tf.Tensor2D), [a], losses.entropy);
      await check((x, y) => symmetricDivergence(x as tf.Tensor2D, y as tf.Tensor2D), [a, b], losses.rDrop);
      await check((x) => distillation(x as tf.Tensor2D, soft, losses.temperature), [a], losses.distillation);
    });
  });

  test('adaptive clipping, unit by unit', async () => {
    const { gradients, params, clipped } = file.adaptiveClip;
    await tidied(async () => {
      const named = (list: Golden[]) => Object.fromEntries(list.map((g, i) => [`p${i}`, tensorOf(g)]));
      const options = { threshold: 0.05, epsilon: 1e-3 };
      const done = clipAdaptively(named(gradients), named(params), options);
      for (const [i, want] of clipped.entries()) {
        expect(await offBy(done[`p${i}`], want)).toBeLessThan(1e-5);
      }
      const spared = clipAdaptively(named(gradients), named(params), { ...options, exclude: 'p2' });
      expect(await offBy(spared.p2, gradients[2])).toBeLessThan(1e-7); // JSON has nine digits
    });
  });

  test('gradient noise has the deviation of its step', async () => {
    const noise = (t: number) =>
      tidied(() =>
        numbersOf(
          addNoise({ w: tf.zeros([10_000]) }, tf.scalar(t), fold(keyOf(1), t), {
            eta: 0.3,
            gamma: 0.55,
          }).w,
        ),
      );
    for (const t of [0, 99]) {
      const variance = (await noise(t)).reduce((sum, v) => sum + v * v, 0) / 10_000;
      const wanted = 0.3 / (1 + t) ** 0.55;
      expect(Math.abs(variance / wanted - 1)).toBeLessThan(3 * Math.sqrt(2 / 10_000));
    }
  });
});

onEveryBackend('steps on %s', (backend) => {
  beforeAll(() => useBackend(backend));
  const linear = model('linear', (n) => sequential([flatten(), dense(n, { bias: false, name: 'head' })]));
  const run = async (options: Partial<Parameters<typeof classification>[0]>) => {
    const { steps } = file;
    const task = classification({ model: linear, optimizer: sgd({ momentum: 0 }), ...options })({
      input: [1, 1, 6],
      classes,
    });
    const losses: number[] = [];
    const before = tf.memory().numTensors;
    let state: State = task.init(keyOf(0));
    disposeState({ ...state, slots: {} });
    const slots = Object.fromEntries(
      Object.entries(state.slots).map(([n, t]) => {
        const own = n.startsWith('ema/') ? tensorOf(steps.w) : t.clone();
        t.dispose();
        return [n, own];
      }),
    );
    state = { params: { 'head/kernel': tensorOf(steps.w) }, stats: {}, slots };
    for (let i = 0; i < 8; i++) {
      const feed = {
        images: tensorOf({ ...steps.x, shape: [16, 1, 1, 6] }),
        targets: tf.tidy(() => tf.oneHot(tf.tensor1d(steps.labels, 'int32'), 3).toFloat()),
        learningRate: tf.scalar(0.3) as tf.Scalar,
      };
      let next = {} as ReturnType<typeof task.step>;
      tf.tidy(() => {
        next = task.step(state, feed, { key: keyOf(i), progress: 0 });
        return next as unknown as tf.TensorContainer;
      });
      losses.push((await next.metrics.loss.data())[0]);
      tf.dispose([feed, next.metrics as Record<string, tf.Tensor>]);
      disposeState(state, next.state);
      state = next.state;
    }
    const used = weightsOf(state).params['head/kernel'];
    const result = {
      losses,
      params: { shape: used.shape, values: await numbersOf(used) },
      raw: { shape: used.shape, values: await numbersOf(state.params['head/kernel']) },
    };
    disposeState(state);
    expect(tf.memory().numTensors).toBe(before);
    return result;
  };
  const differ = (got: Golden, want: Golden) =>
    Math.max(...got.values.map((v, i) => Math.abs(v - want.values[i]))) /
    Math.max(...want.values.map(Math.abs));

  test('SAM', async () => {
    const { losses, params } = await run({ sam: 0.5 });
    expect(differ(params, file.steps.sam)).toBeLessThan(1e-4);
    losses.forEach((loss, i) => {
      expect(Math.abs(loss / file.steps.losses[i] - 1)).toBeLessThan(1e-4);
    });
  });

  test('the moving average, beside weights that it leaves alone', async () => {
    const { params, raw } = await run({ ema: { decay: 0.8, warmup: 0 } });
    expect(differ(raw, file.steps.plain)).toBeLessThan(1e-4);
    expect(differ(params, file.steps.ema)).toBeLessThan(1e-4);
    // Warm-up: d_t = 1 − (1 + t)^(−⅔) lets go of the first weights sooner.
    const warm = (await run({ ema: { decay: 0.8 } })).params;
    expect(differ(warm, file.steps.plain)).toBeLessThan(differ(params, file.steps.plain));
  });

  test('the two signs of entropy pull predictions apart', async () => {
    const spread = async (options: object) => Math.max(...(await run(options)).params.values.map(Math.abs));
    const plain = await spread({});
    expect(await spread({ confidencePenalty: 1 })).toBeLessThan(plain);
    expect(await spread({ entropyMinimization: 1 })).toBeGreaterThan(plain);
  });

  test('R-Drop without noise adds nothing', async () => {
    expect(differ((await run({ rDrop: 5 })).params, (await run({})).params)).toBeLessThan(1e-5);
  });
});

const lossesOf = async (options: TrainOptions, fake = fakeBatches()) => {
  const events: TrainEvent[] = [];
  const trained = await fitModel(fake.batches$, options, (e) => events.push(e));
  trained.dispose();
  return events.filter((e): e is StepEvent => e.kind === 'step').map(({ metrics }) => metrics);
};

onEveryBackend('every option on %s', (backend) => {
  const losses = (options: Partial<TrainOptions>) =>
    lossesOf({ backend, model: mlp({ hidden: [6], dropout: 0.2 }), seed: 1, ...options });

  test.each([
    [
      'penalties',
      { penalties: [l1(1e-3, { form: 'proximal' }), orthogonal(1e-3, { params: 'head' }), maxNorm(2)] },
    ],
    ['ema', { ema: {} }],
    ['sam', { sam: 0.05 }],
    ['adaptiveClip', { adaptiveClip: { exclude: 'head' } }],
    ['gradientNoise', { gradientNoise: {} }],
    ['manifoldMixup', { manifoldMixup: { layers: ['input', 'hidden1'] } }],
    ['rDrop', { rDrop: 1 }],
  ] satisfies [string, Partial<TrainOptions>][])(
    '%s: the same seed, the same losses; no tensor stays',
    async (_, options) => {
      const before = tf.memory().numTensors;
      const one = await losses(options);
      expect(await losses(options)).toEqual(one);
      // An average watches; all else acts.
      if ('ema' in options) expect(one).toEqual(await losses({}));
      else expect(one).not.toEqual(await losses({}));
      expect(tf.memory().numTensors).toBe(before);
      expect(one.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    },
  );
});

onEveryBackend('in the trainer on %s', (backend) => {
  beforeAll(() => useBackend(backend));
  const base = { backend, model: mlp({ hidden: [6], dropout: 0.2 }), seed: 1 } satisfies TrainOptions;
  const losses = (options: Partial<TrainOptions>, fake = fakeBatches()) =>
    lossesOf({ ...base, ...options }, fake);

  test('a resumed training continues the averages, the count and the noise', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'rxaug-ema-'));
    const options = { epochs: 2, ema: {}, gradientNoise: {} } satisfies Partial<TrainOptions>;
    const whole = await losses(options);
    const stop = new AbortController();
    const parts: StepEvent[] = [];
    const cut = { ...base, ...options, checkpoint: { dir } };
    const first = await fitModel(fakeBatches().batches$, { ...cut, signal: stop.signal }, (e) => {
      if (e.kind !== 'step') return;
      parts.push(e);
      if (e.step === 3) stop.abort();
    });
    first.dispose();
    const second = await fitModel(fakeBatches().batches$, { ...cut, resume: true }, (e) => {
      if (e.kind === 'step') parts.push(e);
    });
    expect(parts.map(({ metrics }) => metrics)).toEqual(whole);
    const loaded = await load(path.join(dir, 'last.ckpt'), Trained);
    const kernel = (t: typeof loaded) => numbersOf(t.weights.params['head/kernel']);
    expect(await kernel(loaded)).toEqual(await kernel(second));
    expect(await kernel(loaded)).not.toEqual(await numbersOf(loaded.state.params['head/kernel']));
    second.dispose();
    loaded.dispose();
    await rm(dir, { recursive: true });
  });

  test('a teacher from a checkpoint; one of other classes is refused', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'rxaug-teacher-'));
    const teacher = path.join(dir, 'last.ckpt');
    (await fitModel(fakeBatches().batches$, { ...base, checkpoint: { dir } })).dispose();
    const before = tf.memory().numTensors;
    const distilled = await losses({ distill: { teacher } });
    expect(distilled).not.toEqual(await losses({}));
    // Two graphs, which may round in other places.
    const without = await losses({});
    for (const [i, metrics] of (await losses({ distill: { teacher, weight: 0 } })).entries())
      for (const [name, value] of Object.entries(metrics)) expect(value).toBeCloseTo(without[i][name], 5);
    await expect(losses({ distill: { teacher } }, fakeBatches({ classes: 4 }))).rejects.toThrow(
      "distill: expected a teacher of the classes of the data ('class0', 'class1', 'class2', 'class3') but mlp-6 lacks 'class3'; use a teacher trained on the same classes",
    );
    await expect(losses({ distill: { teacher } }, fakeBatches({ side: 6 }))).rejects.toThrow(
      'distill: the teacher takes images of 8×8×3 and not 6×6×3',
    );
    expect(tf.memory().numTensors).toBe(before);
    await rm(dir, { recursive: true });
  });

  test('patterns that match nothing', async () => {
    await expect(losses({ penalties: [l1(1, { params: 'haed' })] })).rejects.toThrow(
      "l1: params: the pattern 'haed' matches no kernel",
    );
    await expect(losses({ manifoldMixup: {} })).rejects.toThrow(
      "manifoldMixup: layers: the pattern 'stage1' matches no layer of the model; its layers are input, flatten1, hidden1",
    );
    await expect(losses({ adaptiveClip: { exclude: 'tail' } })).rejects.toThrow(
      "adaptiveClip: exclude: the pattern 'tail'",
    );
  });

  test('manifold mixup picks every place, with λ of Beta(α, α)', () => {
    const { layers } = build(resnet(8, { width: 4 }), { input: [8, 8, 3], classes });
    const places = mixingPlaces(['input', 'stage*'], layers);
    expect(places).toEqual(['input', 'stage1', 'stage2', 'stage3']);
    const draws = Array.from({ length: 2000 }, (_, i) =>
      tf.tidy(() => {
        const { at, own, other } = drawMixing(places, 2, fold(keyOf(4), i));
        const [lambda] = own.dataSync();
        expect(other.dataSync()[0]).toBeCloseTo(1 - lambda, 6);
        return { at, lambda } as { at: string; lambda: number } & tf.TensorContainerObject;
      }),
    );
    for (const place of places) {
      const share = draws.filter(({ at }) => at === place).length / 2000;
      expect(Math.abs(share - 0.25)).toBeLessThan(3 * Math.sqrt(0.1875 / 2000));
    }
    const mean = draws.reduce((sum, { lambda }) => sum + lambda, 0) / 2000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(3 * Math.sqrt(0.05 / 2000));
  });

  test('divergence: the first layer that is not finite is named', async () => {
    /** A layer that breaks forwards, or backwards alone. */
    const breaking = (how: 'forward' | 'backward'): Layer => ({
      config: { layer: 'breaking', name: 'broken' },
      init: (_, input) => input,
      apply: (_, x) =>
        how === 'forward'
          ? tf.div(x, 0)
          : tf.customGrad((...args) => ({
              value: (args[0] as tf.Tensor).clone(),
              gradFunc: (dy: tf.Tensor) => tf.mul(dy, Number.NaN),
            }))(x),
    });
    const broken = (how: 'forward' | 'backward') =>
      model('broken', (n) =>
        sequential([
          conv2d(2, { name: 'conv' }),
          batchNorm({ name: 'norm' }),
          flatten(),
          sequential([dense(4, { name: 'first' }), breaking(how), dense(4, { name: 'second' })], {
            name: 'block',
          }),
          dense(n, { name: 'head' }),
        ]),
      );
    const before = tf.memory().numTensors;
    await expect(losses({ model: broken('forward') })).rejects.toThrow(
      "first not finite: the output of layer 'block/broken'",
    );
    await expect(losses({ model: broken('backward') })).rejects.toThrow(
      "train: the norm of the gradient is NaN at step 1 (epoch 0, learning rate 0.05); lower the learning rate, give it a warm-up, or set clipNorm; first not finite: the gradient of 'block/first/bias'",
    );
    const poisoned = fakeBatches({
      change: (batch) => {
        batch.images.fill(Number.NaN);
        return batch;
      },
    });
    await expect(losses({}, poisoned)).rejects.toThrow('first not finite: the images of the batch');
    expect(tf.memory().numTensors).toBe(before);
  });
});
