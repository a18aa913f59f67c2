/** One face for all models: `train`, `fit` and `load` find out by the model, and by the checkpoint, what they have. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import {
  Autoencoder,
  autoencoder,
  dagan,
  Generator,
  gan,
  ImageAugmenter,
  SmartAugmenter,
  smartAugmentation,
} from '../../src/gan/index.js';
import { type LoadedModel, load } from '../../src/pipeline/load.js';
import {
  cnn,
  dense,
  fit,
  flatten,
  loadBackend,
  model,
  sequential,
  Trained,
  train,
} from '../../src/train/index.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/train/state/checkpoint.js';
import { disposeState } from '../../src/train/state/tensors.js';
import { colored } from '../gan/colored.js';

beforeAll(async () => {
  await loadBackend('auto');
});

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'rxaug-face-'));
  file = path.join(dir, 'last.ckpt');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const images = () => colored({ side: 8, size: 10, perEpoch: 1 }).batches$;
const own = () => model('tiny', (classes) => sequential([flatten(), dense(classes)]));
const small = { latent: 4, width: 4, criticWidth: 4 } as const;

const kinds = [
  { title: 'a classifier', of: () => cnn({ filters: [4] }), result: Trained },
  { title: 'a classifier', of: own, result: Trained },
  { title: 'a GAN', of: () => gan(small), result: Generator },
  { title: 'a DAGAN', of: () => dagan({ ...small, loss: 'hinge' }), result: ImageAugmenter },
  { title: 'an autoencoder', of: () => autoencoder({ latent: 4, width: 4 }), result: Autoencoder },
  {
    title: 'a Smart Augmentation',
    of: () => smartAugmentation({ width: 4, classifier: cnn({ filters: [4] }) }),
    result: SmartAugmenter,
  },
];

describe.each(kinds)('$title', ({ title, of, result }) => {
  test('fit gives its class, and load gives the same from its checkpoint', async () => {
    const trained = await fit(images(), { model: of(), checkpoint: { dir } });
    expect(trained).toBeInstanceOf(result);
    trained.dispose();
    using loaded = await load(file);
    expect(loaded).toBeInstanceOf(result);
    expect(loaded.classes).toEqual(['class0', 'class1', 'class2']);
    using asked = await load(file, result as typeof Trained);
    expect(asked).toBeInstanceOf(result);
    const other = result === Generator ? Autoencoder : Generator;
    await expect(load(file, other as typeof Generator)).rejects.toThrow(
      `checkpoint ${file}: holds ${title}, not ${other === Generator ? 'a GAN' : 'an autoencoder'}; leave out the class to load it`,
    );
  });

  test('train gives its events, and refuses options that it does not have by their names', async () => {
    const events = await lastValueFrom(train(images(), { model: of() }).pipe(toArray()));
    expect(events.map(({ kind }) => kind)).toEqual(['start', 'step', 'epoch', 'done']);
    expect(() => train(images(), { model: of(), epoch: 3 } as never)).toThrow(
      /^train: unknown option 'epoch'; did you mean 'epochs'\?/,
    );
    await expect(fit(images(), { model: of(), seed: -1 })).rejects.toThrow(
      'fit: seed: expected a whole number ≥ 0 but received -1',
    );
  });
});

test('train and fit refuse a value that is not a model', async () => {
  for (const given of [undefined, 'resnet', { name: 'gan', config: {} }, resnetDepth()]) {
    expect(() => train(images(), { model: given } as never)).toThrow(
      /^train: model: expected a model such as resnet\(20\), cnn\(\) or gan\(\) but received /,
    );
  }
  expect(() => train(images(), undefined as never)).toThrow(
    'train: expected an object of options, with a model but received undefined',
  );
  await expect(fit(images(), {} as never)).rejects.toThrow(/^fit: model: expected a model/);
});

const resnetDepth = () => 20;

test('old option names are refused with the new ones', () => {
  const model = cnn({ filters: [4] });
  expect(() => train(images(), { model, clean: images() } as never)).toThrow(
    "train: unknown option 'clean'; it is now 'trainEvaluation'",
  );
  expect(() => train(images(), { model, fullSize: 8 } as never)).toThrow(
    "train: unknown option 'fullSize'; it is now 'imageSize'",
  );
  return expect(fit(images(), { model, clean: images() } as never)).rejects.toThrow(
    "fit: unknown option 'clean'; it is now 'trainEvaluation'",
  );
});

test('load names the task of a checkpoint of an unknown kind', async () => {
  (await fit(images(), { model: own(), checkpoint: { dir } })).dispose();
  const { path: _, state, ...progress } = await loadCheckpoint(file);
  await saveCheckpoint(file, state, { ...progress, identity: { task: 'regression' } });
  disposeState(state);
  await expect(load(file)).rejects.toThrow(
    `checkpoint ${file}: holds 'regression', not a classifier, an autoencoder, a GAN, a DAGAN, a Smart Augmentation; load it with what trained it, or read its tensors with loadCheckpoint()`,
  );
});

test('types follow the model', () => {
  // Never called: only its types count.
  const typed = async () => {
    expectTypeOf(await fit(images(), { model: cnn() })).toEqualTypeOf<Trained>();
    expectTypeOf(await fit(images(), { model: own() })).toEqualTypeOf<Trained>();
    expectTypeOf(await fit(images(), { model: gan(), criticSteps: 2 })).toEqualTypeOf<Generator>();
    expectTypeOf(await fit(images(), { model: dagan() })).toEqualTypeOf<ImageAugmenter>();
    expectTypeOf(await fit(images(), { model: autoencoder() })).toEqualTypeOf<Autoencoder>();
    expectTypeOf(await fit(images(), { model: smartAugmentation() })).toEqualTypeOf<SmartAugmenter>();
    expectTypeOf(await load('last.ckpt')).toEqualTypeOf<LoadedModel>();
    expectTypeOf(await load('last.ckpt', Generator)).toEqualTypeOf<Generator>();
    train(images(), {
      model: gan(),
      samples: {
        every: 10,
        see: ({ pictures }) => void expectTypeOf(pictures).toEqualTypeOf<readonly Uint8Array[]>(),
      },
    });
    // @ts-expect-error a classifier has no critic
    train(images(), { model: cnn(), criticSteps: 2 });
    // @ts-expect-error an autoencoder has no critic
    await fit(images(), { model: autoencoder(), criticSteps: 2 });
    // @ts-expect-error a GAN has no label smoothing
    train(images(), { model: gan(), labelSmoothing: 0.1 });
    // @ts-expect-error a learning rate is a number or a schedule
    train(images(), { model: gan(), learningRate: 'high' });
  };
  expect(typed).toBeTypeOf('function');
});
