import { EMPTY } from 'rxjs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { UsageError } from '../../src/core/index.js';
import { definePipeline } from '../../src/pipeline/define-pipeline.js';

describe('definePipeline', () => {
  it('gives settings the types of their defaults', () => {
    const pipeline = definePipeline({
      name: 'typed',
      settings: { data: '', epochs: 6, depth: 20 as 20 | 32, mixed: false, sizes: [8] },
      batches: ({ settings, seed, workers }) => {
        expectTypeOf(settings.data).toEqualTypeOf<string>();
        expectTypeOf(settings.epochs).toEqualTypeOf<number>();
        expectTypeOf(settings.depth).toEqualTypeOf<20 | 32>();
        expectTypeOf(settings.mixed).toEqualTypeOf<boolean>();
        expectTypeOf(settings.sizes).toEqualTypeOf<number[]>();
        expectTypeOf(seed).toEqualTypeOf<number>();
        expectTypeOf(workers).toEqualTypeOf<number | undefined>();
        return EMPTY;
      },
    });
    expect(pipeline.settings).toEqual({ data: '', epochs: 6, depth: 20, mixed: false, sizes: [8] });
  });

  const good = { name: 'a', settings: {}, batches: () => EMPTY };
  it.each([
    [
      'a name that is no folder name',
      { ...good, name: 'a/b' },
      "expected name to be letters, digits, '-', '_' or '.' but received 'a/b'",
    ],
    ['no name', { ...good, name: undefined }, 'expected name to be'],
    [
      'no batches',
      { ...good, batches: undefined },
      'expected batches to be a function but received undefined',
    ],
    ['a run that is no function', { ...good, run: 3 }, 'expected run to be a function but received 3'],
    [
      'a search that is no function',
      { ...good, search: {} },
      'expected search to be a function but received {}',
    ],
    [
      'no settings',
      { ...good, settings: undefined },
      'expected settings to be an object of defaults but received undefined; use {}',
    ],
    [
      'an odd setting',
      { ...good, settings: { a: { b: 1 } } },
      'settings.a: expected a number, boolean, string or list but received {"b":1}',
    ],
    ['a mixed list', { ...good, settings: { a: [1, 'b'] } }, 'settings.a: expected'],
    ['nothing', null, 'expected a pipeline but received null'],
  ])('%s is refused in one sentence', (_, pipeline, sentence) => {
    expect(() => definePipeline(pipeline as never)).toThrow(UsageError);
    expect(() => definePipeline(pipeline as never)).toThrow(`definePipeline: ${sentence}`);
  });
});
