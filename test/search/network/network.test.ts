/** An augmentation network: where it begins, its gradients, what a small search finds, and how it travels. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Observable } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  completed,
  exportPython,
  normalize,
  policy,
  STATISTICS,
  toGray,
} from '../../../src/augment/index.js';
import { type Batch, keyOf, type Sample } from '../../../src/core/index.js';
import { planted } from '../../../src/datasets/index.js';
import { problemData } from '../../../src/search/data/splits.js';
import {
  applyNetwork,
  augmentationNetwork,
  GEOMETRY,
  identityWeights,
} from '../../../src/search/network/augmentation-network.js';
import { figuresOf } from '../../../src/search/network/figures.js';
import { noiseFor } from '../../../src/search/network/noise.js';
import { networkOperator } from '../../../src/search/network/operator.js';
import { loadNetwork, savedFrom } from '../../../src/search/network/saved-network.js';
import { network } from '../../../src/search/network/strategy.js';
import { stagesOf } from '../../../src/search/policy/batch-stages.js';
import { policyJson, policyText } from '../../../src/search/policy/operator.js';
import type { PolicySetting } from '../../../src/search/policy/policy.js';
import { policyStages } from '../../../src/search/policy/policy-stages.js';
import { withStrength } from '../../../src/search/policy/with-strength.js';
import { appliedOf } from '../../../src/search/report/applied.js';
import { picturing } from '../../../src/search/report/pictures.js';
import { picturesOf } from '../../../src/search/report/write-report.js';
import { searchSpace } from '../../../src/search/space/search-space.js';
import type { StrategyContext } from '../../../src/search/strategies/strategy.js';
import { behind } from '../../../src/search/trial/run-trial.js';
import { batch } from '../../../src/stream/batch.js';
import { pull } from '../../../src/stream/demand.js';
import { samples } from '../../../src/stream/source.js';
import { useBackend } from '../../train/golden.js';
import { made } from '../data/make.js';
import { pictures } from '../twins/tools.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-network-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeAll(() => useBackend('wasm'));

const CONFIG = { noise: 3, geometry: 6, color: 5, channels: 3 } as const;
const space = searchSpace({ only: ['rotate'] });

/** A network whose heads have left their start, so that it does something. */
function moved(by = 0.2) {
  const net = augmentationNetwork(CONFIG);
  const { params } = identityWeights(net, keyOf(1));
  const all = Object.entries(params).map(([name, tensor], i) => {
    if (!name.includes('/head/')) return [name, tensor] as const;
    const values = Float32Array.from({ length: tensor.size }, (_, k) => by * Math.sin(1 + 7 * k + i));
    return [name, tf.tensor(values, tensor.shape)] as const;
  });
  return { net, weights: { params: Object.fromEntries(all), stats: {} } };
}
/** Smooth images: interpolation has slopes that finite differences can follow. */
const smooth = (batch: number, size: number) =>
  tf.tensor4d(
    Float32Array.from({ length: batch * size * size * 3 }, (_, i) => {
      const [c, x, y] = [i % 3, Math.floor(i / 3) % size, Math.floor(i / (3 * size)) % size];
      return 0.5 + 0.25 * Math.sin(0.7 * x + c) * Math.cos(0.6 * y - c);
    }),
    [batch, size, size, 3],
  );

