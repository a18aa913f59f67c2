/** A search by a critic: what the critic sees, what a small search finds, and that it may be stopped at any step. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTransform, resize } from '../../../src/augment/index.js';
import { keyOf } from '../../../src/core/index.js';
import { initializeParts } from '../../../src/gan/part.js';
import { lambdaOf, moveConstraint, startConstraint } from '../../../src/search/critic/constraint.js';
import { buildNetworks, centered, scoreOf } from '../../../src/search/critic/networks.js';
import { hardnessOf, judged } from '../../../src/search/critic/objective.js';
import { parseCritic } from '../../../src/search/critic/options.js';
import { critic } from '../../../src/search/critic/strategy.js';
import { type ProblemData, problemData } from '../../../src/search/data/splits.js';
import { applyChoices, magnitudesOf } from '../../../src/search/policy/apply.js';
import { drawChoices } from '../../../src/search/policy/choices.js';
import { initialPolicy, readPolicy } from '../../../src/search/policy/parameters.js';
import type { SearchProblem } from '../../../src/search/problem.js';
import { appliedOf } from '../../../src/search/report/applied.js';
import { searchOp } from '../../../src/search/space/search-op-of.js';
import { searchSpace } from '../../../src/search/space/search-space.js';
import { STANDARD_OPS } from '../../../src/search/space/standard.js';
import type { StrategyContext } from '../../../src/search/strategies/strategy.js';
import { useBackend } from '../../train/golden.js';
import { handed } from '../scorers/handed.js';
import { pictures } from '../twins/tools.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-critic-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeAll(() => useBackend('wasm'));

/** A problem of glyphs whose class is their handedness. */
const problem = (ops = STANDARD_OPS, only?: readonly string[]): SearchProblem => ({
  ...handed(),
  space: searchSpace({ ops, ...(only && { only }), subPolicies: 1, stages: 1 }),
});
const FLIP_OR_LIGHT = ['horizontalFlip', 'brightness'];

let data: ProblemData;
beforeAll(async () => {
  data = await problemData(problem(STANDARD_OPS, FLIP_OR_LIGHT), { seed: 1 });
});

const contextOf = (given: SearchProblem, dir: string, signal = new AbortController().signal) =>
  ({
    problem: given,
    data,
    seed: 3,
    seconds: 60,
    secondsAlone: 60,
    dir: join(root, dir),
    backend: 'wasm',
    signal,
    progress: () => {},
  }) as unknown as StrategyContext;

const SMALL = { width: 8, batch: 16, warmup: 20, networkRate: 3e-3 };

