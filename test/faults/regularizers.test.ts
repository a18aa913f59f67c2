/** Whatever is wrong with a regularizer's options, its user gets one sentence that names the option, before training. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/core/index.js';
import {
  adam,
  alphaDropout,
  attention,
  dropBlock,
  dropConnect,
  dropout,
  elasticNet,
  embedding,
  embeddingDropout,
  gaussianDropout,
  l1,
  maxNorm,
  mlp,
  orthogonal,
  resnet,
  sgd,
  shakeDrop,
  spatialDropout,
  stochasticDepth,
  type TrainOptions,
  train,
  variationalGaussianDropout,
} from '../../src/train/index.js';
import { fakeBatches } from '../train/batches.js';

const dir = mkdtempSync(join(tmpdir(), 'rxaug-bad-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const HOSTILE: readonly unknown[] = [
  1,
  1.5,
  -0.1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '0.5',
  null,
  [0.5],
  { rate: 0.5 },
];
type Make = (rate: never) => unknown;

function sentenceOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('was taken');
}

/** `owner: option: expected … but received …`, in one line, and no name of a library in it. */
function isOneSentence(sentence: string, words: RegExp): void {
  expect(sentence).toMatch(words);
  expect(sentence).not.toMatch(/\n|Zod|undefined is not|Invalid input|\[object/);
  expect(sentence.length).toBeLessThan(300);
}

describe('rates outside [0, 1)', () => {
  const layers: Record<string, Make> = {
    dropout: (rate) => dropout(rate),
    gaussianDropout: (rate) => gaussianDropout(rate),
    variationalGaussianDropout: (rate) => variationalGaussianDropout(rate),
    alphaDropout: (rate) => alphaDropout(rate),
    spatialDropout: (rate) => spatialDropout(rate),
    dropBlock: (rate) => dropBlock(rate),
    dropConnect: (rate) => dropConnect(2, { rate }),
    embedding: (rate) => embedding(3, 2, { rate }),
    embeddingDropout: (rate) => embeddingDropout(rate),
    stochasticDepth: (rate) => stochasticDepth(rate),
    shakeDrop: (rate) => shakeDrop(rate),
  };
  const others: Record<string, [Make, RegExp]> = {
    attention: [(rate) => attention(1, { dropout: rate }), /^attention: dropout(\.schedule)?: /],
    'resnet, depth': [(rate) => resnet(8, { stochasticDepth: rate }), /^resnet: stochasticDepth/],
    'resnet, dropout': [(rate) => resnet(8, { dropout: rate }), /^resnet: dropout(\.schedule)?: /],
    mlp: [(rate) => mlp({ hidden: [4], dropout: rate }), /^mlp: dropout(\.schedule)?: /],
  };
  const all = [
    ...Object.entries(layers).map(([name, make]) => {
      // { rate: 0.5 } is the form before 0.2 of those that take the rate first.
      const words = `^${name}: (rate(\\.schedule)?: expected |the rate is now the first argument; write )`;
      return [name, make, new RegExp(words)] as const;
    }),
    ...Object.entries(others).map(([name, [make, words]]) => [name, make, words] as const),
  ];

  test.each(all)('%s', (name, make, words) => {
    for (const rate of HOSTILE) {
      if (name === 'resnet, depth' && typeof rate === 'object' && rate !== null && 'rate' in rate) continue; // that is one of its forms
      isOneSentence(
        sentenceOf(() => make(rate as never)),
        words,
      );
    }
  });
});

describe('options of the trainer', () => {
  const of = (more: object) => () => train(fakeBatches().batches$, { model: mlp(), ...more } as TrainOptions);

  test.each([
    [{ adaptiveClip: { ratio: 0.1 } }, "train: adaptiveClip: unknown option 'ratio'; it is now 'threshold'"],
    [
      { adaptiveClip: { except: 'head' } },
      "train: adaptiveClip: unknown option 'except'; it is now 'exclude'",
    ],
    [{ manifoldMixup: { at: ['input'] } }, "train: manifoldMixup: unknown option 'at'; it is now 'layers'"],
  ])('an old name is refused with the new one: %j', (more, said) => {
    expect(sentenceOf(of(more))).toBe(said);
  });

  const bad: [string, readonly unknown[], (value: unknown) => object][] = [
    [
      'labelSmoothing',
      [1, 1.2, -0.1, Number.NaN, '0.1', { epsilon: 1 }, { epsilon: 0.1, form: 'soft' }],
      (v) => ({ labelSmoothing: v }),
    ],
    ['weightDecay', [-1, Number.NaN, Number.POSITIVE_INFINITY, '1e-4'], (v) => ({ weightDecay: v })],
    ['l2', [-1, Number.NaN], (v) => ({ l2: v })],
    ['clipNorm', [0, -1, Number.NaN], (v) => ({ clipNorm: v })],
    ['clipValue', [0, Number.NaN], (v) => ({ clipValue: v })],
    ['sam', [-0.1, Number.NaN], (v) => ({ sam: v })],
    ['rDrop', [-1], (v) => ({ rDrop: v })],
    ['confidencePenalty', [-1, Number.NaN], (v) => ({ confidencePenalty: v })],
    ['ema.decay', [1, -0.1, Number.NaN], (decay) => ({ ema: { decay } })],
    ['gradientNoise.eta', [0, -1], (eta) => ({ gradientNoise: { eta } })],
    ['manifoldMixup.alpha', [-1], (alpha) => ({ manifoldMixup: { alpha } })],
    ['adaptiveClip.threshold', [0, -1], (threshold) => ({ adaptiveClip: { threshold } })],
    ['distill.temperature', [0, -1], (temperature) => ({ distill: { teacher: 'a.ckpt', temperature } })],
    ['distill.weight', [-0.1, 1.1], (weight) => ({ distill: { teacher: 'a.ckpt', weight } })],
    ['distill.teacher', ['', 3, null, {}], (teacher) => ({ distill: { teacher } })],
    ['penalties[0]', [3, 'l1', {}, null], (penalty) => ({ penalties: [penalty] })],
    ['learningRate', [-1, Number.NaN, 'fast'], (v) => ({ learningRate: v })],
    [
      'earlyStopping.patience',
      [0, 1.5, -1],
      (patience) => ({ earlyStopping: { patience }, validation: () => fakeBatches().batches$ }),
    ],
  ];

  test.each(bad)('%s', (option, values, options) => {
    const escaped = option.replace(/[[\].]/g, '\\$&');
    for (const value of values)
      isOneSentence(sentenceOf(of(options(value))), new RegExp(`^train: ${escaped}(\\.\\w+)?: `));
  });

  test('penalties and optimizers', () => {
    isOneSentence(
      sentenceOf(() => l1(Number.NaN)),
      /^l1: lambda: expected /,
    );
    isOneSentence(
      sentenceOf(() => elasticNet({ l1: -1, l2: 0 })),
      /^elasticNet: l1: expected /,
    );
    isOneSentence(
      sentenceOf(() => orthogonal(-1)),
      /^orthogonal: lambda: expected /,
    );
    isOneSentence(
      sentenceOf(() => maxNorm(0)),
      /^maxNorm: \w+: expected /,
    );
    isOneSentence(
      sentenceOf(() => sgd({ momentum: 1 })),
      /^sgd: momentum: expected /,
    );
    isOneSentence(
      sentenceOf(() => adam({ beta2: 1 })),
      /^adam: beta2: expected /,
    );
  });
});

describe('what only training can know', () => {
  const told = async (more: object, given = fakeBatches()) => {
    const before = given.alive();
    const error = await train(given.batches$, {
      model: mlp({ hidden: [4] }),
      backend: 'cpu',
      ...more,
    } as TrainOptions)
      .forEach(() => {})
      .then(
        () => new Error('was taken'),
        (failure: Error) => failure,
      );
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(given.alive()).toBe(before); // batches are given back all the same
    return error.message;
  };

  test('a teacher that is not there, is none, or is damaged', async () => {
    const [text, cut] = [join(dir, 'text.ckpt'), join(dir, 'cut.ckpt')];
    writeFileSync(text, 'hello');
    writeFileSync(cut, 'RXAUGCP2\x10\0\0\0{"identity"');
    isOneSentence(
      await told({ distill: { teacher: join(dir, 'none.ckpt') } }),
      /^checkpoint .*none\.ckpt: cannot be read .*; check the path$/,
    );
    isOneSentence(
      await told({ distill: { teacher: text } }),
      /^checkpoint .*: is not a checkpoint of rxaug; /,
    );
    isOneSentence(await told({ distill: { teacher: cut } }), /^checkpoint .*: is damaged or cut short; /);
  });

  test('a teacher of other classes, from a checkpoint', async () => {
    const teacher = join(dir, 'teacher');
    await train(fakeBatches({ classes: 4 }).batches$, {
      model: mlp({ hidden: [4] }),
      backend: 'cpu',
      checkpoint: { dir: teacher },
    }).forEach(() => {});
    isOneSentence(
      await told({ distill: { teacher: join(teacher, 'last.ckpt') } }),
      /^distill: expected a teacher of the classes of the data \('class0', .*\) but mlp-4 also has 'class3'; use a teacher trained on the same classes/,
    );
  });

  test('a checkpoint of another model, by its own words', async () => {
    const other = join(dir, 'other');
    await train(fakeBatches().batches$, {
      model: mlp({ hidden: [4] }),
      backend: 'cpu',
      checkpoint: { dir: other },
    }).forEach(() => {});
    const resumed = { checkpoint: { dir: other }, resume: true };
    isOneSentence(
      await told({ ...resumed, model: mlp({ hidden: [5] }) }),
      /^checkpoint .*last\.ckpt: holds model .*; resume with the same model and options, or start in another folder$/,
    );
    isOneSentence(
      await told({ ...resumed, optimizer: adam() }),
      /^checkpoint .*: holds optimizer 'sgd', not 'adam'; /,
    );
  });

  test.each([
    [
      { penalties: [l1(1e-4, { params: 'stem/**' })] },
      /^l1: params: the pattern 'stem\/\*\*' matches no kernel of the model; its kernels are .+$/,
    ],
    [
      { manifoldMixup: { layers: ['stage9'] } },
      /^manifoldMixup: layers: the pattern 'stage9' matches no layer of the model; /,
    ],
    [
      { adaptiveClip: { exclude: 'tail' } },
      /^adaptiveClip: exclude: the pattern 'tail' matches no parameter of the model; /,
    ],
    [
      { learningRate: 1e30, optimizer: sgd() },
      /^train: the (loss|norm of the gradient) is (NaN|Infinity) at step \d+ \(.*\); lower the learning rate, .*; first not finite: .+$/,
    ],
  ])('%o', async (more, words) => {
    isOneSentence(await told(more), words);
  });
});
