/** A training that is resumed equals the undisturbed one, or says in one sentence what is not as it was. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { concat, filter, map, type Observable, from as rxFrom, share } from 'rxjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import type { TrainEvent } from '../../src/core/events.js';
import type { Batch, Dataset, ItemStream, Sample } from '../../src/core/index.js';
import {
  type BatchOptions,
  batch,
  mixup,
  pull,
  type SourceOptions,
  samples,
  shuffle,
} from '../../src/stream/index.js';
import { cosineDecay, mlp, type TrainOptions, train } from '../../src/train/index.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/train/state/checkpoint.js';
import { disposeState } from '../../src/train/state/tensors.js';
import { useBackend } from './golden.js';
import { named } from './named.js';

const ANIMALS = ['bee', 'cat', 'zebra'];
const COUNT = 64;

let dir: string;
let file: string;
beforeAll(() => useBackend('cpu'));
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'rxaug-resume-'));
  file = path.join(dir, 'last.ckpt');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const animals = (name = 'train', classes = ANIMALS, count = COUNT): Dataset =>
  named(name, classes, { shown: ANIMALS.filter((animal) => classes.includes(animal)), count });

interface Setup {
  readonly data?: Dataset | ItemStream;
  readonly source?: SourceOptions;
  readonly size?: number;
  readonly batching?: BatchOptions;
  /** Between the source and its batches. */
  readonly between?: (source: Observable<Sample>) => Observable<Sample>;
}

const stream = ({ data = animals(), source, size = 8, batching, between = (s) => s }: Setup = {}) =>
  between(samples(data, { shuffle: 'item' in data, ...source })).pipe(
    horizontalFlip(),
    batch(size, { workers: 0, ...batching }),
    mixup(0.4),
  );

interface Seen {
  readonly losses: number[];
  /** Samples of each epoch that ended. */
  readonly epochs: number[];
  readonly notices: string[];
  readonly rates: number[];
  error?: string;
}

/** Trains in the folder, from its checkpoint if there is one, to the end, through so many steps, or two epochs. */
async function run(
  batches$: Observable<Batch>,
  options: Partial<TrainOptions> = {},
  stopAfter: number | 'two epochs' = Number.POSITIVE_INFINITY,
): Promise<Seen> {
  const seen: Seen = { losses: [], epochs: [], notices: [], rates: [] };
  const stop = new AbortController();
  const given = {
    model: mlp({ hidden: [4] }),
    epochs: 3,
    learningRate: 0.05,
    backend: 'cpu',
    checkpoint: { dir },
    resume: true,
    signal: stop.signal,
    ...options,
  } as const;
  const see = (event: TrainEvent) => {
    if (event.kind === 'notice') seen.notices.push(event.message);
    if (event.kind === 'epoch') seen.epochs.push(event.samples);
    if (event.kind === 'epoch' && event.epoch === 1 && stopAfter === 'two epochs') stop.abort();
    if (event.kind !== 'step') return;
    seen.losses.push(event.metrics.loss);
    seen.rates.push(event.learningRate);
    if (seen.losses.length === stopAfter) stop.abort();
  };
  await train(batches$, given)
    .forEach(see)
    .catch((error: Error) => {
      seen.error = error.message;
    });
  return seen;
}

/** A training that was stopped, and one that nothing disturbed. */
async function disturbed(setup: Setup, stopAfter: number | 'two epochs') {
  const whole = await run(stream(setup), { checkpoint: undefined, resume: false });
  const first = await run(stream(setup), {}, stopAfter);
  return { whole, first };
}

const MIDDLE = 14; // 8 steps of the first epoch, 6 of the second

