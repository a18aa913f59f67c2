/** Frozen layers stay to the bit, whatever else is on; and learning rates by depth are those of a reference. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { lastValueFrom, tap, toArray } from 'rxjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import { loadClassifier } from '../../src/train/classification/kind.js';
import type { ClassifierTask } from '../../src/train/classification/task.js';
import {
  adam,
  type ClassifierOptions,
  classification,
  cnn,
  fit,
  l1,
  type Model,
  maxNorm,
  mlp,
  type Optimizer,
  resnet,
  resnet18,
  resnet50,
  sgd,
  type TrainOptions,
  train,
  vitS16,
} from '../../src/train/index.js';
import { Scope } from '../../src/train/layers/layer.js';
import { build, forward } from '../../src/train/models/model.js';
import { depthFactors, depthGroups } from '../../src/train/optimizers/depth-decay.js';
import { freeze } from '../../src/train/optimizers/frozen.js';
import { loadCheckpoint } from '../../src/train/state/checkpoint.js';
import { disposeState, type State } from '../../src/train/state/tensors.js';
import { fakeBatches } from './batches.js';
import { useBackend } from './golden.js';

beforeAll(() => useBackend('wasm'));

const SIDE = 32;
const look = { input: [SIDE, SIDE, 3], classes: ['class0', 'class1', 'class2'] };
const small = () => resnet18({ width: 4, stochasticDepth: 0.1 });
const images = (options = {}) => fakeBatches({ side: SIDE, size: 4, perEpoch: 2, ...options });
const FROZEN = ['stem', 'stage1', 'stage2/block1/norm1', '**/conv2/kernel'];

const numbers = (tensor: tf.Tensor) => [...tensor.dataSync()];

/** Everything that acts on weights. */
const everything = (): Partial<TrainOptions> => ({
  weightDecay: 0.1,
  l2: 0.01,
  penalties: [l1(1e-3, { form: 'proximal' }), maxNorm(0.5)],
  gradientNoise: {},
  adaptiveClip: {},
  clipNorm: 1,
  sam: 0.05,
  ema: { decay: 0.9 },
  learningRate: 0.05,
});

describe('frozen layers', () => {
  test.each([
    ['sgd', sgd()],
    ['adam', adam()],
  ])(
    'do not move by one bit under %s with all that moves weights, nor do their statistics',
    async (_, optimizer) => {
      const options = { ...everything(), optimizer, frozen: FROZEN };
      const { learningRate: __, ...shaping } = options;
      const task = classification({ model: small(), ...shaping } as never)(look);
      const first = task.init(keyOf(0));
      const trained = await fit(images().batches$, {
        model: small(),
        backend: 'wasm',
        epochs: 2,
        ...options,
      });
      const { params, stats, slots } = trained.state;
      const held = freeze(task.network, FROZEN);
      expect(held.params.size).toBeGreaterThan(20);
      for (const [part, names] of [
        ['params', held.params],
        ['stats', held.stats],
      ] as const) {
        for (const [name, tensor] of Object.entries(first[part])) {
          const [now, average] = [trained.state[part][name], slots[`ema/${part}/${name}`]];
          const same = [now, average].map((t) => numbers(t as tf.Tensor).join() === numbers(tensor).join());
          expect(same, name).toEqual(names.has(name) ? [true, true] : [false, false]);
        }
      }
      expect(Object.keys(params)).toEqual(Object.keys(first.params));
      expect(Object.keys(stats)).toEqual(Object.keys(first.stats));
      const remembered = Object.keys(slots).filter((name) => !name.startsWith('ema/'));
      expect(remembered.filter((name) => [...held.params].some((own) => name.endsWith(`/${own}`)))).toEqual(
        [],
      );
      disposeState(first);
      trained.dispose();
    },
  );

  test('are those that patterns name: a layer, layers around it, or a parameter', () => {
    const { params, stats } = freeze(build(small(), look), FROZEN);
    expect(params.has('stem/norm/scale')).toBe(true);
    expect(stats.has('stem/norm/mean')).toBe(true);
    expect(params.has('stage2/block1/norm1/scale')).toBe(true);
    expect(stats.has('stage2/block1/norm1/variance')).toBe(true);
    expect(params.has('stage4/block2/conv2/kernel')).toBe(true);
    expect(stats.has('stage4/block2/norm2/mean')).toBe(false);
    expect(params.has('stage2/block1/conv1/kernel')).toBe(false);
  });

  test('are normalized by their running statistics, as in inference', () => {
    const network = build(resnet18({ width: 4 }), look);
    const { layers } = freeze(network, ['stem', 'stage*']);
    const task = classification({ model: resnet18({ width: 4 }), optimizer: sgd() })(look);
    const state = task.init(keyOf(1));
    tf.tidy(() => {
      const x = tf.randomNormal([4, SIDE, SIDE, 3], 0, 1, 'float32', 5);
      const [trained, used] = [true, false].map((training) =>
        forward(network, state, x, { training, frozen: layers }),
      );
      expect(numbers(trained!.logits)).toEqual(numbers(used!.logits));
      expect(trained!.updates).toEqual({});
      const free = forward(network, state, x, { training: true });
      expect(numbers(free.logits)).not.toEqual(numbers(used!.logits));
    });
    disposeState(state);
  });

  test('keep the statistics of a layer that does not ask whether it is frozen', () => {
    const pass = { params: {}, stats: {}, key: keyOf(0), progress: 0, updates: {}, losses: [] };
    const scope = new Scope({ ...pass, training: true, frozen: new Set(['own/']) });
    tf.tidy(() => {
      scope.at('own').update('mean', tf.scalar(1));
      scope.at('other').update('mean', tf.scalar(1));
    });
    expect(Object.keys(pass.updates)).toEqual(['other/mean']);
  });

  test('leave the steps of the others as they are', async () => {
    const run = async (frozen?: string) => {
      const { batches$ } = images({ perEpoch: 1 });
      return fit(batches$, { model: mlp({ hidden: [6, 5] }), frozen, backend: 'wasm', seed: 3 });
    };
    const [free, held] = [await run(), await run('hidden2')];
    for (const name of Object.keys(free.state.params)) {
      const same = numbers(free.state.params[name]!).join() === numbers(held.state.params[name]!).join();
      expect(same, name).toBe(!name.startsWith('hidden2'));
    }
    free.dispose();
    held.dispose();
  });

  test('leak no tensor', async () => {
    const before = tf.memory().numTensors;
    const options = { model: small(), frozen: FROZEN, ...everything(), depthDecay: 0.8 };
    (await fit(images().batches$, { ...options, backend: 'wasm' })).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    ['stage7', /^frozen: the pattern 'stage7' names no parameter of resnet18x4; its parameters are /],
    [['stem', '**'], /^frozen: .*names all 62 parameters of .*nothing would be trained; leave the head out$/],
  ])('%j is refused', async (frozen, sentence) => {
    const training = fit(images().batches$, { model: small(), frozen, backend: 'wasm' });
    await expect(training).rejects.toThrow(sentence);
  });

  test('a penalty that names only frozen kernels is refused', async () => {
    const options = { model: small(), frozen: 'stem', penalties: [l1(1e-3, { params: 'stem' })] };
    await expect(fit(images().batches$, { ...options, backend: 'wasm' })).rejects.toThrow(
      "l1: params: the pattern 'stem' matches no kernel of the model",
    );
  });
});

