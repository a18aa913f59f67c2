/** What a pipeline does to images, read back from its stream. */
import { filter, map, Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { augMixTriples, cutout, horizontalFlip, oneOf, randAugment } from '../../src/augment/index.js';
import { augmentationOf } from '../../src/cli/augmentation-of.js';
import type { LoadedPipeline } from '../../src/cli/load-pipeline.js';
import type { Batch, Sample } from '../../src/core/index.js';
import { ganMix } from '../../src/gan/index.js';
import type { PipelineContext } from '../../src/pipeline/define-pipeline.js';
import {
  batch,
  cutmix,
  epochs,
  mapAsync,
  mapPixels,
  mixup,
  prefetch,
  samples,
  shuffle,
  tapProgress,
} from '../../src/stream/index.js';

/** A generator that is never asked. */
const generate = {
  inputs: [
    { name: 'noise', shape: [null, 4] },
    { name: 'classes', shape: [null, 10] },
  ],
  params: {},
  run: () => ({}),
};
const source = () => samples(() => Promise.reject(new Error('no data was asked for')));
const read = (batches: Observable<Batch>) =>
  augmentationOf('p.ts', { batches: () => batches } as unknown as LoadedPipeline, {} as PipelineContext);

describe('augmentationOf', () => {
  it('lists every built-in operator up to the source', async () => {
    const { json, foreign } = await read(
      source()
        .pipe(
          shuffle(10),
          epochs<Sample>(2),
          horizontalFlip(),
          tapProgress<Sample>(() => undefined),
          oneOf(cutout(3), horizontalFlip({ p: 1 })),
          batch(4),
        )
        .pipe(
          mixup(0.3),
          prefetch<Batch>(2),
          tapProgress<Batch>(() => undefined),
          prefetch<Batch>(3),
          cutmix(),
        ),
    );
    expect(foreign).toBe(0);
    expect(json.transforms.map(({ op }) => op)).toEqual(['horizontalFlip', 'oneOf']);
    expect(json.transforms[1]?.options).toMatchObject({ of: [{ op: 'cutout', options: { size: 3 } }, {}] });
    expect(json.batch?.map(({ op }) => op)).toEqual(['mixup', 'cutmix']);
  });

  it('counts operators of RxJS and functions of the user', async () => {
    const { json, foreign } = await read(
      source().pipe(
        filter(() => true),
        randAugment(),
        mapAsync((sample: Sample) => sample),
        batch(4),
        map((made) => made),
      ),
    );
    expect(foreign).toBe(3);
    expect(json.transforms.map(({ op }) => op)).toEqual(['randAugment']);
  });

  it.each([
    [
      "mapPixels 'darker' cannot be read",
      source().pipe(
        horizontalFlip(),
        mapPixels(function darker() {}),
        batch(4),
      ),
    ],
    [
      'ganMix cannot be read',
      source()
        .pipe(horizontalFlip(), batch(4))
        .pipe(ganMix({ functions: { generate }, classes: Array.from('0123456789') })),
    ],
    ['augMixTriples cannot be read', source().pipe(augMixTriples(), batch(3))],
    ['a stream that does not tell', new Observable<Sample>().pipe(horizontalFlip(), batch(4))],
  ])('refuses: %s', async (sentence, batches) => {
    await expect(read(batches)).rejects.toThrow(sentence);
  });
});
