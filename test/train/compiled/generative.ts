/** Generative tasks with each of their options, at the smallest sizes. */
import { linear } from '../../../src/core/index.js';
import { describeGan } from '../../../src/gan/adversarial/gan.js';
import { adversarialDefaults } from '../../../src/gan/adversarial/options.js';
import { adversarial } from '../../../src/gan/adversarial/task.js';
import { describeAutoencoder } from '../../../src/gan/autoencoder/autoencoder.js';
import { autoencoding } from '../../../src/gan/autoencoder/task.js';
import { describeDagan } from '../../../src/gan/dagan/dagan.js';
import { augmenting } from '../../../src/gan/dagan/task.js';
import { describeSmart } from '../../../src/gan/smart/smart.js';
import { smart } from '../../../src/gan/smart/task.js';
import { adam, cnn, type Optimizer } from '../../../src/train/index.js';
import type { Task } from '../../../src/train/task.js';
import { type Entry, feedsOf, spec } from './entry.js';

const INPUT = [8, 8, 3];
const optimizer: Optimizer = adam({ beta1: 0, beta2: 0.9 });
const small = { latent: 4, width: 4, criticWidth: 4 };

function entry(
  name: string,
  taskOf: () => Task,
  { targets = 'classes', draws = true }: { targets?: 'classes' | 'targets'; draws?: boolean } = {},
): Entry {
  const feeds = feedsOf({ input: INPUT, targets, learningRate: 1e-3 });
  return { name, draws, make: () => ({ task: taskOf(), feeds, dispose() {} }) };
}

type Gan = Parameters<typeof describeGan>[0];
type Training = Partial<Parameters<typeof adversarial>[0]>;

const gan = (name: string, config: Gan = {}, training: Training = {}): Entry => {
  const model = describeGan({ ...small, ...config });
  const options = { optimizer, ...adversarialDefaults(model.config.loss, training), ...training, model };
  return entry(`gan: ${name}`, () => adversarial(options)(spec(INPUT)));
};

const dagan = (
  name: string,
  config: Parameters<typeof describeDagan>[0] = {},
  training: Training = {},
): Entry => {
  const model = describeDagan({ ...small, ...config });
  const options = { optimizer, ...adversarialDefaults(model.config.loss, training), ...training, model };
  return entry(`dagan: ${name}`, () => augmenting(options)(spec(INPUT)));
};

const coder = (
  name: string,
  config: Parameters<typeof describeAutoencoder>[0] = {},
  training: Partial<Parameters<typeof autoencoding>[0]> = {},
): Entry => {
  const model = describeAutoencoder({ latent: 4, width: 4, ...config });
  return entry(
    `autoencoder: ${name}`,
    () => autoencoding({ optimizer: adam(), ...training, model })(spec(INPUT)),
    { targets: 'targets', draws: Boolean(config.variational || config.guide) },
  );
};

const merging = (name: string, config: Parameters<typeof describeSmart>[0] = {}): Entry => {
  const model = describeSmart({
    width: 4,
    classifier: cnn({ filters: [4], dropout: linear(0, 0.4) }),
    ...config,
  });
  return entry(`smart augmentation: ${name}`, () =>
    smart({ model, optimizer: adam(), clipNorm: 1, weightDecay: 0.01 })(spec(INPUT)),
  );
};

const ops = ['brightness', 'saturation', 'contrast', 'translation', 'cutout'] as const;

export const generativeEntries: readonly Entry[] = [
  gan('hinge'),
  gan('wgan-gp', { loss: 'wgan-gp' }, { criticSteps: 3 }),
  gan('auxiliary classifier', { conditioning: 'auxiliary' }),
  gan('guide', { guidance: 0.5 }),
  gan('without spectral norm', { spectralNorm: false }),
  gan('hinge with a gradient penalty', {}, { gradientPenalty: 1 }),
  gan('augment', {}, { augment: { ops } }),
  gan('adaptive augment', {}, { augment: { ops, adaptive: { target: 0.6, speed: 100 } } }),
  gan(
    'every option of training',
    {},
    {
      ema: { decay: 0.9, warmup: 1 },
      clipNorm: 1,
      weightDecay: 0.01,
      criticSteps: 3,
      criticRate: 3,
    },
  ),
  dagan('unet', {}, { criticSteps: 3 }),
  dagan('code', { network: 'code', loss: 'hinge' }),
  dagan('class and guide', { conditioning: 'projection', guidance: 0.5, loss: 'hinge' }),
  dagan(
    'code with a guide',
    { network: 'code', guidance: 0.5, loss: 'hinge' },
    {
      augment: { ops },
      ema: { decay: 0.9, warmup: 1 },
    },
  ),
  coder('plain'),
  coder('mean absolute difference', { reconstruction: 'mae' }),
  coder('variational', { variational: true }),
  coder('variational, scheduled', { variational: true, beta: linear(0, 0.5) }),
  coder('conditional', { conditional: true }),
  coder('guided', { guide: true, variational: true, conditional: true, beta: linear(0, 0.5) }),
  coder(
    'every option of training',
    {},
    {
      ema: { decay: 0.9, warmup: 1 },
      clipNorm: 1,
      weightDecay: 0.01,
    },
  ),
  merging('without a critic'),
  merging('with a critic of three images', { images: 3, critic: 0.5, criticWidth: 4 }),
];
