/** How much memory is held at once, by counting buffers. */
import { tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { batch, pull, samples, shuffle } from '../../src/stream/index.js';
import { Slots } from '../../src/stream/workers/slots.js';
import { dataset, itemOf, itemStream, turns } from './make.js';

/** Counts the shared buffers that a run allocates, those of the samples apart. */
async function allocated(run: () => Promise<void>): Promise<number> {
  const Real = globalThis.SharedArrayBuffer;
  let count = 0;
  globalThis.SharedArrayBuffer = new Proxy(Real, {
    construct(target, [bytes, ...rest]) {
      if (bytes >= 108) count++;
      return new target(bytes, ...(rest as []));
    },
  });
  try {
    await run();
  } finally {
    globalThis.SharedArrayBuffer = Real;
  }
  return count;
}

describe('memory', () => {
  for (const workers of [0, 2]) {
    for (const prefetch of [1, 3]) {
      it(`of batches that are given back is used again (${workers} workers, prefetch ${prefetch})`, async () => {
        const data = dataset(1000);
        const source = samples(data).pipe(batch(8, { workers, prefetch }));
        let most = 0;
        const count = await allocated(async () => {
          let taken = 0;
          for await (const made of pull(source)) {
            await turns(3); // a slow consumer
            taken += made.size;
            most = Math.max(most, data.calls.length - taken);
            made.dispose();
          }
        });
        // Those under way, one that waits and one in use.
        expect(count).toBeLessThanOrEqual(prefetch + 2);
        expect(most).toBeLessThanOrEqual((prefetch + 1) * 8);
      });
    }
  }

  it('of a free-running stream is used again too', async () => {
    const source = samples(dataset(1000));
    const count = await allocated(
      () =>
        new Promise<void>((resolve, reject) =>
          source
            .pipe(batch(8, { workers: 0, prefetch: 2 }))
            .subscribe({ next: (made) => made.dispose(), error: reject, complete: resolve }),
        ),
    );
    expect(count).toBeLessThanOrEqual(4);
  });

  it('of batches of changing sizes does not grow', async () => {
    const slots = new Slots(3);
    const given = Array.from({ length: 50 }, (_, i) => slots.take(100 + i));
    expect(given.every(({ fresh }) => fresh)).toBe(true);
    for (const { buffer } of given) slots.give(buffer);
    const again = Array.from({ length: 50 }, (_, i) => slots.take(100 + i));
    expect(again.filter(({ fresh }) => !fresh).map(({ buffer }) => buffer.byteLength)).toEqual([
      147, 148, 149,
    ]);
    const sizes = samples(dataset(60, (i) => itemOf(i, { width: 6 + i }))).pipe(batch(1, { workers: 0 }));
    expect(
      await allocated(async () => {
        for await (const made of pull(sizes)) made.dispose();
      }),
    ).toBe(60);
  });

  it('is not kept by what is given back after the end', () => {
    const slots = new Slots(3);
    const { buffer } = slots.take(10);
    slots.dispose();
    slots.give(buffer);
    expect(slots.take(10).fresh).toBe(true);
  });

  it('is reported to the garbage collector when batches are not disposed of', async () => {
    const large = dataset(16, (i) => itemOf(i, { width: 256, height: 256 }));
    const before = process.memoryUsage().arrayBuffers;
    const it = pull(samples(large).pipe(batch(16, { workers: 0 })));
    const { value } = await it.next();
    // 12.6 MB: more than whatever may have been collected meanwhile.
    expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThan(0.6 * value.images.byteLength);
    await it.return?.();
  });

  it('of samples is bounded at the end of an epoch behind a shuffle buffer', async () => {
    const data = itemStream(90);
    let passed = 0;
    const source = samples(data, { epochs: 2 }).pipe(
      shuffle(30),
      tap(() => passed++),
    );
    let taken = 0;
    for await (const _ of pull(source)) {
      taken++;
      await turns(2);
      expect(passed).toBeLessThanOrEqual(taken + 1);
    }
    expect(taken).toBe(180);
  });
});
