/** What the types of the public names promise: checked by the compiler, `npm test` runs it over this file. */
import type { Observable } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';
import type { Layer } from '../src/faces/layers.js';
import { conv2d, dense, dropout } from '../src/faces/layers.js';
import {
  type AugmentedImage,
  adam,
  augment,
  type Batch,
  batch,
  cutout,
  definePipeline,
  horizontalFlip,
  imageFolder,
  linear,
  mixup,
  type Optimizer,
  oneOf,
  policy,
  resnet,
  rotate,
  type Sample,
  type SampleOperator,
  type TrainEvent,
  train,
  webdataset,
} from '../src/index.js';

describe('types of the root', () => {
  test('sources give samples, batch() gives batches, operators keep their kind', () => {
    const samples$ = webdataset('train-*.tar');
    expectTypeOf(samples$).toEqualTypeOf<Observable<Sample>>();
    expectTypeOf(imageFolder('photos', { seed: 1 })).toEqualTypeOf<Observable<Sample>>();
    const batches$ = samples$.pipe(horizontalFlip(), rotate(30), batch(64), mixup(0.2));
    expectTypeOf(batches$).toEqualTypeOf<Observable<Batch>>();
    // @ts-expect-error a transform of samples takes no batches
    const wrong = () => batches$.pipe(horizontalFlip());
    // @ts-expect-error a transform of batches takes no samples
    const early = () => samples$.pipe(mixup());
    expectTypeOf(wrong).toBeFunction();
    expectTypeOf(early).toBeFunction();
  });

  test('transforms take their shorthand or their options, and nothing else', () => {
    expectTypeOf(horizontalFlip()).toEqualTypeOf<SampleOperator>();
    expectTypeOf(cutout(linear(0, 16))).toEqualTypeOf<SampleOperator>();
    expectTypeOf(oneOf(rotate(10), policy('trivial'))).toEqualTypeOf<SampleOperator>();
    // @ts-expect-error unknown option
    const unknown = () => cutout({ sise: 16 });
    // @ts-expect-error a mirror has no amount
    const amount = () => horizontalFlip(3);
    expectTypeOf(unknown).toBeFunction();
    expectTypeOf(amount).toBeFunction();
  });

  test('augment() gives an image', () => {
    expectTypeOf(augment).returns.resolves.toEqualTypeOf<AugmentedImage>();
    expectTypeOf<AugmentedImage['data']>().toEqualTypeOf<Uint8Array | Float32Array>();
  });

  test('train() gives events', () => {
    const run = (batches$: Observable<Batch>) =>
      train(batches$, { model: resnet(20), optimizer: adam(), epochs: 1 });
    expectTypeOf(run).returns.toEqualTypeOf<Observable<TrainEvent>>();
    expectTypeOf(adam()).toEqualTypeOf<Optimizer>();
  });

  test('the settings of a pipeline have the types of their defaults', () => {
    const pipeline = definePipeline({
      name: 'types',
      settings: { size: 32, data: 'photos', mix: true },
      batches({ settings }) {
        expectTypeOf(settings.size).toEqualTypeOf<number>();
        expectTypeOf(settings.data).toEqualTypeOf<string>();
        expectTypeOf(settings.mix).toEqualTypeOf<boolean>();
        return webdataset(settings.data).pipe(batch(settings.size));
      },
    });
    expectTypeOf(pipeline.name).toEqualTypeOf<string>();
  });
});

describe('types of rxaug/layers', () => {
  test('the required argument comes first', () => {
    expectTypeOf(dense(10)).toEqualTypeOf<Layer>();
    expectTypeOf(conv2d(32, { stride: 2 })).toEqualTypeOf<Layer>();
    expectTypeOf(dropout(linear(0, 0.5))).toEqualTypeOf<Layer>();
    // @ts-expect-error the units are required
    const none = () => dense();
    // @ts-expect-error the old form
    const old = () => dense({ units: 10 });
    expectTypeOf(none).toBeFunction();
    expectTypeOf(old).toBeFunction();
  });
});