describe('an augmentation network', () => {
  it('begins at the identity, to the last bit of an image of bytes', () => {
    const net = augmentationNetwork(CONFIG);
    const weights = identityWeights(net, keyOf(1));
    const levels = tf.div(
      tf.round(tf.mul(tf.tensor4d(pictures([4, 9, 9, 3], keyOf(2)), [4, 9, 9, 3]), 255)),
      255,
    );
    const { images } = applyNetwork(net, weights, levels as tf.Tensor4D, noiseFor(keyOf(3), 4, 3));
    const [after, before] = [images.dataSync(), levels.dataSync()];
    for (let i = 0; i < after.length; i++) expect(after[i]).toBeCloseTo(before[i] as number, 6);
    for (const { name, mean, sd, bounds, strength } of figuresOf(net, weights, levels as tf.Tensor4D)) {
      expect([name, strength]).toEqual([name, expect.closeTo(0, 5)]);
      expect(mean).toBeCloseTo(bounds.neutral, 5);
      expect(sd).toBeCloseTo(0, 5);
    }
  });

  it('turns as rotate does: positive is clockwise, about the center; and shifts to the right', () => {
    const net = augmentationNetwork(CONFIG);
    const { params } = identityWeights(net, keyOf(1));
    const at = (number: number, t: number) => {
      const bias = new Float32Array(6);
      bias[number] = Math.atanh(t);
      return { params: { ...params, 'geometry/head/bias': tf.tensor1d(bias) }, stats: {} };
    };
    const levels = tf.tensor4d(
      Float32Array.from({ length: 48 }, (_, i) => Math.floor(i / 3) * 15),
      [1, 4, 4, 3],
    );
    const images = tf.div(levels, 255) as tf.Tensor4D;
    const shown = (number: number, t: number) => {
      const made = applyNetwork(net, at(number, t), images, noiseFor(keyOf(3), 1, 3)).images;
      return [...tf.mul(tf.slice(made, [0, 0, 0, 0], [1, 4, 4, 1]), 255).dataSync()].map((v) =>
        Math.round(v / 15),
      );
    };
    // tanh ends at 1, where it is 90 degrees.
    expect(shown(0, 0.9999999)).toEqual([12, 8, 4, 0, 13, 9, 5, 1, 14, 10, 6, 2, 15, 11, 7, 3]);
    expect(shown(4, 0.25 / 0.3)).toEqual([0, 0, 1, 2, 0, 4, 5, 6, 0, 8, 9, 10, 0, 12, 13, 14]);
    expect(Object.keys(GEOMETRY)).toEqual([
      'rotate',
      'scaleX',
      'scaleY',
      'shear',
      'translateX',
      'translateY',
    ]);
  });

  it('has the gradient of the expected loss by its weights, to finite differences', () => {
    const { net, weights } = moved();
    const images = smooth(24, 12);
    const noise = noiseFor(keyOf(5), 24, 3);
    const target = tf.tensor4d(pictures([1, 12, 12, 3], keyOf(6)), [1, 12, 12, 3]);
    const loss = (params: Record<string, tf.Tensor>) =>
      tf.tidy(() => {
        const { images: x } = applyNetwork(net, { params, stats: {} }, images, noise);
        return tf.mean(tf.square(tf.sub(x, target))) as tf.Scalar;
      });
    const names = Object.keys(weights.params);
    const slopes = tf.grads((...all: tf.Tensor[]) =>
      loss(Object.fromEntries(names.map((name, i) => [name, all[i]]))),
    )(names.map((name) => weights.params[name] as tf.Tensor));
    for (const part of ['geometry/', 'color/']) {
      let [along, own, counted] = [0, 0, 0];
      for (const [i, name] of names.entries()) {
        if (!name.startsWith(part)) continue;
        const tensor = weights.params[name] as tf.Tensor;
        const slope = (slopes[i] as tf.Tensor).dataSync();
        for (let k = 0; k < tensor.size; k += 3) {
          const at = (by: number) => {
            const values = tensor.dataSync().slice();
            values[k] = (values[k] as number) + by;
            return loss({
              ...weights.params,
              [name]: tf.tensor(values, tensor.shape),
            }).dataSync()[0] as number;
          };
          const difference = (at(0.02) - at(-0.02)) / 0.04;
          along += difference * (slope[k] as number);
          own += (slope[k] as number) ** 2;
          counted += difference ** 2;
        }
      }
      expect(own).toBeGreaterThan(1e-8);
      expect(along / Math.sqrt(own * counted)).toBeGreaterThan(0.97);
      expect(Math.sqrt(own / counted)).toBeGreaterThan(0.9);
      expect(Math.sqrt(own / counted)).toBeLessThan(1.1);
    }
  });

  it('keeps gray images gray', () => {
    const net = augmentationNetwork({ ...CONFIG, channels: 1 });
    const { params } = identityWeights(net, keyOf(1));
    const head = params['color/head/kernel'] as tf.Tensor;
    const weights = { params: { ...params, 'color/head/kernel': tf.fill(head.shape, 0.3) }, stats: {} };
    const gray = tf.tile(tf.slice(smooth(2, 8), [0, 0, 0, 0], [-1, -1, -1, 1]), [1, 1, 1, 3]) as tf.Tensor4D;
    const values = applyNetwork(net, weights, gray, noiseFor(keyOf(3), 2, 3)).images.dataSync();
    for (let i = 0; i < values.length; i += 3) {
      expect(values[i + 1]).toBe(values[i]);
      expect(values[i + 2]).toBe(values[i]);
    }
    expect([...values]).not.toEqual([...gray.dataSync()]);
  });
});

