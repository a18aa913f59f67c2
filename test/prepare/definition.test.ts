/** What a definition asks for is done, or refused by name. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { horizontalFlip, policy } from '../../src/augment/index.js';
import { type PrepareDefinition, prepared } from '../../src/prepare/definition.js';
import { sizeFilter } from '../../src/prepare/filters.js';
import { dataset } from './here.js';

const source = dataset('', {}, ['one']);
const of = (fields: object) => () => prepared({ source, ...fields } as PrepareDefinition);
const augment = [horizontalFlip()];

it.each([
  [
    { augment, copies: 2, split: { tr: 0.5, va: 0.5 } },
    "augmented: none of the splits tr, va is augmented or balanced; name those that are, as augmented: ['tr']",
  ],
  [
    { balance: { factors: { one: 0.5 } }, split: { all: 1 } },
    'none of the splits all is augmented or balanced',
  ],
  [{ augment }, 'augment: the first copy of each image is not augmented, and there is no other'],
  [{ fit: 'exact' }, "fit: 'exact' means nothing while sizes stay"],
  [{ fit: 'within', size: [100, 200] }, "size: 'within' takes one number"],
  [{ filters: [sizeFilter] }, 'filters: expected filters but received function sizeFilter'],
  [{ format: { name: 'webdataset' } }, 'format: expected the name of a layout'],
  [{ copies: 'x' }, "prepare: copies: expected a whole number in 1..10000 but received 'x'"],
  [{ split: { a: 2 } }, 'prepare: split.a: expected a number > 0 and ≤ 1 but received 2'],
  [
    { split: { '1a': 1 } },
    "prepare: split: expected a name of a letter and at most 31 more letters, digits, _ or - but received '1a'",
  ],
  [{ encode: { qality: 3 } }, "prepare: encode: unknown option 'qality'; did you mean 'quality'?"],
  [
    { balance: { to: 'big' } },
    "balance.to: expected one of 'none', 'largest' or a whole number ≥ 1 but received",
  ],
  [{ format: 'raw', encode: { format: 'jpeg' } }, 'encode: raw holds pixels as they are'],
])('refuses %j', (fields, sentence) => {
  expect(of(fields)).toThrow(sentence);
});

it('a searched policy by its path is what copies are augmented by; what it has for batches is refused by name', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'rxaug-policy-')), 'found.json');
  const written = (more: object) => {
    const transforms = [{ op: 'rotate', options: { angle: [-20, 20] } }];
    writeFileSync(file, JSON.stringify({ rxaug: 2, transforms, ...more }));
    return file;
  };
  const { rules } = prepared({ source, augment: [policy(written({}))], copies: 2 });
  expect(JSON.stringify(rules.transforms)).toContain('"op":"rotate"');
  const model = 'a'.repeat(64);
  for (const [more, names] of [
    [{ batch: [{ op: 'mixup' }] }, 'mixup'],
    [{ stages: [{ op: 'ganMix', model }], batch: [{ op: 'cutmix' }] }, 'ganMix, cutmix'],
  ] as [object, string][])
    expect(() => policy(written(more))).toThrow(
      `expected transforms of samples but received some of batches too (${names}); apply them behind batch() by policyStages`,
    );
  // Whoever says that they are applied elsewhere, in training, has the samples' part here.
  const elsewhere = policy(written({ batch: [{ op: 'mixup' }] }), {}, { stages: 'elsewhere' });
  expect(prepared({ source, augment: [elsewhere], copies: 2 }).rules.transforms).toEqual(rules.transforms);
});

it.each([
  [{ augment, copies: 2, split: { tr: 0.5, va: 0.5 }, augmented: ['tr'] }],
  [{ augment, keepOriginal: false }],
  [{ augment, balance: { to: 'largest' } }],
  [{ fit: 'within', size: 64 }],
  [{ format: 'raw', size: [10, 20] }],
])('takes %j', (fields) => {
  expect(of(fields)).not.toThrow();
});
