/** Stages that draw from generative models: their formulas, their recipes, and that only the key decides. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { normalize, STATISTICS } from '../../src/augment/index.js';
import { type Batch, type Draw, Draws, fold, keyOf } from '../../src/core/index.js';
import { criticParts } from '../../src/gan/adversarial/critic.js';
import { buildGan } from '../../src/gan/adversarial/gan.js';
import { buildCoder, partsOf } from '../../src/gan/autoencoder/autoencoder.js';
import { buildDagan } from '../../src/gan/dagan/dagan.js';
import type { ModelFunction } from '../../src/gan/functions.js';
import {
  Autoencoder,
  autoencoder,
  classifierLabels,
  confidenceFilter,
  criticFilter,
  dagan,
  functionOnnx,
  Generator,
  gan,
  ganMix,
  ganTranslate,
  ImageAugmenter,
  latentBank,
  latentNoise,
  replayGanMix,
  replayGanMixLabels,
  replayGanTranslate,
  replayLatentNoise,
} from '../../src/gan/index.js';
import { initializeParts, type Part } from '../../src/gan/part.js';
import { bankOf, codesByClass } from '../../src/gan/stages/bank.js';
import { codecOf } from '../../src/gan/stages/codec.js';
import { type Perturbation, perturb } from '../../src/gan/stages/perturb.js';
import { onnxModel, traceFunction, writeOnnx } from '../../src/graph/index.js';
import { batch, horizontalFlip, mixup, pull, samples } from '../../src/index.js';
import { all, dataset, digest, digests, failure, itemOf } from '../stream/make.js';
import { fakeBatches } from '../train/batches.js';
import { useBackend } from '../train/golden.js';
import { colored } from './colored.js';

const look = { input: [8, 8, 3], classes: ['class0', 'class1', 'class2'] };
const stateOf = (parts: Part[], key = 3) => ({ ...initializeParts(parts, keyOf(key)), slots: {} });
const coder = (options: Parameters<typeof autoencoder>[0] = {}) => {
  const built = buildCoder(autoencoder({ latent: 5, width: 8, ...options }), look);
  return new Autoencoder(built, stateOf(partsOf(built)));
};
const generator = () => {
  const built = buildGan(gan({ latent: 4, width: 4, criticWidth: 4 }), look);
  return new Generator(built, stateOf([built.generator, ...criticParts(built.critic)]));
};
const augmenter = () => {
  const built = buildDagan(dagan({ latent: 4, width: 4, criticWidth: 4 }), look);
  return new ImageAugmenter(built, stateOf([...built.generator.parts, ...criticParts(built.critic)]));
};

let tensors: number;
beforeAll(async () => {
  await useBackend('wasm');
  tensors = tf.memory().numTensors;
});
afterAll(() => expect(tf.memory().numTensors).toBe(tensors));

const whole = ({ images }: Batch) => Float32Array.from(images);
const paramsOf = (b: Batch) =>
  b.recipe[0].params as { rows: number[]; classes: number[]; codes: number[][]; model: string };
const row = (b: Batch, images: Float32Array, i: number) =>
  images.subarray(i * b.channels * 64, (i + 1) * b.channels * 64);

const diverged = (f: ModelFunction): ModelFunction => ({
  ...f,
  run: (inputs) => ({ images: tf.mul(Object.values(f.run(inputs))[0], Number.NaN) }),
});

describe('perturb', () => {
  const L = 3;
  const codes = Array.from({ length: 40 }, (_, i) =>
    Float32Array.from({ length: L }, (_, k) => Math.sin(3 * i + k) + (i % 2) * 10),
  );
  const bank = codesByClass(codes.map((code, i) => [i % 2, i, code] as const));
  const base: Perturbation = { mode: 'noise', sigma: 0.5, lambda: 0.5, neighbors: 3, from: 'neighbor' };
  const many = (change: Partial<Perturbation>, n = 300) =>
    Array.from(
      { length: n },
      (_, k) =>
        perturb(codes[4], 4, 0, bank, new Draws(fold(keyOf(1), k)), { ...base, ...change }) as Float32Array,
    );
  const own = codes.filter((_, i) => i % 2 === 0 && i !== 4);
  const far = (y: Float32Array) => y.reduce((sum, v, k) => sum + (v - codes[4][k]) ** 2, 0);
  const near = [...own].sort((a, b) => far(a) - far(b)).slice(0, 3);
  const matches = (a: Float32Array, b: Float32Array | number[]) =>
    a.every((v, k) => Math.abs(v - b[k]) < 1e-5);

  test.each([
    ['interpolate', 1],
    ['extrapolate', -1],
  ] as const)('%s goes along the line to one of the nearest', (mode, sign) => {
    const wanted = near.map((y) => codes[4].map((c, k) => c + sign * 0.5 * (y[k] - c)));
    const made = many({ mode });
    for (const code of made) expect(wanted.some((each) => matches(code, each))).toBe(true);
    for (const each of wanted) expect(made.some((code) => matches(code, each))).toBe(true);
  });

  test('a share of the class counts as near too', () => {
    const made = many({ mode: 'interpolate', neighbors: 0.05, lambda: 1 });
    expect(new Set(made.map(String))).toEqual(new Set([String(near[0])])); // 5 % of 20
  });

  test('extrapolate leads away from the mean of the class', () => {
    const mean = [0, 1, 2].map((k) =>
      codes.filter((_, i) => i % 2 === 0).reduce((sum, c) => sum + c[k] / 20, 0),
    );
    const [made] = many({ mode: 'extrapolate', from: 'mean' }, 1);
    expect(
      matches(
        made,
        codes[4].map((c, k) => c + 0.5 * (c - mean[k])),
      ),
    ).toBe(true);
  });

  test('linearPolate adds the difference of two others of the class', () => {
    const differences = own.flatMap((a) =>
      own.filter((b) => b !== a).map((b) => codes[4].map((c, k) => c + 0.5 * (a[k] - b[k]))),
    );
    const made = many({ mode: 'linearPolate' }, 60);
    for (const code of made) expect(differences.some((each) => matches(code, each))).toBe(true);
    expect(new Set(made.map(String)).size).toBeGreaterThan(40);
  });

  test.each([
    ['noise', bank.sigma],
    ['resample', bank.byClass.get(0)?.sigma],
  ] as const)('%s has the deviation γσ', (mode, sigma) => {
    const made = many({ mode }, 3000);
    for (let k = 0; k < L; k++) {
      const off = made.map((code) => code[k] - codes[4][k]);
      const mean = off.reduce((sum, x) => sum + x, 0) / off.length;
      const deviation = Math.sqrt(off.reduce((sum, x) => sum + (x - mean) ** 2, 0) / off.length);
      const wanted = 0.5 * (sigma as Float32Array)[k];
      expect(Math.abs(mean)).toBeLessThan(0.1 * wanted);
      expect(deviation / wanted).toBeCloseTo(1, 1);
    }
    expect(bank.sigma[0]).toBeGreaterThan(4 * (bank.byClass.get(0)?.sigma[0] as number)); // the two differ at all
  });

  test('a class with too few codes leaves a code as it is', () => {
    const lonely = codesByClass([[0, 4, codes[4]]]);
    for (const mode of ['interpolate', 'extrapolate', 'linearPolate'] as const) {
      expect(perturb(codes[4], 4, 0, lonely, new Draws(keyOf(1)), { ...base, mode })).toBeUndefined();
    }
    expect(
      perturb(codes[4], 4, 7, lonely, new Draws(keyOf(1)), { ...base, mode: 'resample' }),
    ).toBeUndefined();
  });
});

describe('latentBank', () => {
  test('is the same in any batches, bounded, and that of another seed is another', async () => {
    using model = coder();
    const one = colored({ size: 12, perEpoch: 4 });
    const list = await all(one.batches$);
    const rows = list.flatMap((b) => b.samples.map((_, i) => ({ b, i })));
    // The same samples in other batches: by twos, the last ones first.
    const { batches$, alive } = colored({
      size: 2,
      perEpoch: 24,
      change: (b) => {
        rows.slice(-2 * b.index - 2, rows.length - 2 * b.index).forEach(({ b: from, i }, at) => {
          b.images.set(row(from, from.images as Float32Array, i), at * 192);
          b.labels[at] = from.labels[i];
          (b.samples as unknown[])[at] = from.samples[i];
        });
        return b;
      },
    });
    const again = colored({ size: 12, perEpoch: 4 });
    const options = { perClass: 6, seed: 2 };
    const [first, second] = [
      await latentBank(model, again.batches$, options),
      await latentBank(model, batches$, options),
    ];
    expect([alive(), again.alive()]).toEqual([0, 0]);
    expect([...second.byClass].map(([label, { indices }]) => [label, indices])).toEqual(
      [...first.byClass].map(([label, { indices }]) => [label, indices]),
    );
    for (const { indices, codes } of first.byClass.values())
      expect([indices.length, codes.length]).toEqual([6, 6]);
    const other = await latentBank(model, colored({ size: 12, perEpoch: 4 }).batches$, {
      ...options,
      seed: 3,
    });
    expect(other.sha256).not.toBe(first.sha256);
    for (const b of list) b.dispose();
  });
});

describe('latentNoise', () => {
  test('changes only the perturbed rows, and its recipe makes the same images again', async () => {
    using model = coder({ conditional: true });
    const bank = await latentBank(model, colored({ size: 12, perEpoch: 4 }).batches$, { perClass: 8 });
    for (const mode of ['noise', 'interpolate', 'extrapolate', 'linearPolate', 'resample'] as const) {
      const before = (await all(colored({ size: 10, perEpoch: 2 }).batches$)).map(whole);
      const fake = colored({ size: 10, perEpoch: 2 });
      const after = await all(fake.batches$.pipe(latentNoise(model, { mode, bank })));
      expect(after).toHaveLength(2);
      for (const [n, b] of after.entries()) {
        const { rows, classes, codes } = paramsOf(b);
        expect(rows.length).toBeGreaterThan(0);
        expect(rows.length).toBeLessThan(10);
        expect(classes).toEqual(rows.map((i) => b.labels[i]));
        expect(b.mixes).toBe(1);
        const images = whole(b);
        const replayed = await replayLatentNoise(JSON.parse(JSON.stringify(b.recipe[0])) as Draw, model);
        for (let i = 0; i < 10; i++) {
          const at = rows.indexOf(i);
          const wanted = at < 0 ? row(b, before[n], i) : row(b, replayed, at);
          expect(row(b, images, i)).toEqual(wanted);
        }
        const decoded = tf.tidy(() => model.decode(tf.tensor2d(codes), classes).dataSync()) as Float32Array;
        expect(replayed).toEqual(decoded);
        b.dispose();
      }
      expect(fake.alive()).toBe(0);
    }
  });

  test('a run that begins in the middle sees the same, with and without a bank', async () => {
    using model = coder();
    const bank = await latentBank(model, colored({ size: 12, perEpoch: 4 }).batches$);
    for (const options of [{ bank }, {}]) {
      const stream = () =>
        colored({ size: 9, perEpoch: 4 }).batches$.pipe(
          latentNoise(model, { mode: 'extrapolate', ...options }),
        );
      const full = await digests(stream());
      expect(await digests(stream(), { start: { epoch: 0, batch: 2 } })).toEqual(full.slice(2));
      expect(new Set(full).size).toBe(4);
    }
  });

  test('any number of workers, with operators before and after', async () => {
    using model = coder();
    const at = (workers: number) =>
      samples(() => dataset(40, (i) => itemOf(i, { width: 8, height: 8 })), { seed: 4, shuffle: true }).pipe(
        horizontalFlip(),
        normalize(STATISTICS.symmetric),
        batch(8, { workers }),
        latentNoise({ functions: model.functions }, { mode: 'interpolate', share: 0.7 }),
        mixup(0.4),
      );
    const alone = await digests(at(0));
    expect(alone).toHaveLength(5);
    expect(await digests(at(2))).toEqual(alone);
  });

  test('a bank is of one encoder: another model of the same size is refused, the same one anew is not', async () => {
    const [built, state] = [buildCoder(autoencoder({ latent: 5, width: 8 }), look), 4] as const;
    using model = coder();
    using same = coder();
    using other = new Autoencoder(built, stateOf(partsOf(built), state));
    const bank = await latentBank(model, colored({ size: 12, perEpoch: 4 }).batches$);
    const run = (by: Autoencoder) => {
      const fake = colored({ size: 9, perEpoch: 1 });
      return { fake, list: all(fake.batches$.pipe(latentNoise(by, { mode: 'extrapolate', bank }))) };
    };
    const [b] = await run(same).list;
    expect(b.recipe).toHaveLength(1);
    const { fake, list } = run(other);
    expect(await failure(list)).toMatch(
      /^latentNoise: bank: expected codes of the encoder [0-9a-f]{64} but received those of [0-9a-f]{64}; make the bank/,
    );
    expect(fake.alive()).toBe(0);
  });

  test('batches of codes', async () => {
    using model = coder();
    const [b] = await all(
      colored({ size: 6, perEpoch: 1 }).batches$.pipe(latentNoise(model, { as: 'features', share: 0 })),
    );
    const [plain] = await all(colored({ size: 6, perEpoch: 1 }).batches$);
    const codes = tf.tidy(() =>
      model.encode(tf.tensor4d(plain.images as Float32Array, [6, 8, 8, 3])).dataSync(),
    );
    expect([b.height, b.width, b.channels, b.recipe]).toEqual([1, 1, 5, []]);
    expect(b.images).toEqual(codes);
    const [noisy] = await all(
      colored({ size: 6, perEpoch: 1 }).batches$.pipe(latentNoise(model, { as: 'features', share: 1 })),
    );
    expect([...noisy.images]).toEqual(paramsOf(noisy).codes.flat());
  });

  test('an autoencoder that comes back as ONNX does the same, to rounding', async () => {
    using model = coder({ conditional: true });
    await using encode = await onnxModel(functionOnnx(model, 'encode'), {
      outputs: { codes: { shape: [null, 5] } },
    });
    await using decode = await onnxModel(functionOnnx(model, 'decode'));
    const options = { mode: 'extrapolate', share: 0.6 } as const;
    const [mine] = await all(colored({ size: 9, perEpoch: 1 }).batches$.pipe(latentNoise(model, options)));
    const [theirs] = await all(
      colored({ size: 9, perEpoch: 1 }).batches$.pipe(latentNoise({ encode, decode }, options)),
    );
    expect(paramsOf(theirs).rows).toEqual(paramsOf(mine).rows);
    expect(paramsOf(theirs).model).toBe(decode.sha256);
    const worst = (mine.images as Float32Array).reduce(
      (most: number, x: number, i: number) => Math.max(most, Math.abs(x - theirs.images[i])),
      0,
    );
    expect(worst).toBeLessThan(1e-4);
  });

  test('models and batches that do not fit are refused, and batches are disposed of', async () => {
    using model = coder();
    const run = async (fake: ReturnType<typeof fakeBatches>, ...more: Parameters<typeof latentNoise>) => {
      const sentence = await failure(all(fake.batches$.pipe(latentNoise(...more))));
      expect(fake.alive()).toBe(0);
      return sentence;
    };
    expect(await run(fakeBatches({ size: 4 }), model)).toMatch(/latentNoise: expected pixels in -1\.\.1/);
    expect(await run(colored({ size: 4, classes: 4 }), model)).toMatch(
      /^latentNoise: expected the classes of its model \('class0', 'class1', 'class2'\) but the data set also has 'class3'; /,
    );
    expect(await run(colored({ size: 4, side: 16 }), model)).toMatch(/expected images of 8×8×3/);
    const soft = (b: Batch) => ({ ...b, soft: new Float32Array(12).fill(1 / 3) });
    expect(await run(colored({ size: 4, change: soft }), model)).toMatch(/put it before mixup/);
    expect(() => latentNoise(model, { mode: 'exterpolate' as 'noise' })).toThrow(/latentNoise: mode/);
    using maker = generator();
    expect(() => latentNoise(maker)).toThrow(/expected a model that encodes and decodes/);
    using other = coder({ latent: 7 });
    const encoder = await codecOf('test', model).encoderSha256();
    const codesOf = (classes: number[], length = 5) =>
      bankOf(
        classes.map((label, i) => [label, 100 + i, new Float32Array(length).fill(i)] as const),
        encoder,
      );
    expect(() => latentNoise(model, { bank: codesOf([0, 0], 7) })).toThrow(
      /codes of 5 numbers but received 7/,
    );
    expect(() => latentNoise(model, { bank: codesOf([0, 0, 1]), mode: 'interpolate' })).toThrow(
      /at least 2 codes of each class for mode 'interpolate' but received '1 of class 1'/,
    );
    expect(() => latentNoise(model, { bank: codesOf([0, 0]), mode: 'linearPolate' })).toThrow(
      /at least 3 codes/,
    );
    const lacking = { bank: codesOf([0, 0, 1, 1]), mode: 'interpolate', share: 1 } as const;
    expect(await run(colored({ size: 20 }), model, lacking)).toMatch(
      /a bank with codes of the class class2 but received \["class0","class1"\]/,
    );
    const boxed = colored({ size: 4, change: (b) => ({ ...b, masks: { mask: new Uint8Array(256) } }) });
    expect(await run(boxed, model)).toMatch(/images with labels only/);
    const blind = { ...model.functions, decode: diverged(model.functions.decode) };
    expect(await run(colored({ size: 20 }), { functions: blind })).toMatch(
      /the model: expected finite outputs but received NaN; retrain it if it has diverged/,
    );
    const [b] = await all(colored({ size: 4, perEpoch: 1 }).batches$.pipe(latentNoise(model, { share: 1 })));
    expect(await failure(replayLatentNoise(b.recipe[0], other))).toMatch(
      /expected the model [0-9a-f]{64} of the recipe but received [0-9a-f]{64}; load that model/,
    );
  });
});

describe('ganMix', () => {
  const many = { size: 60, perEpoch: 3 };

  test('a share of the rows is made, of their own classes, and the recipe makes it again', async () => {
    using model = generator();
    const before = (await all(colored(many).batches$)).map(whole);
    const fake = colored(many);
    const after = await all(fake.batches$.pipe(ganMix(model, { share: 0.25 })));
    let made = 0;
    for (const [n, b] of after.entries()) {
      const { rows, classes } = paramsOf(b);
      made += rows.length;
      expect(classes).toEqual(rows.map((i) => b.labels[i]));
      const replayed = await replayGanMix(JSON.parse(JSON.stringify(b.recipe[0])) as Draw, model);
      const images = whole(b);
      for (let i = 0; i < 60; i++) {
        const at = rows.indexOf(i);
        expect(row(b, images, i)).toEqual(at < 0 ? row(b, before[n], i) : row(b, replayed, at));
      }
      b.dispose();
    }
    expect(made / 180).toBeGreaterThan(0.15);
    expect(made / 180).toBeLessThan(0.35);
    expect(fake.alive()).toBe(0);
  });

  test('classes by weight change labels, hard and soft', async () => {
    using model = generator();
    const soft = (b: Batch) => ({
      ...b,
      soft: Float32Array.from({ length: 180 }, (_, k) => Number(b.labels[Math.floor(k / 3)] === k % 3)),
    });
    const after = await all(
      colored({ ...many, change: soft }).batches$.pipe(
        ganMix(model, { share: 0.5, classBalance: [3, 0, 1] }),
      ),
    );
    const counts = [0, 0, 0];
    for (const b of after) {
      const { rows, classes } = paramsOf(b);
      rows.forEach((i, n) => {
        counts[classes[n]]++;
        expect(b.labels[i]).toBe(classes[n]);
        expect([...(b.soft as Float32Array).subarray(3 * i, 3 * i + 3)]).toEqual(
          [0, 1, 2].map((k) => Number(k === classes[n])),
        );
      });
    }
    expect(counts[1]).toBe(0);
    expect(counts[0] / counts[2]).toBeGreaterThan(1.7);
    expect(counts[0] / counts[2]).toBeLessThan(6);
    const uniform = await all(
      colored(many).batches$.pipe(ganMix(model, { share: 1, classBalance: 'uniform' })),
    );
    const drawn = uniform.flatMap((b) => paramsOf(b).classes);
    for (const k of [0, 1, 2]) expect(drawn.filter((c) => c === k).length).toBeGreaterThan(40);
  });

  test('only in its part of training, and only what passes the filter', async () => {
    using model = generator();
    const late = await all(
      colored({ size: 8, perEpoch: 4 }).batches$.pipe(ganMix(model, { share: 1, when: [0.5, 1] })),
    );
    expect(late.map(({ recipe }) => recipe.length)).toEqual([0, 0, 1, 1]);
    const asked: number[] = [];
    const filter = ({ classes, shape }: { classes: readonly number[]; shape: readonly number[] }) => {
      expect(shape).toEqual([classes.length, 8, 8, 3]);
      asked.push(...classes);
      return classes.map((label) => label === 1);
    };
    const [b] = await all(
      colored({ size: 30, perEpoch: 1 }).batches$.pipe(ganMix(model, { share: 1, filter })),
    );
    expect(asked).toHaveLength(30);
    expect(new Set(paramsOf(b).classes)).toEqual(new Set([1]));
    const replayed = await replayGanMix(b.recipe[0], model);
    paramsOf(b).rows.forEach((i, n) => {
      expect(
        Math.max(...row(b, whole(b), i).map((x, k) => Math.abs(x - row(b, replayed, n)[k]))),
      ).toBeLessThan(1e-5);
    });
    // A classifier that believes in class 2 alone.
    const logits = (images: tf.Tensor4D) =>
      tf.tile(tf.tensor2d([[0, 0, 5]]), [images.shape[0], 1]) as tf.Tensor2D;
    const [sure] = await all(
      colored({ size: 30, perEpoch: 1 }).batches$.pipe(
        ganMix(model, { share: 1, filter: confidenceFilter({ logits }, 0.9) }),
      ),
    );
    expect(new Set(paramsOf(sure).classes)).toEqual(new Set([2]));
  });

  test('criticFilter keeps the highest scores, with a trained critic and through ONNX', async () => {
    using model = generator();
    await using judge = await onnxModel(functionOnnx(model, 'score'));
    const run = async (filter?: ReturnType<typeof criticFilter>) =>
      (await all(colored({ size: 9, perEpoch: 1 }).batches$.pipe(ganMix(model, { share: 1, filter }))))[0];
    const every = await run();
    const made = tf.tensor4d(whole(every), [9, 8, 8, 3]);
    const score = model.score(made, Array.from(every.labels));
    const scores = [...(await score.data())];
    tf.dispose([made, score]);
    const best = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
    const sorted = (rows: readonly number[]) => [...rows].sort((a, b) => a - b);
    // The middle of two neighbors, so that rounding decides nothing.
    const least = (scores[best[2]] + scores[best[3]]) / 2;
    for (const critic of [model, judge]) {
      expect(paramsOf(await run(criticFilter(critic, { share: 0.5 }))).rows).toEqual(
        sorted(best.slice(0, 5)),
      );
      expect(paramsOf(await run(criticFilter(critic, { least }))).rows).toEqual(sorted(best.slice(0, 3)));
    }
    expect((await run(criticFilter(model, { least: 1e9 }))).recipe).toEqual([]);
    const asked = {
      images: whole(every),
      shape: [9, 8, 8, 3] as const,
      classes: [7, ...every.labels].slice(0, 9),
      names: look.classes,
    };
    await expect(criticFilter(model)(asked)).rejects.toThrow(
      /^criticFilter: expected labels in 0\.\.2 but received 7/,
    );
    await expect(confidenceFilter({ logits: () => tf.zeros([9, 3]) as tf.Tensor2D })(asked)).rejects.toThrow(
      /^ganMix: expected a classifier of the generator's classes but received '3 classes'/,
    );
    await expect(run(() => [true])).rejects.toThrow(
      /^ganMix: filter: expected one answer for each of 9 images/,
    );
    expect(() => criticFilter(model, { share: 0.5, least: 1 })).toThrow(
      /^criticFilter: expected share or least/,
    );
    using other = coder();
    expect(() => criticFilter(other as never)).toThrow(
      /^criticFilter: expected a critic of images and classes/,
    );
  });

  test('soft labels, by smoothing and by a classifier; the recipe gives them again', async () => {
    using model = generator();
    const mixed = async (options: Parameters<typeof ganMix>[1]) => {
      const fake = colored({ size: 12, perEpoch: 4 });
      const after = await all(fake.batches$.pipe(ganMix(model, { share: 0.5, ...options })));
      for (const b of after) {
        const { rows, classes } = paramsOf(b);
        const soft = b.soft as Float32Array;
        const again = replayGanMixLabels(JSON.parse(JSON.stringify(b.recipe[0])) as Draw, 3);
        for (let i = 0; i < 12; i++) {
          const at = rows.indexOf(i);
          const own = [0, 1, 2].map((k) => Number(k === b.labels[i]));
          expect([...soft.subarray(3 * i, 3 * i + 3)]).toEqual(
            at < 0 ? own : [...again.subarray(3 * at, 3 * at + 3)],
          );
        }
        expect(classes).toEqual(rows.map((i) => b.labels[i]));
        b.dispose();
      }
      expect(fake.alive()).toBe(0);
      return after.map((b) => ({ ...paramsOf(b), again: replayGanMixLabels(b.recipe[0], 3) }));
    };
    const near = (numbers: ArrayLike<number>, wanted: readonly number[]) =>
      wanted.forEach((value, k) => {
        expect(numbers[k]).toBeCloseTo(value, 6);
      });

    const falling = { schedule: 'linear', from: 0.6, to: 0, start: 0, end: 1 } as const;
    (await mixed({ labels: { smoothing: falling } })).forEach(({ classes, again }, n) => {
      const ε = 0.6 * (1 - n / 4);
      classes.forEach((label, i) => {
        near(
          again.subarray(3 * i),
          [0, 1, 2].map((k) => (k === label ? 1 - ε + ε / 3 : ε / 3)),
        );
      });
    });

    // A classifier that goes by the mean of the image, so that rows in a wrong order would show.
    const logits = (images: tf.Tensor4D) =>
      tf.mul(tf.mean(images, [1, 2, 3], false).expandDims(1), [[9, 0, -9]]) as tf.Tensor2D;
    const filter = ({ classes }: { classes: readonly number[] }) => classes.map((_, i) => i % 2 === 1);
    const taught = await mixed({ filter, labels: classifierLabels({ logits }, { temperature: 2 }) });
    for (const { again, ...params } of taught) {
      const images = await replayGanMix({ op: 'ganMix', params }, model);
      params.rows.forEach((_, i) => {
        const mean = images.subarray(192 * i, 192 * (i + 1)).reduce((sum, x) => sum + x / 192, 0);
        const powers = [4.5, 0, -4.5].map((z) => Math.exp(z * mean));
        const total = powers[0] + powers[1] + powers[2];
        const wanted = powers.map((e) => e / total);
        [0, 1, 2].forEach((k) => {
          expect(again[3 * i + k]).toBeCloseTo(wanted[k], 4);
        });
      });
    }
    expect(new Set(taught.flatMap(({ again }) => [...again])).size).toBeGreaterThan(12);
  });

  test('invalid soft labels are refused, and so are mixed labels in later stages', async () => {
    using model = generator();
    using other = coder();
    const run = async (labels: NonNullable<Parameters<typeof ganMix>[1]>['labels']) => {
      const fake = colored({ size: 4 });
      const sentence = await failure(all(fake.batches$.pipe(ganMix(model, { share: 1, labels }))));
      expect(fake.alive()).toBe(0);
      return sentence;
    };
    expect(await run(() => [1, 0, 0])).toMatch(
      /ganMix: labels: expected 4 distributions over 3 classes, 12 numbers but received 3; return \[n, K\]/,
    );
    expect(await run(() => new Float32Array(12).fill(1))).toMatch(/expected probabilities that sum to 1/);
    expect(await run(() => [...Array(11).fill(1 / 3), Number.NaN])).toMatch(/probabilities that sum to 1/);
    expect(() => ganMix(model, { labels: { smoothing: 1.5 } })).toThrow(/ganMix: labels.*0\.\.1/);
    expect(() => ganMix(model, { labels: 'soft' as 'hard' })).toThrow(/ganMix: labels: expected 'hard', /);
    expect(() => classifierLabels({ logits: () => tf.zeros([1, 3]) }, { temperature: 0 })).toThrow(
      /classifierLabels: temperature: expected a number above 0/,
    );
    const fake = colored({ size: 4 });
    const soft$ = fake.batches$.pipe(ganMix(model, { share: 1, labels: { smoothing: 0.1 } }));
    expect(await failure(all(soft$.pipe(latentNoise(other))))).toMatch(/before ganMix with soft labels/);
  });

  test('a generator that comes back as ONNX does the same, to rounding; begun in the middle too', async () => {
    using model = generator();
    await using file = await onnxModel(functionOnnx(model, 'generate'));
    const stream = (by: Parameters<typeof ganMix>[0]) =>
      colored({ size: 16, perEpoch: 6 }).batches$.pipe(ganMix(by, { share: 0.5 }));
    const [mine, theirs] = [await all(stream(model)), await all(stream(file))];
    mine.forEach((b, n) => {
      expect(paramsOf(theirs[n]).codes).toEqual(paramsOf(b).codes);
      expect(paramsOf(theirs[n]).model).toBe(file.sha256);
      b.images.forEach((x: number, i: number) => {
        if (!(Math.abs(x - theirs[n].images[i]) < 1e-4)) expect.fail(`pixel ${i}`);
      });
    });
    const later = [];
    for await (const b of pull(stream(file), { start: { epoch: 0, batch: 1 } })) later.push(digest(b));
    expect(later).toEqual(theirs.slice(1).map(digest));
  });

  test('models and batches that do not fit are refused', async () => {
    using model = generator();
    using blind = coder();
    expect(() => ganMix(blind)).toThrow(/ganMix: expected a generator of a code and classes/);
    expect(() => ganMix(model, { classBalance: [1, 1] })).toThrow(/classBalance: expected 3 weights/);
    expect(() => ganMix(model, { when: [1, 0.5] })).toThrow(/ganMix: when/);
    await using file = await onnxModel(functionOnnx(model, 'generate'));
    const others = colored({
      size: 4,
      change: (b) => ({ ...b, origin: { ...b.origin, classes: ['x', 'y', 'z'] } }),
    });
    expect(await failure(all(others.batches$.pipe(ganMix(file))))).toMatch(
      /the classes of its model \('class0', 'class1', 'class2'\) but the data set also has 'x', 'y', 'z' and lacks/,
    );
    const fake = colored({ size: 4, side: 16 });
    expect(await failure(all(fake.batches$.pipe(ganMix(model, { share: 1 }))))).toMatch(
      /images of 16×16×3 from its generator/,
    );
    expect(fake.alive()).toBe(0);
    const boxed = colored({ size: 4, change: (b) => ({ ...b, masks: { mask: new Uint8Array(256) } }) });
    expect(await failure(all(boxed.batches$.pipe(ganMix(model))))).toMatch(/images with labels only/);
  });
});

describe('ganTranslate', () => {
  test('a share of rows is replaced by images of the model, trained here and through ONNX', async () => {
    using model = augmenter();
    await using file = await onnxModel(functionOnnx(model, 'generate'));
    const before = (await all(colored({ size: 12, perEpoch: 2 }).batches$)).map(whole);
    const fake = colored({ size: 12, perEpoch: 2 });
    const mine = await all(fake.batches$.pipe(ganTranslate(model)));
    const theirs = await all(colored({ size: 12, perEpoch: 2 }).batches$.pipe(ganTranslate(file)));
    for (const [n, b] of mine.entries()) {
      const { rows, codes } = paramsOf(b);
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.length).toBeLessThan(12);
      const originals = new Float32Array(rows.length * 192);
      rows.forEach((i, at) => {
        originals.set(row(b, before[n], i), at * 192);
      });
      const again = await replayGanTranslate(
        JSON.parse(JSON.stringify(b.recipe[0])) as Draw,
        model,
        originals,
      );
      const direct = tf.tidy(() =>
        model.augment(tf.tensor4d(originals, [rows.length, 8, 8, 3]), tf.tensor2d(codes)).dataSync(),
      );
      expect(again).toEqual(direct);
      for (let i = 0; i < 12; i++) {
        const at = rows.indexOf(i);
        expect(row(b, whole(b), i)).toEqual(at < 0 ? row(b, before[n], i) : row(b, again, at));
      }
      expect(paramsOf(theirs[n]).codes).toEqual(codes);
      b.images.forEach((x: number, i: number) => {
        if (!(Math.abs(x - theirs[n].images[i]) < 1e-4)) expect.fail(`pixel ${i}`);
      });
      b.dispose();
    }
    expect(fake.alive()).toBe(0);
    using maker = generator();
    expect(() => ganTranslate(maker)).toThrow(/ganTranslate: expected a model of images/);
  });

  test('a model of [B, C, H, W] in 0..1 receives that layout and range', async () => {
    // 1 − x in each pixel, and channels in reverse, as a model of PyTorch might have them.
    const graph = traceFunction(({ x }) => tf.sub(1, tf.reverse(x, [1])), {
      inputs: [{ name: 'x', shape: [null, 3, 8, 8] }],
    });
    const port = { layout: 'NCHW', range: [0, 1] } as const;
    await using model = await onnxModel(writeOnnx(graph), {
      inputs: { x: { ...port, range: [0, 1] } },
      outputs: { output: { ...port, range: [0, 1] } },
    });
    const [plain] = await all(colored({ size: 5, perEpoch: 1 }).batches$);
    for (const layout of ['HWC', 'CHW'] as const) {
      const change = (b: Batch): Batch => {
        if (layout === 'HWC') return b;
        const images = new Float32Array(b.images.length);
        for (let k = 0; k < images.length; k++) {
          const [n, p, c] = [Math.floor(k / 192), Math.floor((k % 192) / 3), k % 3];
          images[n * 192 + c * 64 + p] = b.images[k];
        }
        return { ...b, images, layout };
      };
      const [b] = await all(
        colored({ size: 5, perEpoch: 1, change }).batches$.pipe(ganTranslate(model, { share: 1 })),
      );
      for (let k = 0; k < plain.images.length; k++) {
        const [n, p, c] = [Math.floor(k / 192), Math.floor((k % 192) / 3), k % 3];
        const got = b.images[layout === 'HWC' ? k : n * 192 + c * 64 + p];
        if (!(Math.abs(got + plain.images[n * 192 + p * 3 + 2 - c]) < 1e-6)) expect.fail(`${layout} ${k}`);
      }
    }
  });
});