describe('a run with frozen layers', () => {
  const run = (dir: string, more: Partial<TrainOptions> = {}) =>
    train(images().batches$, {
      model: small(),
      epochs: 3,
      optimizer: adam(),
      ...everything(),
      frozen: FROZEN,
      depthDecay: 0.7,
      backend: 'wasm',
      checkpoint: { dir },
      resume: true,
      ...more,
    });

  test('is resumed to the same bits; with other frozen layers it is refused; its model loads', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'rxaug-frozen-'));
    const [whole, parts] = [path.join(dir, 'whole'), path.join(dir, 'parts')];
    await lastValueFrom(run(whole));
    const stop = new AbortController();
    await lastValueFrom(
      run(parts, { signal: stop.signal }).pipe(
        tap((event) => event.kind === 'step' && event.step === 3 && stop.abort()),
      ),
    );
    await expect(lastValueFrom(run(parts, { frozen: ['stem'] }))).rejects.toThrow(
      'holds frozen ["**/conv2/kernel","stage1","stage2/block1/norm1","stem"], not ["stem"]; resume with the same model and options',
    );
    await expect(lastValueFrom(run(parts, { frozen: undefined }))).rejects.toThrow('not null; resume with');
    const events = await lastValueFrom(run(parts, { frozen: [...FROZEN].reverse() }).pipe(toArray()));
    expect(events.find(({ kind }) => kind === 'start')).toMatchObject({
      resumed: { step: 3 },
      options: { depthDecay: 0.7, frozen: [...FROZEN].sort() },
    });
    const [a, b] = [
      await loadCheckpoint(path.join(whole, 'last.ckpt')),
      await loadCheckpoint(path.join(parts, 'last.ckpt')),
    ];
    for (const part of ['params', 'stats', 'slots'] as const)
      for (const [name, tensor] of Object.entries(a.state[part]))
        expect(numbers(b.state[part][name]!).join(), name).toBe(numbers(tensor).join());
    disposeState(a.state);
    disposeState(b.state);
    (await loadClassifier(path.join(whole, 'last.ckpt'))).dispose();
    await rm(dir, { recursive: true });
  });
});

