/** `rxaug dedupe` as a user runs it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COPIES, original, photo } from '../prepare/photos.js';
import { Workspace } from './command.js';

const at = new Workspace({ 'photos/train/broken.jpg': 'no image' });
beforeAll(async () => {
  for (const n of [0, 1, 2]) at.write(`photos/train/${n}.jpg`, await original(photo(n)));
  at.write('photos/test/9.jpg', await COPIES.mirrored!(photo(1), 0));
  at.write('photos/train/copy.jpg', await original(photo(2)));
  at.write('more/a.jpg', await COPIES.cropped!(photo(0), 0));
});
afterAll(() => at.dispose());

describe('rxaug dedupe', () => {
  it('lists groups on stdout, counts and what is left out on stderr', async () => {
    const { code, stdout, stderr } = await at.rxaug(['dedupe', 'photos']);
    expect(code).toBe(0);
    expect(stdout).toBe(`1. 2 images, near-duplicates, across test and train
   test/9.jpg
   train/1.jpg
2. 2 images, the same bytes
   train/2.jpg
   train/copy.jpg
`);
    expect(stderr).toContain('2 groups among 5 images, 2 redundant; 1 across splits\n');
    expect(stderr).toContain('1 sample was left out:\n  train/broken.jpg: ');
  });

  it('--against lists what both have; --json gives an object', async () => {
    const { code, stdout } = await at.rxaug(['dedupe', 'photos', '--against', 'more', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      sources: [
        { source: 'photos', images: 5, unreadable: [{ id: 'train/broken.jpg' }] },
        { source: 'more', images: 1, unreadable: [] },
      ],
      duplicates: 1,
      leaks: 0,
      groups: [
        {
          images: [
            { source: 0, id: 'train/0.jpg', split: 'train' },
            { source: 1, id: 'a.jpg' },
          ],
          same: false,
        },
      ],
      leftOut: { count: 1 },
    });
  });

  it('refuses what is no source, and a number out of range', async () => {
    const nothing = await at.rxaug(['dedupe', 'nothing']);
    expect([nothing.code, nothing.stdout]).toEqual([2, '']);
    expect(nothing.stderr).toContain("rxaug: source: there is no file or folder 'nothing'; check the path");
    const wrong = await at.rxaug(['dedupe', 'photos', '--alike', '0.2']);
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      "rxaug: --alike: expected a number in 0.5..1 but received '0.2'\n",
    ]);
  });
});
