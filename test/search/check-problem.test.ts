/** Problems that are refused in one sentence, before anything is trained. */
import { describe, expect, it } from 'vitest';
import { boxSafeCrop, randomCrop } from '../../src/augment/index.js';
import { UsageError } from '../../src/core/index.js';
import { checkProblem, rehearse } from '../../src/search/check-problem.js';
import { problemData } from '../../src/search/data/splits.js';
import type { SearchProblem } from '../../src/search/problem.js';
import { searchOp } from '../../src/search/space/search-op-of.js';
import { searchSpace } from '../../src/search/space/search-space.js';
import { made, problem } from './data/make.js';

const space = searchSpace({ only: ['rotate', 'brightness'] });
const given = problem({ space });
const withTrial = (changes: object) => ({ trial: { ...given.trial, ...changes } });
const withOp = (op: SearchProblem['space']['ops'][number]) => ({
  space: { ...space, ops: [...space.ops, op] },
});

describe('checkProblem', () => {
  it('takes a problem that can be searched', () => {
    expect(() => checkProblem(given)).not.toThrow();
  });

  it.each<[string, object, RegExp]>([
    ['no epochs', withTrial({ epochs: 0 }), /^search: trial\.epochs: expected .* but received 0/],
    ['half an epoch', withTrial({ epochs: 1.5 }), /^search: trial\.epochs: .*1\.5/],
    ['an empty batch', withTrial({ batch: 0 }), /^search: trial\.batch: .*received 0/],
    ['no learning rate', withTrial({ learningRate: 0 }), /^search: trial\.learningRate: .*received 0/],
    ['a negative decay', withTrial({ weightDecay: -1 }), /^search: trial\.weightDecay: .*received -1/],
    [
      'a setting that trials do not have',
      withTrial({ epoch: 3 }),
      /^search: trial: unknown .*'epoch'; did you mean 'epochs'/,
    ],
    [
      'words for yes or no',
      { heldOut: given.test, heldOutLabels: 'true' },
      /^search: heldOutLabels: expected .* but received 'true'/,
    ],
    ['no size', { size: 0 }, /^search: size: .*received 0/],
    ['two channels', { channels: 2 }, /^search: channels: .*received 2/],
    [
      'a spread of 0',
      { statistics: { mean: [0, 0, 0], std: [1, 0, 1] } },
      /^search: statistics\.std\[1\]: .*received 0/,
    ],
    ['no op', { space: { ...space, ops: [] } }, /at least one op but none is left; allow an op$/],
    [
      'colors for gray images',
      { ...given, channels: 1, space: searchSpace({ only: ['rotate', 'hue'] }) },
      /'hue' cannot take images of 1 channel; leave out/,
    ],
    [
      'an op by boxes',
      withOp(searchOp(boxSafeCrop, { fixed: { size: 8 } })),
      /'boxSafeCrop' needs boxes, and the images of a search have none; leave it out$/,
    ],
  ])('refuses %s', (_, changes, message) => {
    const check = () => checkProblem({ ...given, ...changes } as SearchProblem);
    expect(check).toThrow(UsageError);
    expect(check).toThrow(message);
  });
});

describe('rehearse', () => {
  const rehearsed = async (changes: Partial<SearchProblem>) => {
    const one = { ...given, ...changes };
    const { search } = await problemData(one, { seed: 0 });
    return rehearse(one, search);
  };

  it('takes every standard op, in color and gray', async () => {
    await expect(rehearsed({ space: searchSpace() })).resolves.toBeUndefined();
    const gray = { count: 40, channels: 1 } as const;
    await expect(
      rehearsed({
        space: searchSpace({ except: ['hue', 'saturation', 'grayscale'] }),
        train: made(gray),
        test: made({ ...gray, count: 10, from: 1000 }),
        channels: 1,
        statistics: { mean: [0.5], std: [0.5] },
      }),
    ).resolves.toBeUndefined();
  });

  it('refuses an op that changes the size of images, and takes it in base', async () => {
    const crop = searchOp(randomCrop, { fixed: { size: 6 } });
    await expect(rehearsed(withOp(crop))).rejects.toThrow(
      /^search: space: op 'randomCrop': expected images of 8 × 8 as they were but it makes them 6 × 6; leave it out/,
    );
    await expect(rehearsed({ base: [randomCrop(6)] })).resolves.toBeUndefined();
  });

  it('refuses what fails on the images, with the reason', async () => {
    const large = searchOp(randomCrop, { name: 'large', fixed: { size: 9 } });
    await expect(rehearsed(withOp(large))).rejects.toThrow(UsageError);
    await expect(rehearsed(withOp(large))).rejects.toThrow(
      /^search: space: op 'large': cannot be rendered on the images of train \(.*9.*\); leave it out or repair it$/s,
    );
  });
});
