import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/index.js';
import { problemData } from '../../../src/search/data/splits.js';
import type { SearchProblem } from '../../../src/search/problem.js';
import { made, problem } from './make.js';

const reordered = (data: Dataset): Dataset => ({
  ...data,
  item: (i) => ({ ...data.item(data.length - 1 - i), id: `other/${i}` }),
});

describe('problemData', () => {
  it('splits each class by the same share, with nothing in two parts', async () => {
    const { train, search, validation, heldOut, test } = await problemData(problem(), { seed: 0 });
    expect([search.ids.length, validation.ids.length]).toEqual([24, 16]);
    expect(new Set([...search.ids, ...validation.ids])).toEqual(new Set(train.ids));
    expect(validation.labels.filter((label) => label === 1)).toHaveLength(8);
    expect(heldOut.ids).toEqual(validation.ids);
    expect(test.ids).toHaveLength(10);
    const given = await problemData(problem({ heldOut: made({ count: 9, from: 500 }) }), { seed: 0 });
    expect([given.search.ids.length, given.validation.ids.length, given.heldOut.ids.length]).toEqual([
      32, 8, 9,
    ]);
  });

  it('scores on held-out images where their labels may be used, by the class numbers of train', async () => {
    const swapped = made({ count: 9, from: 500, classes: ['bright', 'dark'] });
    const { train, search, validation, heldOut } = await problemData(
      problem({ heldOut: swapped, heldOutLabels: true }),
      { seed: 0 },
    );
    expect(new Set(search.ids)).toEqual(new Set(train.ids));
    expect(validation).toBe(heldOut);
    expect([...validation.labels]).toEqual(
      Array.from({ length: 9 }, (_, i) => 1 - (swapped.item(i).label as number)),
    );
  });

  it('chooses by seed and pixels, not by order or names', async () => {
    const of = async (seed: number, train: Dataset) =>
      (await problemData(problem({ train }), { seed })).search;
    const one = await of(0, made({ count: 40 }));
    const same = await of(0, reordered(made({ count: 40 })));
    expect(same.hashes).toEqual(one.hashes);
    expect(same.sha256).toBe(one.sha256);
    expect(new Set((await of(1, made({ count: 40 }))).hashes)).not.toEqual(new Set(one.hashes));
  });

  it('keeps equal images together and tells them', async () => {
    const plain = made({ count: 40 });
    const twice: Dataset = {
      ...plain,
      item: (i) => ({ ...plain.item(i - (i % 4 >= 2 ? 2 : 0)), id: `${i}` }),
    };
    const { search, validation, notes } = await problemData(problem({ train: twice }), { seed: 0 });
    expect(validation.hashes.length).toBeGreaterThan(0);
    expect(validation.hashes.filter((hash) => search.hashes.includes(hash))).toEqual([]);
    expect(notes).toEqual(['train: 20 of 40 images equal another one; they stay together']);
  });

  it('matches classes by name', async () => {
    const test = made({ count: 10, from: 1000, classes: ['bright', 'dark'] });
    const data = await problemData(problem({ test }), { seed: 0 });
    expect(data.test.classes).toEqual(['dark', 'bright']);
    expect(data.test.labels[0]).toBe(1);
  });

  const refused: readonly [string, Partial<SearchProblem>, RegExp][] = [
    [
      'one class',
      { train: made({ classes: ['dark'] }) },
      /train: expected at least two classes but received 'dark'; /,
    ],
    [
      'images of one class',
      { train: { ...made(), item: (i) => made().item(2 * Math.floor(i / 2)) } },
      /train: expected images of at least two classes but all are 'dark'; /,
    ],
    ['an empty test set', { test: made({ count: 0 }) }, /test: expected images but 'made' is empty; /],
    [
      'other classes',
      { test: made({ from: 1000, classes: ['dark', 'light'] }) },
      /test: expected the classes of train but has 'light' and lacks 'bright'; /,
    ],
    [
      'a class without training images',
      {
        train: {
          ...made({ classes: ['a', 'b', 'c'] }),
          item: (i) => made({ classes: ['a', 'b', 'c'] }).item(i - (i % 3 === 2 ? 1 : 0)),
        },
        test: made({ from: 1000, classes: ['a', 'b', 'c'] }),
      },
      /test: has images of 'c', of which train has none; /,
    ],
    [
      'labels of held-out images that are not there',
      { heldOutLabels: true },
      /heldOutLabels: expected heldOut beside it but there is none; give such images, or /,
    ],
    [
      'held-out images of other classes',
      { heldOut: made({ from: 500, classes: ['dark', 'light'] }), heldOutLabels: true },
      /heldOut: expected the classes of train but has 'light' and lacks 'bright'; /,
    ],
    [
      'a shared sample',
      { test: made({ count: 10, from: 30, name: 'copy' }) },
      /test: 'copy\/\d+' has the pixels of 'made\/\d+' in train; keep each image in one of them/,
    ],
    [
      'a sample shared with heldOut',
      { heldOut: made({ count: 10, from: 1000, name: 'copy' }) },
      /test: 'made\/1000' has the pixels of 'copy\/1000' in heldOut; /,
    ],
    [
      'fewer images than a batch',
      { trial: { ...problem().trial, batch: 41 } },
      /train: expected at least a batch of 41 images but there are 40; lower trial\.batch, or give more images/,
    ],
    [
      'a search part smaller than a batch',
      { trial: { ...problem().trial, batch: 25 } },
      /search: expected at least a batch of 25 images but there are 24; /,
    ],
    [
      'statistics of other channels',
      { channels: 1 },
      /statistics\.mean: expected 1 numbers, one a channel, but received 3; /,
    ],
  ];
  it.each(refused)('refuses %s', async (_, changes, message) => {
    await expect(problemData(problem(changes), { seed: 0 })).rejects.toThrow(message);
  });
});