describe('learning rate by depth', () => {
  const namesOf = (model: Model, side = 224) =>
    build(model, { input: [side, side, 3], classes: look.classes }).params.map(({ name }) => name);

  /** The numbers of groups by what belongs to them. */
  const groupsOf = (model: Model, side?: number) => {
    const units = new Map<string, Set<number>>();
    for (const [name, group] of depthGroups(namesOf(model, side))) {
      const unit = name.match(/^(.*?block\d+|[^/]+)/)?.[0] as string;
      units.set(unit, (units.get(unit) ?? new Set()).add(group));
    }
    return Object.fromEntries([...units].map(([unit, set]) => [unit, [...set].join()]));
  };

  test("groups are those of timm's param_groups_layer_decay", () => {
    // timm 1.0: resnet18 has ten groups, vit_small_patch16_224 fourteen, whose last norm goes with the last block.
    expect(groupsOf(resnet18())).toEqual({
      stem: '0',
      'stage1/block1': '1',
      'stage1/block2': '2',
      'stage2/block1': '3',
      'stage2/block2': '4',
      'stage3/block1': '5',
      'stage3/block2': '6',
      'stage4/block1': '7',
      'stage4/block2': '8',
      head: '9',
    });
    expect(groupsOf(resnet50()).head).toBe('17');
    expect(groupsOf(vitS16())).toEqual({
      patches: '0',
      class: '0',
      position: '0',
      ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`block${i + 1}`, `${i + 1}`])),
      norm: '12',
      head: '13',
    });
    expect(groupsOf(resnet(8), 32)).toMatchObject({ stem: '0', 'stage3/block1': '3', head: '4' });
    expect(groupsOf(cnn(), 32)).toEqual({ stage1: '0', stage2: '1', stage3: '2', head: '3' });
    expect(groupsOf(mlp({ hidden: [] }), 8)).toEqual({ head: '0' });
  });

  test('factors fall from 1 at the head', () => {
    const { params } = build(vitS16(), { input: [224, 224, 3], classes: look.classes });
    const factors = depthFactors(params, 0.75);
    expect(factors.get('head/kernel')).toBe(1);
    expect(factors.get('norm/scale')).toBe(0.75);
    expect(factors.get('block12/mlp/out/kernel')).toBe(0.75);
    expect(factors.get('block1/attention/attention/qkv')).toBeCloseTo(0.75 ** 12, 15);
    expect(factors.get('position/table')).toBeCloseTo(0.75 ** 13, 15);
  });

  test.each([
    ['sgd', () => sgd({ momentum: 0.9, nesterov: true })],
    ['adam', () => adam()],
  ] as [string, () => Optimizer][])(
    '%s with decay and penalties: each group moves as in a step at its own rate',
    (_, optimizer) => {
      const model = cnn({ filters: [4, 4] });
      const options: Omit<ClassifierOptions, 'optimizer'> = {
        weightDecay: 0.2,
        penalties: [l1(0.01, { form: 'proximal' })],
      };
      const [decay, rate] = [0.5, 0.03];
      const at = { input: [8, 8, 3], classes: look.classes };
      const task = classification({ model, optimizer: optimizer(), ...options, depthDecay: decay })(at);
      const plain = classification({ model, optimizer: optimizer(), ...options })(at);
      // stage1 0, stage2 1, head 2.
      const factorOf = (name: string) => (/stage1/.test(name) ? 0.25 : /stage2/.test(name) ? 0.5 : 1);
      const stepWith = (which: ClassifierTask, state: State, learningRate: number, nth: number) => {
        const feed = {
          images: tf.randomNormal([6, 8, 8, 3], 0, 1, 'float32', nth),
          targets: tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), 3).toFloat(),
          learningRate: tf.scalar(learningRate),
        };
        return which.step(state, feed, { key: keyOf(nth), progress: 0 }).state;
      };
      tf.tidy(() => {
        let state = task.init(keyOf(2));
        let reference = state;
        for (let nth = 1; nth <= 4; nth++) {
          state = stepWith(task, state, rate, nth);
          const at = [0.25, 0.5, 1].map(
            (factor) => [factor, stepWith(plain, reference, factor * rate, nth)] as const,
          );
          const byFactor = new Map(at);
          const pick = (part: keyof State) =>
            Object.fromEntries(
              Object.keys(reference[part]).map((name) => [name, byFactor.get(factorOf(name))![part][name]!]),
            );
          reference = { params: pick('params'), stats: pick('stats'), slots: pick('slots') };
          for (const part of ['params', 'stats', 'slots'] as const)
            for (const [name, tensor] of Object.entries(reference[part])) {
              const worst = tf.max(tf.abs(tf.sub(tensor, state[part][name]!))).dataSync()[0] as number;
              expect(worst, `${name} after step ${nth}`).toBeLessThan(1e-6);
            }
        }
        const moved = (name: string) =>
          tf.norm(tf.sub(state.params[name]!, task.init(keyOf(2)).params[name]!)).dataSync()[0] as number;
        expect(moved('stage1/conv/kernel')).toBeGreaterThan(0);
      });
    },
  );

  test.each([0, 1.5, -0.5, Number.NaN])('%j is refused', (depthDecay) => {
    expect(() => train(images().batches$, { model: small(), depthDecay })).toThrow(/train: depthDecay/);
  });
});