describe('a saved network', () => {
  it('computes the same when it is loaded', () => {
    const { net, weights } = moved();
    const images = smooth(3, 8);
    const noise = noiseFor(keyOf(5), 3, 3);
    const loaded = loadNetwork('network', JSON.parse(JSON.stringify(savedFrom(net, weights))));
    expect([...applyNetwork(loaded.net, loaded.weights(), images, noise).images.dataSync()]).toEqual([
      ...applyNetwork(net, weights, images, noise).images.dataSync(),
    ]);
  });

  it.each<[string, (saved: Record<string, unknown>) => unknown, RegExp]>([
    ['a size out of range', (saved) => ({ ...saved, noise: 1e9 }), /^network: noise: expected/],
    [
      'sizes that do not fit',
      (saved) => ({ ...saved, color: 6 }),
      /weights: expected \d+ numbers of 4 bytes but received/,
    ],
    [
      'too few weights',
      (saved) => ({ ...saved, weights: 'AAAA' }),
      /weights: expected \d+ numbers of 4 bytes/,
    ],
    [
      'weights that are not finite',
      (saved) => ({
        ...saved,
        weights: Buffer.from(
          (saved.weights as string).length ? Buffer.from(saved.weights as string, 'base64').fill(255) : '',
        ).toString('base64'),
      }),
      /^network: weights: expected finite numbers/,
    ],
    ['other fields', (saved) => ({ ...saved, code: 'x' }), /^network: unknown option 'code'/],
    ['nothing', () => undefined, /^network: expected/],
  ])('refuses %s in one sentence', (_, change, said) => {
    const { net, weights } = moved();
    const run = () => loadNetwork('network', change(savedFrom(net, weights)));
    expect(run).toThrow(said);
    expect(run).toThrow(/^[^\n]+$/);
  });

  it('refuses one that was changed, by its digest', () => {
    const { net, weights } = moved();
    expect(() => networkOperator(savedFrom(net, weights), '0'.repeat(64))).toThrow(
      /^augmentationNetwork: was changed after it was written: its SHA-256 is [0-9a-f]{64}, not 0{64}; take the file/,
    );
  });
});

describe('a policy with a network', () => {
  const found = (): PolicySetting => {
    const { net, weights } = moved();
    const figures = figuresOf(net, weights, smooth(8, 8));
    return { subPolicies: [], network: { saved: savedFrom(net, weights), figures } };
  };
  const images$ = () => samples(made({ count: 12 }), { seed: 5 });
  async function pixels(batches$: Observable<Batch>): Promise<number[]> {
    const all: number[] = [];
    for await (const one of pull(batches$)) {
      using held = one;
      all.push(...held.images);
    }
    return all;
  }
  const batched = (samples$: Observable<Sample>) => samples$.pipe(batch(6, { workers: 0 }));
  const normalized = (samples$: Observable<Sample>) =>
    samples$.pipe(normalize(STATISTICS.cifar10), batch(6, { workers: 0 }));

  it('is applied from its file as from the search, whatever the normalization, and not twice alike', async () => {
    const path = join(root, 'found.json');
    writeFileSync(path, policyText(space, found()));
    expect(() => policy(path)).toThrow(/some of batches too \(augmentationNetwork\)/);
    const own = await pixels(behind(normalized(images$()), stagesOf(space, found())));
    const read$ = normalized(images$().pipe(policy(path, {}, { stages: 'elsewhere' })));
    expect(await pixels(policyStages(path)(read$))).toEqual(own);
    const { mean, std } = STATISTICS.cifar10;
    const plain = await pixels(behind(batched(images$()), stagesOf(space, found())));
    for (const [i, value] of plain.entries())
      expect((own[i] as number) * (std[i % 3] as number) + (mean[i % 3] as number)).toBeCloseTo(value, 4);
    const same = await pixels(batched(images$()));
    expect(plain).not.toEqual(same);
    const text = JSON.parse(policyText(space, found()));
    text.stages[0].options.noise = 4;
    writeFileSync(path, JSON.stringify(text));
    expect(() => policyStages(path)).toThrow(/augmentationNetwork: weights: expected/);
  });

  it('refuses bytes, and is refused by other libraries, by name', async () => {
    const bytes$ = images$().pipe(batch(6, { workers: 0, dtype: 'uint8' }));
    await expect(pixels(behind(bytes$, stagesOf(space, found())))).rejects.toThrow(
      /augmentationNetwork: expected float32 images of 3 channels/,
    );
    const json = completed(policyJson(space, found()));
    for (const to of ['torchvision', 'albumentations'] as const)
      expect(() => exportPython(json, { to, source: 'found' })).toThrow(/^export: augmentationNetwork: /);
  });

  it('of gray images is applied to gray ones, and refuses colors', async () => {
    const net = augmentationNetwork({ ...CONFIG, channels: 1 });
    const stage = networkOperator(savedFrom(net, identityWeights(net, keyOf(1))));
    const gray$ = images$().pipe(toGray({ p: 1 }));
    const same = await pixels(normalized(gray$));
    for (const [i, value] of (await pixels(stage(normalized(gray$)))).entries())
      expect(value).toBeCloseTo(same[i] as number, 4);
    await expect(pixels(stage(normalized(images$())))).rejects.toThrow(
      /^augmentationNetwork: expected gray images, .* but received colors; /,
    );
  });

  it('has a strength that cannot be set, and that is said', () => {
    expect(() => withStrength(space, found(), 0.1)).toThrow(/^withStrength: expected a policy of operations/);
  });

  it('is reported: mean and spread of geometry and color, and pictures', async () => {
    const { ops, strength } = appliedOf(found(), space);
    expect(ops.map(({ op }) => op)).toEqual([...Object.keys(GEOMETRY), 'brightness', 'colorShift']);
    for (const { share, magnitude } of ops) {
      expect(share).toBe(1);
      expect(magnitude?.sd).toBeGreaterThan(0);
    }
    expect(strength).toBeGreaterThan(0);
    const { picture, caption } = await picturing(made({ count: 12 }), {
      operator: () => {
        throw new Error('there is no operator of samples');
      },
      size: 8,
      count: 3,
    });
    const run = { seed: 1, policy: found(), seconds: 1, trace: [], withoutGradient: [] };
    const { originals, bySearch } = await picturesOf([run], picture, caption);
    expect(bySearch[0]).toHaveLength(1);
    expect(Buffer.from(bySearch[0]?.[0] as Uint8Array).equals(Buffer.from(originals))).toBe(false);
  });
});

