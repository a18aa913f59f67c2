/** Several data sets in one batch: their classes are matched by name. */
import { concat, merge } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type Dataset, type Item, softTargets } from '../../src/core/index.js';
import { batch, mixup, samples } from '../../src/stream/index.js';
import { all, failure, itemOf } from './make.js';

/** n images whose labels go round the classes; ids say the name of the class. */
function named(
  name: string,
  classes: readonly string[],
  n = 6,
  more: (i: number) => Partial<Item> = () => ({}),
): Dataset {
  return {
    name,
    classes,
    length: n,
    item(i) {
      const label = i % classes.length;
      return { ...itemOf(i), id: `${name}/${classes[label]}-${i}`, label, ...more(i) };
    },
  };
}

const insects = ['ant', 'bee', 'cat'];
const turned = ['cat', 'ant', 'bee'];
const inline = { workers: 0 } as const;

describe('row 5: two sources in one batch', () => {
  it('row 5: concat of two orders of the same classes numbers labels by name', async () => {
    const joined = concat(samples(named('a', insects)), samples(named('b', turned)));
    const batches = await all(joined.pipe(batch(4, inline)));
    const seen = batches.flatMap((b) =>
      b.samples.map(({ id }, row) => [id.split(/[/-]/)[1], b.origin.classes[b.labels[row] as number]]),
    );
    expect(seen).toHaveLength(12);
    for (const [said, numbered] of seen) expect(numbered).toBe(said);
    for (const b of batches) expect(b.origin.classes).toBe(insects);
  });

  it('row 5: merge does too, for a source with fewer of the classes', async () => {
    const joined = merge(samples(named('a', insects)), samples(named('b', ['cat', 'bee'])));
    const batches = await all(joined.pipe(batch(5, inline)));
    let rows = 0;
    for (const b of batches) {
      b.samples.forEach(({ id }, row) => {
        expect(b.origin.classes[b.labels[row] as number]).toBe(id.split(/[/-]/)[1]);
        rows++;
      });
    }
    expect(rows).toBe(12);
  });

  it('row 5: distributions are spread over the classes of the batch, and mixed with them', async () => {
    const soft = () => ({ label: Float32Array.of(0.75, 0.25) });
    const joined = () =>
      concat(samples(named('a', insects, 2)), samples(named('b', ['cat', 'ant'], 2, soft)));
    const [plain] = await all(joined().pipe(batch(4, inline)));
    expect([...(plain?.labels ?? [])]).toEqual([0, 1, 2, 2]);
    expect([...softTargets(plain!)]).toEqual([1, 0, 0, 0, 1, 0, 0.25, 0, 0.75, 0.25, 0, 0.75]);
    const [mixed] = await all(joined().pipe(batch(4, inline), mixup({ alpha: 1 })));
    const share = (k: number) =>
      [0, 1, 2, 3].reduce((sum, i) => sum + (mixed?.soft?.[3 * i + k] as number), 0);
    for (const [k, total] of [1.5, 1, 1.5].entries()) expect(share(k)).toBeCloseTo(total, 5);
  });

  it('row 5: a class that the first source does not know is refused by name', async () => {
    const joined = concat(samples(named('a', insects)), samples(named('b', ['bee', 'cat', 'zebra'])));
    expect(await failure(all(joined.pipe(batch(4, inline))))).toBe(
      "batch: expected data sets of the same classes but 'b' also has 'zebra' and lacks 'ant'; give every source all class names, as imageFolder(dir, { classes }) does",
    );
  });

  it('row 5: masks and boxes, which hold class numbers, are refused where the numbers differ', async () => {
    const boxes = { format: 'voc', items: [{ box: [0, 0, 3, 3], label: 0 }] } as const;
    const boxed = (name: string, classes: readonly string[]) =>
      samples(named(name, classes, 3, () => ({ targets: { boxes } })));
    const joined = (second: readonly string[]) =>
      all(concat(boxed('a', insects), boxed('b', second)).pipe(batch(6, inline)));
    expect(await failure(joined(turned))).toBe(
      "batch: expected the same class numbers in all data sets with masks or boxes but 'b' numbers its classes otherwise; give all sources the same classes, in the same order",
    );
    expect(await joined(['ant', 'bee'])).toHaveLength(1); // fewer, and the same numbers
  });

  it('row 5: classes with two names alike cannot be matched', async () => {
    const joined = concat(samples(named('a', insects)), samples(named('b', ['ant', 'ant'])));
    expect(await failure(all(joined.pipe(batch(4, inline))))).toBe(
      "classes: expected every class to have a name of its own but 'ant' is named twice; rename one",
    );
  });

  it('row 6: epochs that go back, for sources of several epochs were joined, are refused', async () => {
    const twice = (name: string) => samples(named(name, insects), { epochs: 2 });
    expect(await failure(all(concat(twice('a'), twice('b')).pipe(batch(4, inline))))).toBe(
      "batch: expected epochs in order but epoch 0 of 'b' came after epoch 1 of 'a'; join sources of one epoch each, or read all images as one data set",
    );
  });
});