describe('the critic', () => {
  it('sees a shift of a whole batch, for it has no statistics of the batch', () => {
    tf.tidy(() => {
      const nets = buildNetworks([12, 12, 3], 2, 4);
      const weights = initializeParts([nets.critic], keyOf(1));
      const images = tf.tensor4d(pictures([8, 12, 12, 3], keyOf(2)), [8, 12, 12, 3]);
      const [before, after] = [images, tf.mul(images, 0.6) as tf.Tensor4D].map((x) =>
        scoreOf(nets, weights, centered(x)).dataSync(),
      );
      for (let i = 0; i < 8; i++)
        expect(Math.abs((after?.[i] as number) - (before?.[i] as number))).toBeGreaterThan(0.01);
      // And scores each image for itself.
      const alone = scoreOf(nets, weights, centered(tf.slice(images, [3], [1]) as tf.Tensor4D)).dataSync();
      expect(alone[0]).toBeCloseTo(before?.[3] as number, 4);
    });
  });

  it('measures the gap in standard deviations of real scores: 0 of the real images themselves', () => {
    tf.tidy(() => {
      const nets = buildNetworks([12, 12, 3], 2, 4);
      const weights = initializeParts([nets.critic, nets.student, nets.teacher], keyOf(1));
      const images = tf.tensor4d(pictures([8, 12, 12, 3], keyOf(2)), [8, 12, 12, 3]);
      const classes = tf.oneHot(tf.tensor1d([0, 1, 0, 1, 0, 1, 0, 1], 'int32'), 2).toFloat() as tf.Tensor2D;
      const { aux } = judged(images, {
        ...{ nets, state: { ...weights, slots: {} }, classes, clean: images, lambda: tf.scalar(1) },
        ...{ real: centered(images), fresh: centered(images), key: keyOf(3) },
        options: { hardness: 1, teacher: 1, penalty: 10 },
      });
      expect(aux.gap.dataSync()[0]).toBeCloseTo(0, 4);
      tf.dispose(aux as never); // kept for the gradient that takes them over
    });
  });

  it('hardness is −log(1 − p), without loss of digits where p is nearly 1', () => {
    const logits = tf.tensor2d([
      [0, 0],
      [40, 0],
      [0, 5],
    ]);
    const classes = tf.tensor2d([
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    const [even, sure, wrong] = hardnessOf(logits, classes).dataSync();
    expect(even).toBeCloseTo(Math.log(2), 5);
    expect(sure).toBeCloseTo(40, 3);
    expect(wrong).toBeCloseTo(-Math.log(1 - 1 / (1 + Math.exp(5))), 5);
  });
});

describe('applyChoices', () => {
  const space = searchSpace({ only: ['brightness', 'rotate', 'contrast'], subPolicies: 1, stages: 2 });

  it('has the gradient of the expected loss by the ranges', () => {
    const images = tf.tensor4d(pictures([96, 12, 12, 3], keyOf(5)), [96, 12, 12, 3]);
    const start = initialPolicy(space);
    const choices = drawChoices(space, readPolicy(start), keyOf(9), 96);
    const weights = tf.tensor4d(pictures([1, 12, 12, 3], keyOf(6)), [1, 12, 12, 3]);
    const loss = (params: typeof start) =>
      tf.tidy(() => {
        const x = applyChoices(space, params, images, choices, keyOf(4));
        return tf.mean(tf.square(tf.sub(x, weights))) as tf.Scalar;
      });
    const names = ['policy/center', 'policy/width'] as const;
    const slopes = tf.grads((center, width) =>
      loss({ ...start, [names[0]]: center as tf.Tensor, [names[1]]: width as tf.Tensor }),
    )(names.map((name) => start[name] as tf.Tensor));
    for (const [k, name] of names.entries()) {
      const own = [...(slopes[k] as tf.Tensor).dataSync()];
      const counted = own.map((_, at) => {
        const moved = (by: number) => {
          const numbers = (start[name] as tf.Tensor).dataSync().slice();
          numbers[at] = (numbers[at] as number) + by;
          return loss({ ...start, [name]: tf.tensor1d(numbers) }).dataSync()[0] as number;
        };
        return (moved(0.2) - moved(-0.2)) / 0.4;
      });
      const product = (a: readonly number[], b: readonly number[]) =>
        a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
      const size = Math.sqrt(product(own, own) * product(counted, counted));
      expect(size).toBeGreaterThan(1e-6);
      expect(product(own, counted) / size).toBeGreaterThan(0.94);
    }
  });

  it('leaves images alone that no stage touches, and all others where they are', () => {
    const images = tf.tensor4d(pictures([6, 12, 12, 3], keyOf(5)), [6, 12, 12, 3]);
    const start = initialPolicy(space);
    const none = drawChoices(space, readPolicy(start), keyOf(9), 6).map((stage) => ({
      ...stage,
      applied: Float32Array.from(stage.applied, (_, i) => (i === 2 ? 1 : 0)),
    }));
    const out = applyChoices(space, start, images, none, keyOf(4)).dataSync();
    const before = images.dataSync();
    for (const row of [0, 1, 3, 4, 5])
      expect([...out.subarray(row * 432, (row + 1) * 432)]).toEqual([
        ...before.subarray(row * 432, (row + 1) * 432),
      ]);
    expect([...out.subarray(864, 1296)]).not.toEqual([...before.subarray(864, 1296)]);
  });

  it('magnitudes lie where the draws say, within the range', () => {
    const start = initialPolicy(space);
    const rotate = space.ops.find(({ name }) => name === 'rotate');
    const at = Int32Array.of(0, 0, 0);
    const m = magnitudesOf(rotate as never, start, at, Float32Array.of(-1, 0, 0.5)).dataSync();
    for (const [i, expected] of [-22.5, 0, 11.25].entries()) expect(m[i]).toBeCloseTo(expected, 3);
  });
});

describe('critic()', () => {
  it('drops the op that turns one class into another, and keeps a harmless one', async () => {
    const given = problem(STANDARD_OPS, FLIP_OR_LIGHT);
    const strategy = critic({ ...SMALL, steps: 400 });
    const context = contextOf(given, 'handed');
    expect(await strategy.propose([], context)).toEqual([]);
    const policy = await strategy.conclude([], context);
    const share = (op: string) =>
      appliedOf(policy, given.space).ops.find((one) => one.op === op)?.share as number;
    expect(share('horizontalFlip')).toBeLessThan(0.05);
    expect(share('brightness')).toBeGreaterThan(2 * share('horizontalFlip'));
    const account = await strategy.account?.([], context);
    expect(account?.withoutGradient).toEqual([]);
    expect(account?.moved).toBeGreaterThan(0.1);
    expect(account?.trace.length).toBeGreaterThan(20);
    expect(account?.trace.at(-1)?.progress).toBe(1);
    for (const { strength, values } of account?.trace ?? []) {
      expect(strength).toBeGreaterThanOrEqual(0);
      for (const value of Object.values(values)) expect(Number.isFinite(value)).toBe(true);
    }
  });

  it('stopped and resumed, ends with the same policy and the same curves', async () => {
    const given = problem(STANDARD_OPS, FLIP_OR_LIGHT);
    const options = { ...SMALL, steps: 40 };
    const whole = critic(options);
    const expected = [
      await whole.conclude([], contextOf(given, 'whole')),
      await whole.account?.([], contextOf(given, 'whole')),
    ];
    const stop = new AbortController();
    const context = contextOf(given, 'cut', stop.signal);
    const cut = { ...context, progress: (_: string, share: number) => share >= 0.5 && stop.abort() };
    const before = tf.memory().numTensors;
    await expect(critic(options).conclude([], cut as StrategyContext)).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before);
    const again = contextOf(given, 'cut');
    expect([await critic(options).conclude([], again), await critic(options).account?.([], again)]).toEqual(
      expected,
    );
  });

  it('lets an op of a plugin take part without a twin, and says so; its range stays as it starts', async () => {
    const dim = defineTransform({
      name: 'dim',
      options: z.strictObject({ amount: z.number().min(0).max(1).default(0.5) }),
      params: z.strictObject({ amount: z.number() }),
      draw: (_, { amount }) => ({ amount }),
      lower: ({ amount }, plan) => plan.lookUp((v) => v * (1 - amount)),
    });
    const own = searchOp(dim, { option: 'amount', low: 0, high: 0.8 });
    const given = problem([...STANDARD_OPS, own], [...FLIP_OR_LIGHT, 'dim']);
    const strategy = critic({ ...SMALL, steps: 60 });
    const policy = await strategy.conclude([], contextOf(given, 'plugin'));
    const account = await strategy.account?.([], contextOf(given, 'plugin'));
    expect(account?.withoutGradient).toEqual(['dim']);
    const setting = policy.subPolicies[0]?.stages[0]?.find(({ op }) => op === 'dim');
    expect(setting?.low).toBeCloseTo(0.2, 6);
    expect(setting?.high).toBeCloseTo(0.6, 6);
    expect(setting?.p).not.toBe(0.5);
  });

  it('refuses an op that changes the size of an image, by its name', async () => {
    const own = searchOp(resize, { option: 'size', low: 8, high: 8, name: 'smaller' });
    const given = problem([...STANDARD_OPS, own], ['smaller', 'brightness']);
    await expect(critic({ ...SMALL, steps: 10 }).conclude([], contextOf(given, 'smaller'))).rejects.toThrow(
      /search: smaller: expected images of 12×12 but it makes 8×8; leave it out/,
    );
  });

  it('leaves no tensor behind', async () => {
    const given = problem(STANDARD_OPS, FLIP_OR_LIGHT);
    await critic({ ...SMALL, steps: 10 }).conclude([], contextOf(given, 'first'));
    const before = tf.memory().numTensors;
    await critic({ ...SMALL, steps: 10 }).conclude([], contextOf(given, 'second'));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("critic({ objective: 'published' })", () => {
  it('is less the score and a tenth of the cross-entropy, with a multiplier that stays', () => {
    const options = parseCritic({ objective: 'published' });
    expect(options).toMatchObject({ hardness: 0, teacher: 0.1, critic: 1 });
    tf.tidy(() => {
      const slots = moveConstraint(startConstraint(options), tf.scalar(5), options);
      expect(lambdaOf(slots).dataSync()[0]).toBe(1);
    });
  });

  it('refuses options that have no part in it, by name', () => {
    expect(() => critic({ objective: 'published', slack: 0.2, hardness: 1 })).toThrow(
      "critic: the published objective has no 'hardness', 'slack'; take them out, or leave objective at 'constrained'",
    );
  });

  it('takes training images for the real ones: it needs no held-out ones', async () => {
    const context = contextOf(problem(STANDARD_OPS, FLIP_OR_LIGHT), 'published');
    const heldOut = { ...data.heldOut, ids: [], pixels: new Uint8Array() };
    const without = { ...context, data: { ...data, heldOut } };
    const strategy = critic({ ...SMALL, steps: 30, objective: 'published' });
    const policy = await strategy.conclude([], without);
    expect(policy.subPolicies[0]?.stages[0]).toHaveLength(2);
    expect((await strategy.account?.([], without))?.moved).toBeGreaterThan(0);
    await expect(
      critic({ ...SMALL, steps: 30 }).conclude([], { ...without, dir: join(root, 'none') }),
    ).rejects.toThrow('critic: heldOut: expected at least 8 images but received 0');
  });
});
