/** Images that are added change how often the old ones are written no more than the new numbers ask for. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Dataset } from '../../src/core/index.js';
import type { Store } from '../../src/io/store/store.js';
import { FactColumns } from '../../src/prepare/plan/columns.js';
import { parseRow } from '../../src/prepare/plan/plan.js';
import { planSplit, type Shared } from '../../src/prepare/plan/split-shards.js';

interface Image {
  readonly id: string;
  readonly label: number;
}

const CLASSES = ['ant', 'bee', 'cat'];
type Balance = Shared['rules']['balance'];

/** How often each image is written, by id; the hash of an image is of its id, and every ninth has the bytes of another. */
async function copiesOf(images: readonly Image[], balance: Partial<Balance>): Promise<Map<string, number>> {
  const columns = new FactColumns(images.length);
  for (const [index, { id }] of images.entries()) {
    const sha256 = createHash('sha256')
      .update(id.endsWith('9') ? 'same' : id)
      .digest('hex');
    columns.push({ index, sha256, bytes: 1, width: 8, height: 8, format: 'png', plain: true });
  }
  const source: Dataset = {
    ...{ name: 'made', classes: CLASSES, length: images.length },
    item: (i) => ({ ...(images[i] as Image), image: { kind: 'file', path: (images[i] as Image).id } }),
  };
  const copies = new Map(images.map(({ id }) => [id, 0]));
  const store = {
    replace: async (_: string, bytes: Uint8Array) => {
      for (const line of Buffer.from(bytes).toString().split('\n').slice(0, -1)) {
        const { id } = parseRow(line);
        copies.set(id, (copies.get(id) as number) + 1);
      }
    },
  } as unknown as Store;
  const rules = {
    ...{ augmented: ['train'], copies: 1, keepOriginal: true, shuffle: true, shardSize: 1000 },
    balance: { to: 'none', factors: {}, most: 1000, ...balance },
  } as unknown as Shared['rules'];
  await planSplit(
    {
      ...{ source, columns, rules, seed: 1, store, leftOut: [] },
      schema: { classes: CLASSES } as unknown as Shared['schema'],
      groupOf: () => undefined,
      signal: new AbortController().signal,
      notice: () => undefined,
    },
    'train',
    Uint32Array.from(images.keys()),
    0,
    () => undefined,
  );
  return copies;
}

const some = (prefix: string, maxLength: number) =>
  fc
    .array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength })
    .map((labels) => labels.map((label, i) => ({ id: `${prefix}${i}`, label })));

const balances: fc.Arbitrary<Partial<Balance>> = fc.oneof(
  fc.record({ to: fc.oneof(fc.constant('largest' as const), fc.integer({ min: 1, max: 90 })) }),
  fc.record({
    factors: fc.dictionary(fc.constantFrom(...CLASSES), fc.double({ min: 0, max: 3, noNaN: true })),
  }),
);

/** The second list put into the first, at places that follow from the seed. */
function mixed(old: readonly Image[], added: readonly Image[], seed: number): Image[] {
  const all = [...old];
  added.forEach((image, i) => {
    all.splice((seed * (i + 7)) % (all.length + 1), 0, image);
  });
  return all;
}

it('of one class none gets a copy more while another gets one less, wherever the new images lie', async () => {
  await fc.assert(
    fc.asyncProperty(
      some('old ', 60),
      some('new ', 6),
      balances,
      fc.nat(1e6),
      async (old, added, balance, seed) => {
        const before = await copiesOf(old, balance);
        const after = await copiesOf(mixed(old, added, seed), balance);
        expect(after).toEqual(
          await copiesOf([...old, ...added], balance).then(
            (all) => new Map([...after.keys()].map((id) => [id, all.get(id)])),
          ),
        );
        for (const c of CLASSES.keys()) {
          const changes = old
            .filter(({ label }) => label === c)
            .map(({ id }) => Math.sign((after.get(id) as number) - (before.get(id) as number)));
          expect(changes.includes(1) && changes.includes(-1), `${changes}`).toBe(false);
        }
      },
    ),
    { numRuns: 30 },
  );
});

it('images of other classes change nothing, where the number does not follow from them', async () => {
  await fc.assert(
    fc.asyncProperty(
      some('old ', 60),
      fc.nat(1e6),
      fc.integer({ min: 1, max: 90 }),
      async (all, seed, to) => {
        const old = all.map((image, i) => ({ ...image, label: i % 2 }));
        const added = Array.from({ length: 1 + Math.ceil(old.length / 10) }, (_, i) => ({
          id: `new ${i}`,
          label: 2,
        }));
        const before = await copiesOf(old, { to });
        const after = await copiesOf(mixed(old, added, seed), { to });
        for (const { id } of old) expect(after.get(id)).toBe(before.get(id));
      },
    ),
    { numRuns: 30 },
  );
});
