import { filter, map, skip } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { cutout, horizontalFlip, normalize } from '../../src/augment/index.js';
import { digestOf } from '../../src/cli/commands/digest.js';
import { arrays, batch, fromItems, mixup } from '../../src/stream/index.js';

const images = Uint8Array.from({ length: 50 * 48 }, (_, i) => (i * 7919) % 256);
const labels = Array.from({ length: 50 }, (_, i) => i % 5);
const data = { images, labels, width: 4, height: 4, classes: ['a', 'b', 'c', 'd', 'e'] };
const made = arrays(data, { seed: 3, shuffle: true, epochs: 4 }).pipe(
  horizontalFlip(),
  normalize(),
  cutout(2),
  batch(8, { workers: 0 }),
  mixup(0.5),
);

describe('digestOf', () => {
  it('lands on the same bytes when it skips', async () => {
    const whole = { batches: 3, epoch: 0, workers: 0 };
    const skipped = await digestOf(made, { ...whole, skip: 3 });
    const rendered = await digestOf(made.pipe(skip(3)), { ...whole, skip: 0 });
    expect(skipped).toEqual(rendered);
    expect(skipped.digest).not.toBe((await digestOf(made, { ...whole, skip: 0 })).digest);
  });

  it('lands on the same bytes when it begins with a later epoch', async () => {
    const later = await digestOf(made, { batches: 7, epoch: 2, skip: 0, workers: 0 });
    // All epochs rendered, with only the third left in; the digest looks at no more than the number of the first.
    const third = made.pipe(
      filter(({ epoch }) => epoch === 2),
      map((b) => ({ ...b, epoch: 0 })),
    );
    expect(later).toEqual(await digestOf(third, { batches: 7, epoch: 0, skip: 0, workers: 0 }));
    expect(later.images).toBe(50);
  });

  it('does not render what it skips', async () => {
    const broken = { image: Uint8Array.from([1, 2, 3]), label: 0, id: 'broken' };
    const fine = (i: number) => ({
      image: { data: images.subarray(48 * i, 48 * i + 48), width: 4, height: 4, channels: 3 },
      label: 0,
    });
    const source = fromItems(() => [broken, ...Array.from({ length: 15 }, (_, i) => fine(i))], {
      classes: 1,
    });
    const batches = source.pipe(batch(4, { workers: 0, onBadSample: 'fail' }));
    const options = { batches: 2, epoch: 0, workers: 0 };
    expect((await digestOf(batches, { ...options, skip: 1 })).images).toBe(8);
    await expect(digestOf(batches, { ...options, skip: 0 })).rejects.toThrow('broken');
  });

  it('skips over the ends of epochs', async () => {
    const over = { batches: 9, workers: 0 };
    const [skipped, begun] = [
      await digestOf(made, { ...over, epoch: 0, skip: 7 + 7 + 2 }),
      await digestOf(made, { ...over, epoch: 2, skip: 2 }),
    ];
    expect(skipped).toEqual(begun);
    const rendered = made.pipe(skip(16));
    expect(skipped).toEqual(await digestOf(rendered, { ...over, epoch: 0, skip: 0 }));
    expect(await digestOf(made, { ...over, epoch: 0, skip: 7 })).toEqual(
      await digestOf(made, { ...over, epoch: 1, skip: 0 }),
    );
  });

  it('says so where it skips past the end of the stream', async () => {
    await expect(digestOf(made, { batches: 1, epoch: 1, skip: 21, workers: 0 })).rejects.toThrow(
      'expected 1 batch from epoch 1, batch 21 on, but the stream ended after 0; lower --batches or --skip, or set more epochs',
    );
  });
});
