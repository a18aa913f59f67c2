/** The leading arguments of factories, the form before 0.2, and configurations that were written with it. */
import { describe, expect, it, test } from 'vitest';
import { cosine, linear, steps, UsageError } from '../../src/core/index.js';
import { positional } from '../../src/core/positional.js';
import {
  cosineDecay,
  dense,
  dropout,
  elasticNet,
  embedding,
  type Layer,
  l1,
  l2,
  layerFrom,
  layerKinds,
  maxNorm,
  oneCycle,
  orthogonal,
  penaltyFrom,
  relu,
  reshape,
  residual,
  resnet,
  sequential,
  shakeShake,
  shakeShakeResnet,
  spectral,
  spectralNorm,
  stepDecay,
  tied,
  tiedTranspose,
  upsample,
  variationalGaussianDropout,
  wideResnet,
} from '../../src/train/index.js';
import * as layers from '../../src/train/layers/index.js';

type Factory = (...args: unknown[]) => Layer;
const factories = layers as unknown as Record<string, Factory>;

/** Every layer with leading arguments: these as they stand in its configuration, and some of its options. */
const LEADING: Record<string, [leading: Record<string, unknown>, options?: Record<string, unknown>]> = {
  alphaDropout: [{ rate: 0.2 }],
  attention: [{ heads: 2 }, { dropout: 0.1 }],
  avgPool: [{ size: 3 }, { stride: 1 }],
  classAffine: [{ classes: 5 }],
  classEmbedding: [{ classes: 5 }, { units: 3 }],
  conv2d: [{ filters: 8 }, { stride: 2, bias: false }],
  dense: [{ units: 10 }, { bias: false }],
  dropBlock: [{ rate: 0.2 }, { size: 3 }],
  dropConnect: [{ units: 4 }, { rate: 0.1 }],
  dropout: [{ rate: 0.3 }, { form: 'traditional' }],
  embedding: [{ vocabulary: 100, units: 7 }, { rate: 0.1 }],
  embeddingDropout: [{ rate: 0.2 }],
  gaussianDropout: [{ rate: 0.2 }],
  ghostBatchNorm: [{ size: 16 }, { momentum: 0.2 }],
  groupNorm: [{ groups: 4 }, { epsilon: 0.1 }],
  gru: [{ units: 6 }, { returnSequences: true }],
  leakyRelu: [{ slope: 0.3 }],
  locallyConnected2d: [{ filters: 3 }, { stride: 2 }],
  lstm: [{ units: 6 }, { inputDropout: 0.1 }],
  maxPool: [{ size: 3 }, { stride: 1 }],
  patchEmbedding: [{ width: 32 }, { patch: 2 }],
  reshape: [{ shape: [2, 6] }],
  shakeDrop: [{ rate: 0.2 }],
  spatialDropout: [{ rate: 0.2 }],
  standout: [{ units: 4 }, { beta: 1 }],
  stochasticDepth: [{ rate: 0.3 }, { mode: 'batch' }],
  subsample: [{ filters: 8 }, { stride: 3 }],
  tiedTranspose: [{ to: 'a/b' }, { bias: false }],
  twoPathShortcut: [{ filters: 8 }, { stride: 3 }],
  upsample: [{ factor: 3 }],
  variationalGaussianDropout: [{ rate: 0.3 }, { kl: 0.5 }],
};