describe('row 6: resuming with the same data and options', () => {
  const streamed = (): ItemStream => {
    const data = animals();
    return {
      ...{ name: data.name, classes: data.classes },
      async *items() {
        for (let i = 0; i < data.length; i++) yield data.item(i);
      },
    };
  };
  const broken = (): Dataset => {
    const data = animals();
    const bytes = new TextEncoder().encode('no image');
    return {
      ...data,
      item: (i) => (i % 11 === 0 ? { ...data.item(i), image: { kind: 'bytes', bytes } } : data.item(i)),
    };
  };
  const reversed = [...ANIMALS].reverse();
  const same: readonly [string, Setup, Setup][] = [
    ['nothing at all', {}, {}],
    ['more workers', {}, { batching: { workers: 2 } }],
    ['more batches under way', {}, { batching: { prefetch: 7 } }],
    [
      'samples that cannot be used',
      { data: broken(), batching: { maxBad: 1 } },
      { data: broken(), batching: { maxBad: 1 } },
    ],
    [
      'a shuffle buffer',
      { data: streamed(), between: shuffle(20) },
      { data: streamed(), between: shuffle(20) },
    ],
    [
      'a filter',
      { between: filter(({ index }) => index % 5 > 0) },
      { between: filter(({ index }) => index % 5 > 0) },
    ],
    ['perClass', { source: { perClass: 7 } }, { source: { perClass: 7 } }],
    ['dropLast', { size: 7, batching: { dropLast: true } }, { size: 7, batching: { dropLast: true } }],
    ['classes in another order', {}, { data: animals('train', reversed) }],
  ];
  for (const [name, before, after] of same) {
    for (const stop of [MIDDLE, 16, 'two epochs'] as const) {
      const when = stop === 'two epochs' ? stop : `${stop} steps`;
      test(`row 6: ${name}: resumed after ${when} it equals the undisturbed training`, async () => {
        const { whole, first } = await disturbed(before, stop);
        const second = await run(stream(after));
        expect(second.error).toBeUndefined();
        expect([...first.losses, ...second.losses]).toEqual(whole.losses);
        expect([...first.epochs, ...second.epochs]).toEqual(whole.epochs);
        const finished = (notice: string) => notice.includes('is finished already');
        expect(second.notices.filter((notice) => !finished(notice))).toEqual([]);
      });
    }
  }
});

test('row 6: an epoch that is ended before any batch comes keeps what its checkpoint knew', async () => {
  const { whole, first } = await disturbed({}, 16);
  const between = await run(stream(), {}, 'two epochs');
  expect([between.losses, between.epochs]).toEqual([[], [COUNT]]);
  const last = await run(stream());
  expect([...first.losses, ...last.losses]).toEqual(whole.losses);
  expect([...between.notices, ...last.notices]).toEqual([]);
});

describe('row 6: resuming with another batch size', () => {
  for (const size of [16, 4, 5, 64]) {
    test(`row 6: 6 × 8 of 64 samples trained, then batches of ${size}: the epoch has 64 samples in all`, async () => {
      await run(stream(), {}, 6);
      const { epochs, notices, losses } = await run(stream({ size }));
      expect(epochs).toEqual([COUNT, COUNT, COUNT]);
      expect(losses).toHaveLength(Math.ceil(16 / size) + 2 * Math.ceil(64 / size));
      expect(notices).toEqual([`${file}: training continues with batches of ${size}, not 8`]);
    });
  }

  test('row 6: it trains on exactly the samples that are left', async () => {
    const ids: string[][] = [];
    const watched = (size: number) =>
      stream({ size }).pipe(
        filter(({ samples: of }) => {
          ids.push(of.map(({ id }) => id));
          return true;
        }),
      );
    await run(watched(8), { epochs: 1 }, 6);
    const first = ids.splice(0).slice(0, 6).flat();
    await run(watched(16), { epochs: 1 });
    expect(first).toHaveLength(48);
    expect(new Set([...first, ...ids.flat()]).size).toBe(COUNT);
    expect(ids.flat()).toHaveLength(16);
  });

  test('row 6: a new dropLast is reported', async () => {
    await run(stream({ size: 7 }), {}, 3);
    const { epochs, notices } = await run(stream({ size: 7, batching: { dropLast: true } }));
    expect(epochs).toEqual([63, 63, 63]);
    expect(notices).toEqual([`${file}: training continues with dropLast: true, not false`]);
  });
});