describe('network()', () => {
  const data = (split: 'train' | 'heldOut' | 'test') =>
    planted({ planted: 'bright', split, count: 96, size: 12, seed: 0 });
  const problem = {
    ...{ train: data('train'), heldOut: data('heldOut'), test: data('test'), space },
    ...{ size: 12, channels: 3, base: [], statistics: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } },
    trial: { batch: 24 },
  } as unknown as StrategyContext['problem'];
  const contextOf = async (dir: string, more: Partial<StrategyContext> = {}) =>
    ({
      ...{ problem, data: await problemData(problem, { seed: 0 }), seed: 3, dir: join(root, dir) },
      ...{ backend: 'wasm', signal: new AbortController().signal, progress: () => {} },
      ...more,
    }) as unknown as StrategyContext;
  const SMALL = { width: 8, batch: 24, warmup: 10, networkRate: 3e-3, rate: 1e-2 };

  it('moves toward what is planted: held-out images are 1.5 to 2.1 times as bright', async () => {
    const strategy = network({ ...SMALL, steps: 90 });
    const context = await contextOf('bright');
    expect(await strategy.propose([], context)).toEqual([]);
    const policy = await strategy.conclude([], context);
    const brightness = policy.network?.figures.find(({ name }) => name === 'brightness');
    expect(brightness?.mean).toBeGreaterThan(1.25);
    expect(brightness?.mean).toBeLessThan(2.6);
    const account = await strategy.account?.([], context);
    expect(account?.moved).toBeGreaterThan(0.1);
    expect(account?.trace[0]?.strength).toBeCloseTo(0, 3);
    expect(account?.trace.at(-1)?.strength).toBeGreaterThan(0.1);
  });

  it('stopped and resumed, ends with the same network and curves, and leaves no tensor', async () => {
    const options = { ...SMALL, steps: 30 };
    const whole = network(options);
    const context = await contextOf('whole');
    const expected = [await whole.conclude([], context), await whole.account?.([], context)];
    const stop = new AbortController();
    const before = tf.memory().numTensors;
    const cut = await contextOf('cut', {
      signal: stop.signal,
      progress: (_, share) => share >= 0.5 && stop.abort(),
    });
    await expect(network(options).conclude([], cut)).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before);
    const again = await contextOf('cut');
    expect([await network(options).conclude([], again), await network(options).account?.([], again)]).toEqual(
      expected,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});