describe('layers with leading arguments', () => {
  test.each(Object.entries(LEADING))('%s: its configuration makes it again', (name, [leading, options]) => {
    const made = factories[name](...Object.values(leading), { ...options, name: 'own' });
    expect(made.config).toMatchObject({ layer: name, ...leading, ...options, name: 'own' });
    expect(layerFrom(JSON.parse(JSON.stringify(made.config))).config).toEqual(made.config);
  });

  test.each(Object.entries(LEADING))(
    '%s in the form before 0.2 is refused with the new one',
    (name, given) => {
      const [leading, options] = given;
      let said = '';
      expect(() => {
        try {
          factories[name]({ ...leading, ...options });
        } catch (error) {
          said = (error as Error).message;
          throw error;
        }
      }).toThrow(UsageError);
      expect(said).toMatch(/^\w+: the .+ (is|are) now the first (argument|two arguments); write /);
      const literal = (value: unknown) => JSON.stringify(value).replace(/"/g, '');
      const call = [...Object.values(leading), ...(options ? [options] : [])].map(literal).join(', ');
      expect(said.slice(said.indexOf('write ')).replace(/['"\s]/g, '')).toBe(
        `write${name}(${call})`.replace(/\s/g, ''),
      );
    },
  );

  test('every kind of layer is in the list above or has options alone or layers inside', () => {
    const others = [
      'batchNorm',
      'classToken',
      'flatten',
      'gelu',
      'globalPool',
      'layerNorm',
      'positionEmbedding',
      'relu',
      'rows',
      'sigmoid',
      'tanh',
      'tokenPool',
      'residual',
      'sequential',
      'shakeShake',
      'spectralNorm',
      'tied',
    ];
    expect([...Object.keys(LEADING), ...others].sort()).toEqual(layerKinds.map(({ name }) => name).sort());
  });

  it.each<[() => unknown, string]>([
    [() => dense({ units: 10 } as never), 'dense: the units are now the first argument; write dense(10)'],
    [
      () => dense({ units: 10, bias: false, name: 'head' } as never),
      "dense: the units are now the first argument; write dense(10, { bias: false, name: 'head' })",
    ],
    [
      () => dropout({ rate: linear(0, 0.5) } as never),
      'dropout: the rate is now the first argument; write dropout(rate)',
    ],
    [
      () => dropout({ form: 'traditional' } as never),
      "dropout: the rate is now the first argument; write dropout(rate, { form: 'traditional' })",
    ],
    [
      () => embedding({ vocabulary: 9, units: 2 } as never, undefined as never),
      'embedding: the vocabulary and the units are now the first two arguments; write embedding(9, 2)',
    ],
    [
      () => embedding(9, { units: 2, rate: 0.1 } as never),
      'embedding: the vocabulary and the units are now the first two arguments; write embedding(9, 2, { rate: 0.1 })',
    ],
    [
      () => residual({ body: relu(), after: relu() } as never),
      'residual: the body is now the first argument; write residual(body, { after })',
    ],
    [
      () => shakeShake({ branches: [relu(), relu()], mode: 'batch' } as never),
      "shakeShake: the branches are now the first argument; write shakeShake(branches, { mode: 'batch' })",
    ],
    [
      () => tiedTranspose({ to: 'words' } as never),
      "tiedTranspose: the path is now the first argument; write tiedTranspose('words')",
    ],
    [() => l1({ lambda: 0.1 } as never), 'l1: the lambda is now the first argument; write l1(0.1)'],
    [() => resnet({ depth: 20 } as never), 'resnet: the depth is now the first argument; write resnet(20)'],
    [
      () => wideResnet({ depth: 16, width: 4 } as never, undefined as never),
      'wideResnet: the depth and the width are now the first two arguments; write wideResnet(16, 4)',
    ],
    [
      () => dense(10, 5 as never),
      'dense: expected its options in an object but received 5; write dense(units, { … })',
    ],
    [() => dense(10, null as never), 'dense: expected its options in an object but received null'],
    [() => dropout(0.5, linear(0, 1) as never), 'dropout: expected its options in an object but received {'],
    [() => dense(10, new Map() as never), 'dense: expected its options in an object but received'],
    [
      () => dense(10, { units: 5 } as never),
      'dense: units: is already an argument; remove it from the options',
    ],
    [() => resnet(20, { depth: 8 } as never), 'resnet: depth: is already an argument'],
    [() => shakeShakeResnet(8, 2, { width: 4 } as never), 'shakeShakeResnet: width: is already an argument'],
    [() => l2(1, { lambda: 2 } as never), 'l2: lambda: is already an argument'],
    [() => linear(0, 1, { to: 2 } as never), 'linear: to: is already an argument'],
    [() => linear(0, 1, { begin: 0.5 } as never), "linear: unknown option 'begin'"],
    [
      () => linear(0, 1, { schedule: 'cosine' } as never),
      'linear: expected its options in an object but received {"schedule":"cosine"}',
    ],
    [() => cosine(0, 1, 0.5 as never), 'cosine: expected its options in an object but received 0.5'],
    [() => steps([1, 2], 0.5 as never), 'steps: at: expected a list'],
    [() => dense(undefined as never), 'dense: units: expected a whole number ≥ 1 but received nothing'],
    [() => dense(2.5), 'dense: units: expected a whole number ≥ 1 but received 2.5'],
    [() => reshape([]), 'reshape: shape: expected'],
    [() => upsample(0), 'upsample: factor: expected a whole number ≥ 1 but received 0'],
    [() => residual(5 as never), 'residual: body: expected a layer such as dense(10) but received 5'],
    [
      () => residual(relu(), { shortcut: 3 as never }),
      'residual: shortcut: expected a layer such as dense(10)',
    ],
    [() => residual(relu(), { shortcuts: relu() } as never), "residual: unknown option 'shortcuts'"],
    [
      () => sequential([relu(), dense as never]),
      'sequential: layers[1]: expected a layer such as dense(10) but received function dense',
    ],
    [() => sequential([], { nmae: 'a' } as never), "sequential: unknown option 'nmae'"],
    [
      () => spectralNorm('x' as never),
      "spectralNorm: inner: expected a layer such as dense(10) but received 'x'",
    ],
    [() => tied(relu(), 5 as never), 'tied: path: expected'],
    [() => shakeShake([relu()] as never), 'shakeShake: branches'],
  ])('refuses in one sentence (%#)', (make, said) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(said);
  });
});

describe('options by their old names', () => {
  it.each<[() => unknown, string]>([
    [
      () => variationalGaussianDropout(0.2, { per: 'layer' } as never),
      "variationalGaussianDropout: unknown option 'per'; it is now 'granularity'",
    ],
    ...[l1, l2, maxNorm, orthogonal, spectral].map((make): [() => unknown, string] => [
      () => make(1, { on: 'head' } as never),
      `${make.name}: unknown option 'on'; it is now 'params'`,
    ]),
    [
      () => elasticNet({ l1: 1, l2: 1, on: 'head' } as never),
      "elasticNet: unknown option 'on'; it is now 'params'",
    ],
    [() => stepDecay(1, { at: [0.5] } as never), "stepDecay: unknown option 'at'; it is now 'milestones'"],
  ])('are refused with the new ones (%#)', (make, said) => expect(make).toThrow(said));

  test.each([
    { layer: 'variationalGaussianDropout', rate: 0.2, per: 'layer', kl: 1e-4 },
    { layer: 'tiedTranspose', to: 'words', bias: true },
    { layer: 'tied', to: 'a', name: 'b', inner: { layer: 'relu' } },
    { layer: 'upsample', factor: 2 },
    { layer: 'residual', body: { layer: 'relu' }, after: { layer: 'relu' } },
  ])('a checkpoint of 0.1 with $layer loads, and a new one is the same', (config) => {
    expect(layerFrom(config).config).toEqual(config);
  });

  test.each([
    { penalty: 'l1', lambda: 0.1, form: 'proximal', on: 'head' },
    { penalty: 'elasticNet', l1: 0.1, l2: 0.2, on: 'head' },
    { penalty: 'maxNorm', limit: 2, on: 'head' },
  ])('penaltyFrom reads $penalty of 0.1', ({ on, ...rest }) => {
    expect(penaltyFrom({ ...rest, on }).config).toEqual({ ...rest, params: on });
  });

  test('a layer knows its granularity by either name', () => {
    const made = variationalGaussianDropout(0.2, { granularity: 'layer' });
    expect(made.config.per).toBe('layer');
    expect(
      layerFrom({ layer: 'variationalGaussianDropout', rate: 0.2, granularity: 'layer' }).config,
    ).toEqual(made.config);
  });
});

describe('learning rates refuse what they do not take', () => {
  it.each<[() => unknown, string]>([
    [
      () => cosineDecay(0.1, { warmpu: 0.1 } as never),
      "cosineDecay: unknown option 'warmpu'; did you mean 'warmup'?",
    ],
    [() => cosineDecay(0.1, { warmup: 1 }), 'cosineDecay: warmup: expected a number'],
    [() => cosineDecay(-1), 'cosineDecay: peak: expected a number ≥ 0 but received -1'],
    [
      () => stepDecay(1, { milestones: [0.5, 0.2] }),
      'stepDecay: milestones: expected milestones in rising order',
    ],
    [() => stepDecay(1, { milestones: [5] }), 'stepDecay: milestones[0]: expected a number in 0..1'],
    [() => oneCycle(1, { divide: 0 }), 'oneCycle: divide: expected a number'],
    [() => oneCycle(1, 0.3 as never), 'oneCycle: expected its options in an object but received 0.3'],
  ])('in one sentence (%#)', (make, said) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(said);
  });
});

test('positional accepts options of another realm and without a prototype', () => {
  const bare = Object.assign(Object.create(null), { bias: false });
  expect(positional('dense', { units: 3 }, bare)).toEqual({ units: 3, bias: false });
  expect(positional('dense', { units: 3 }, undefined)).toEqual({ units: 3 });
});