describe('row 6: resuming with another source', () => {
  const others: readonly [string, Setup, string][] = [
    ['another seed', { source: { seed: 5 } }, "'train': seed 5, not 0"],
    ['another order', { source: { shuffle: false } }, "'train': shuffle false, not true"],
    ['perClass', { source: { perClass: 21 } }, "'train': size 63, not 64, perClass 21, not 'open'"],
    ['more images', { data: animals('train', ANIMALS, 80) }, "'train': size 80, not 64"],
    [
      'another name',
      { data: animals('others', ANIMALS, 80) },
      "'train': name 'others', not 'train', size 80, not 64",
    ],
  ];
  for (const [name, other, difference] of others) {
    test(`row 6: ${name} in the middle of an epoch is refused by name`, async () => {
      await run(stream(), {}, MIDDLE);
      const refused = `checkpoint ${file}: was made after sample 48 of epoch 1 but the stream has others before it (${difference}); resume with the same data, order and seed`;
      for (const _ of [1, 2]) {
        const { losses, error } = await run(stream(other));
        expect([losses, error]).toEqual([[], refused]);
      }
      // The checkpoint is as it was.
      expect((await run(stream())).error).toBeUndefined();
    });
  }

  test('row 6: another seed is refused though the order is the same', async () => {
    await run(stream({ source: { shuffle: false } }), {}, MIDDLE);
    const { losses, error } = await run(stream({ source: { shuffle: false, seed: 5 } }));
    expect([losses, error]).toEqual([
      [],
      `checkpoint ${file}: was trained on 'train' with seed 0, not 5; use the same seed to continue`,
    ]);
  });

  test('row 6: fewer images than were trained are refused', async () => {
    await run(stream(), {}, MIDDLE);
    const { error } = await run(stream({ data: animals('train', ANIMALS, 40) }));
    expect(error).toBe(
      `checkpoint ${file}: was made after sample 48 of epoch 1 but the stream has only 40 samples in that epoch ('train': size 40, not 64); resume with the same data, order and seed`,
    );
  });

  test('row 6: at the end of an epoch another source is said by name, another seed refused', async () => {
    await run(stream(), {}, 'two epochs');
    for (const _ of [1, 2]) {
      const { losses, error } = await run(stream({ source: { seed: 5 } }));
      expect([losses, error]).toEqual([
        [],
        `checkpoint ${file}: was trained on 'train' with seed 0, not 5; use the same seed to continue`,
      ]);
    }
    const { epochs, notices } = await run(stream({ data: animals('train', ANIMALS, 80) }));
    expect(epochs).toEqual([80]);
    expect(notices).toEqual([`${file}: training continues with 'train' changed (size 80, not 64)`]);
  });

  test('row 6: images added in order, behind those that were trained, are said', async () => {
    const plain = { shuffle: false };
    await run(stream({ source: plain }), {}, MIDDLE);
    const { epochs, notices } = await run(stream({ source: plain, data: animals('train', ANIMALS, 80) }));
    expect(epochs).toEqual([80, 80]);
    expect(notices).toEqual([`${file}: training continues with 'train' changed (size 80, not 64)`]);
  });

  test('row 6: two joined sources: the one that is left out, and the one that is new, are named', async () => {
    const two = (other: string, count = COUNT) =>
      stream({
        between: (a) => concat(a, samples(animals(other, ANIMALS, count), { shuffle: true })),
      });
    const epochs = { epochs: undefined };
    const whole = await run(two('more'), { ...epochs, checkpoint: undefined, resume: false });
    const first = await run(two('more'), epochs, 12); // into the second source
    const second = await run(two('more'), epochs);
    expect([...first.losses, ...second.losses]).toEqual(whole.losses);
    const finished = (notice: string) => notice.includes('is finished already');
    expect(second.notices.filter((notice) => !finished(notice))).toEqual([]);

    await rm(file);
    await run(two('more'), epochs, 4); // in the first source
    const other = await run(two('new'), epochs);
    expect(other.notices).toEqual([
      `${file}: training continues with images of 'new', which were not trained on before`,
    ]);
  });

  test('row 6: a source that gives nothing to a whole epoch any more is named', async () => {
    const mixed = (keep: (sample: Sample) => boolean) => {
      const from = (name: string) => samples(animals(name, ANIMALS, 16));
      return concat(from('a'), from('b')).pipe(filter(keep), batch(8, { workers: 0 }));
    };
    await run(
      mixed(() => true),
      { epochs: undefined },
    );
    const { state, path: _, ...progress } = await loadCheckpoint(file);
    // As if that epoch were still to come.
    await saveCheckpoint(file, state, { ...progress, position: { epoch: 0, batch: 0, sample: 0 } });
    disposeState(state);
    const { notices } = await run(
      mixed(({ origin }) => origin.name === 'a'),
      { epochs: undefined },
    );
    expect(notices).toEqual([
      `${file}: training continues with nothing from 'b', which was trained on before`,
    ]);
  });

  test('row 6: a class more is refused, a class less is refused in the middle of an epoch', async () => {
    await run(stream(), {}, MIDDLE);
    const more = await run(stream({ data: animals('train', ['ant', ...ANIMALS]) }));
    expect(more.error).toContain(
      "train: expected the classes of the model ('bee', 'cat', 'zebra') but train also has 'ant'",
    );
    const less = await run(stream({ data: animals('train', ['bee', 'zebra']) }));
    expect(less.error).toContain("but the stream has others before it ('train': without the classes 'cat')");
  });
});

