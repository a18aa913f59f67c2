/** A stream that begins in the middle of an epoch, at a sample and not at a batch. */
import { filter, from as rxFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import { batch, mixup, type Passed, type Start, samples, shuffle } from '../../src/stream/index.js';
import { all, broken, dataset, digests, failure, ids, itemOf, itemStream } from './make.js';

const inline = { workers: 0 } as const;
type Made = Awaited<ReturnType<typeof all<{ samples: Parameters<typeof ids>[0] }>>>;
const idsOf = (batches: Made) => batches.flatMap((b) => ids(b.samples));

describe('row 6: a start counts samples', () => {
  it('row 6: batches know their place in the epoch, bad samples included', async () => {
    const data = dataset(10, (i) => (i === 1 || (i >= 4 && i < 8) ? broken(i) : itemOf(i)));
    const got = await all(samples(data, { epochs: 2 }).pipe(batch(4, { ...inline, maxBad: 1 })));
    // Samples 4..7 make no batch.
    expect(got.map(({ epoch, index, size, place: { from, to } }) => [epoch, index, size, from, to])).toEqual([
      [0, 0, 3, 0, 4],
      [0, 2, 2, 8, 10],
      [1, 0, 3, 0, 4],
      [1, 2, 2, 8, 10],
    ]);
    expect(got[0]?.gathering).toEqual({ size: 4, dropLast: false });
    expect(got[0]?.place.digest).toMatch(/^[0-9a-f]{16}$/);
    expect(got[0]?.place.digest).toBe(got[2]?.place.digest);
    expect(got[1]?.place.digest).not.toBe(got[0]?.place.digest);
  });

  const kinds = {
    'a data set in a keyed order': () => samples(dataset(64), { epochs: 3, shuffle: true }),
    'a stream behind a shuffle buffer': () => samples(itemStream(64), { epochs: 3 }).pipe(shuffle(10)),
    'a filter': () =>
      samples(dataset(90), { epochs: 3, shuffle: true }).pipe(filter(({ index }) => index % 3 > 0)),
  };
  for (const [name, source] of Object.entries(kinds)) {
    it(`row 6: ${name}, begun with another batch size, gives each sample of the epoch once`, async () => {
      const whole = await all(source().pipe(batch(8, inline)));
      for (const [sample, size] of [
        [48, 16],
        [48, 7],
        [5, 20],
        [56, 64],
      ] as const) {
        const start = { epoch: 1, sample, batch: Math.ceil(sample / 8) };
        const rest = await all(source().pipe(batch(size, inline)), { start });
        const perEpoch = idsOf(whole).length / 3;
        expect(idsOf(rest)).toEqual(idsOf(whole).slice(perEpoch + sample));
        expect(rest[0]).toMatchObject({ epoch: 1, index: start.batch, place: { from: sample } });
        expect(rest.find(({ epoch }) => epoch === 2)).toMatchObject({ index: 0, place: { from: 0 } });
      }
    });
  }

  it('row 6: with the same size the bytes are those of an undisturbed stream, mixing and all', async () => {
    const stream = (workers: number) =>
      samples(dataset(30), { epochs: 2, shuffle: true }).pipe(
        horizontalFlip(),
        batch(8, { workers }),
        mixup(0.3),
      );
    const whole = await digests(stream(0));
    for (const workers of [0, 2]) {
      const start = { epoch: 0, sample: 16, batch: 2 };
      expect(await digests(stream(workers), { start })).toEqual(whole.slice(2));
    }
    // At the end of an epoch whose last batch is small, the next one begins.
    expect(await digests(stream(0), { start: { epoch: 0, sample: 30, batch: 4 } })).toEqual(whole.slice(4));
  });

  it('row 6: skipped samples are reported once they have passed: number, digest and origin', async () => {
    const told: Passed[] = [];
    const start = (sample: number): Start => ({ epoch: 0, sample, passed: (before) => told.push(before) });
    const stream = () => samples(dataset(20)).pipe(batch(8, inline));
    const [first] = await all(stream());
    await all(stream(), { start: start(8) });
    expect(told.splice(0)).toMatchObject([
      { samples: 8, digest: first?.place.digest, origins: [{ name: 'made', size: 20 }] },
    ]);
    await all(stream(), { start: start(30) });
    expect(told.splice(0)).toMatchObject([{ samples: 20, digest: '' }]);
    await all(stream(), { start: start(0) });
    expect(told).toEqual([]);
  });

  it('row 6: a refusal of what came before ends the stream, before and behind its end', async () => {
    const refuse = (sample: number): Start => ({
      epoch: 0,
      sample,
      passed: () => {
        throw new Error('other samples');
      },
    });
    for (const sample of [8, 20, 30]) {
      const stream = samples(dataset(20)).pipe(batch(8, inline));
      expect(await failure(all(stream, { start: refuse(sample) }))).toBe('other samples');
    }
  });

  it('row 6: samples of epochs before the start are left out, though their source pays no heed to it', async () => {
    const list = await all(samples(dataset(6), { epochs: 3 }));
    for (const start of [
      { epoch: 1, sample: 2 },
      { epoch: 1, batch: 1 },
    ]) {
      const got = await all(rxFrom(list).pipe(batch(2, inline)), { start });
      expect(got.map(({ epoch, index }) => [epoch, index])).toEqual([
        [1, 1],
        [1, 2],
        [2, 0],
        [2, 1],
        [2, 2],
      ]);
    }
  });
});
