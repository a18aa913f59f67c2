import { filter } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { mixesOnMainThread } from '../../src/cli/augmentation-of.js';
import { arrays, batch, cutmix, mixup, prefetch } from '../../src/stream/index.js';

const source = () =>
  arrays({
    images: new Uint8Array(4 * 3 * 64),
    labels: [0, 1, 0, 1],
    classes: ['a', 'b'],
    height: 8,
    width: 8,
  });

describe('mixesOnMainThread', () => {
  it('is empty where mixing follows batch directly', () => {
    expect(mixesOnMainThread(source().pipe(batch(2), mixup(), cutmix()))).toEqual([]);
    expect(mixesOnMainThread(source().pipe(batch(2)))).toEqual([]);
    expect(
      mixesOnMainThread(
        source().pipe(
          batch(2),
          mixup(),
          filter(() => true),
          prefetch(2),
        ),
      ),
    ).toEqual([]);
  });

  it('names each operator behind one of RxJS, and the fix', () => {
    const stream = source().pipe(
      batch(2),
      mixup(),
      filter(() => true),
      cutmix(),
      mixup(),
    );
    expect(mixesOnMainThread(stream)).toEqual(
      ['cutmix', 'mixup'].map(
        (name) =>
          `${name} runs on the main thread, because an operator of RxJS stands between batch() and it; put ${name}() directly behind batch()`,
      ),
    );
  });
});