describe('row 6: streams that do not start at the requested position', () => {
  test('row 6: a list of batches, or a shared stream, is refused', async () => {
    await run(stream(), {}, MIDDLE);
    const list: Batch[] = [];
    for await (const made of pull(stream({ source: { epochs: 3 } }))) list.push(made);
    const refused = (epoch: number) =>
      `resume: expected a stream that begins at sample 48 of epoch 1 but received a batch from sample 0 of epoch ${epoch} on; give the stream itself, without share() or a list of batches in between`;
    expect((await run(rxFrom(list))).error).toBe(refused(0));
    expect((await run(rxFrom(list.slice(8)))).error).toBe(refused(1));
    const shared = stream({ source: { epochs: 3 } }).pipe(share());
    expect((await run(shared, { epochs: undefined })).error).toBe(refused(0));
  });

  test('row 6: streams that were joined behind batch() have no position in the middle of an epoch', async () => {
    const joined = () => concat(stream(), stream({ data: animals('more') }));
    const epochs = { epochs: undefined };
    await run(joined(), epochs, 10);
    expect((await run(joined(), epochs)).error).toBe(
      `checkpoint ${file}: does not say how many samples of epoch 0 were trained, because it comes from an older rxaug or from streams joined after batch(); resume from a checkpoint of the end of an epoch`,
    );
    const twice = () => concat(stream({ source: { epochs: 2 } }), stream({ source: { epochs: 2 } }));
    expect((await run(twice(), { ...epochs, resume: false })).error).toBe(
      "train: expected epochs in order but received a batch of epoch 0 of 'train' in epoch 1; join sources of one epoch each before batch()",
    );
  });

  test('row 6: a stop in the first of two joined streams: the second is refused, not cut', async () => {
    const joined = () => concat(stream(), stream({ data: animals('more'), source: { shuffle: false } }));
    await run(joined(), { epochs: undefined }, 6);
    const { losses, error } = await run(joined(), { epochs: undefined });
    expect(losses).toHaveLength(2);
    expect(error).toContain('was made after sample 48 of epoch 0 but the stream has others before it');
  });
});

test('row 6: a batch without a place is refused', async () => {
  const bare = stream().pipe(map(({ place: _, ...rest }: Batch) => rest as Batch));
  expect((await run(bare)).error).toBe(
    'train: expected batches with place and gathering, their position in the epoch; make batches with batch(), or copy all fields of a batch that you change',
  );
});

describe('row 6: schedules', () => {
  const schedule = { learningRate: cosineDecay(0.1) };

  test('row 6: a cosine over 10 epochs, resumed at 5 with 20, is said in one line', async () => {
    const first = await run(stream({ size: 16 }), { ...schedule, epochs: 10 }, 20);
    expect(first.rates.at(-1)).toBeCloseTo(0.0539, 3);
    const { rates, notices } = await run(stream({ size: 16 }), { ...schedule, epochs: 20 });
    expect(rates[0]).toBeCloseTo(0.0854, 3);
    expect(notices).toEqual([
      `${file}: training continues with epochs: 20, not 10 (progress goes from 50 % to 25 % and the learning rate from 0.0539 to 0.0854)`,
    ]);
  });

  test('row 6: without a schedule progress moves alone; epochs of the source count as those of the trainer', async () => {
    await run(stream({ source: { epochs: 2 } }), { epochs: undefined });
    const { notices, losses } = await run(stream(), { epochs: 4 });
    expect(notices).toEqual([
      `${file}: training continues with epochs: 4, not 2 (progress goes from 100 % to 50 %)`,
    ]);
    expect(losses).toHaveLength(16);
  });

  test('row 6: another learning rate, and another schedule of it, are said', async () => {
    await run(stream(), schedule, MIDDLE);
    const at = 'training continues with another';
    const { notices } = await run(stream(), { learningRate: 0.01 }, 1);
    expect(notices[0]).toMatch(
      new RegExp(`^${file}: ${at} learningRate, which goes from 0\\.0\\d+ to 0\\.01$`),
    );
    const flat = { schedule: 'cosine', from: 0.01, to: 0.01, start: 0, end: 1 } as const;
    expect((await run(stream(), { learningRate: flat }, 1)).notices).toEqual([
      `${file}: ${at} schedule of the learning rate`,
    ]);
  });

  test('row 6: epochs that have passed already are refused in the middle of one', async () => {
    await run(stream(), {}, MIDDLE);
    expect((await run(stream(), { epochs: 1 })).error).toBe(
      `checkpoint ${file}: was made in the middle of epoch 2 but epochs is 1; give epochs of 2 or more`,
    );
  });
});

describe('row 6: checkpoints of older versions', () => {
  /** The file as it was before it said what the training was fed with. */
  async function aged() {
    const { state, path: _, fed: __, position, ...progress } = await loadCheckpoint(file);
    const { epoch, batch: next } = position;
    await saveCheckpoint(file, state, { ...progress, position: { epoch, batch: next } });
    disposeState(state);
  }

  test('row 6: of the end of an epoch they are read; of the middle of one they are refused', async () => {
    const { whole, first } = await disturbed({}, 'two epochs');
    await aged();
    const second = await run(stream());
    expect([...first.losses, ...second.losses]).toEqual(whole.losses);
    await rm(file);
    await run(stream(), {}, MIDDLE);
    await aged();
    expect((await run(stream())).error).toContain('does not say how many samples of epoch 1 were trained');
  });
});
