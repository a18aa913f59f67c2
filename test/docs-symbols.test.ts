/** Examples of the docs on symbols: each is type-checked and run, and one that is wrong is found. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
// @ts-expect-error: a script without types
import { build } from '../scripts/build.mjs';
// @ts-expect-error: a script without types
import { readSymbols } from '../scripts/docs/api/symbols.mjs';
// @ts-expect-error: a script without types
import { chooseSymbols, measureSymbols, REQUIRED } from '../scripts/docs/check/symbols.mjs';
// @ts-expect-error: a script without types
import { runExamples } from '../scripts/docs/examples/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Result {
  readonly name: string;
  readonly failures: readonly string[];
}

await build(root);
const symbols = readSymbols(root);
/** A symbol of ours with other examples. */
const standIn = (...examples: string[]) => ({
  ...symbols.find(({ name }: { name: string }) => name === 'STATISTICS'),
  examples,
});
const failuresOf = async (...examples: string[]) =>
  ((await runExamples(root, symbols, [standIn(...examples)])) as Result[]).map(({ failures }) =>
    failures.join('\n'),
  );

it('every @example of a public symbol type-checks, runs and shows what it says', async () => {
  const results: Result[] = await runExamples(root, symbols, symbols);
  expect(results.filter(({ failures }) => failures.length > 0)).toEqual([]);
});

it('at least 98 % of public values have a doc with an example on the symbol; npm run check:docs lists the others', () => {
  const { share, withoutDoc, withoutExample } = measureSymbols(chooseSymbols(symbols));
  const missing = [...withoutDoc, ...withoutExample].map(({ name }: { name: string }) => name);
  expect(share, missing.join(', ')).toBeGreaterThanOrEqual(REQUIRED);
});

it('measureSymbols counts values, not types, and a doc without an example is not enough', () => {
  const symbol = { value: true, doc: 'Does.', examples: ['1'], name: 'a', file: 'src/a.ts', line: 1 };
  const all = [symbol, { ...symbol, name: 'b', examples: [] }, { ...symbol, name: 'c', doc: '' }];
  const types = [{ ...symbol, name: 'T', value: false, doc: '' }];
  expect(measureSymbols([...all, ...types])).toMatchObject({
    values: 3,
    documented: 1,
    withoutDoc: [{ name: 'c' }],
    withoutExample: [{ name: 'b' }],
    types: 1,
    typesWithoutDoc: [{ name: 'T' }],
  });
  expect(chooseSymbols([symbol, { ...symbol, external: true }], ['src/a.ts'])).toEqual([symbol]);
});

it('readSymbols takes a name that is exported as a type only for a type', () => {
  const found = symbols.find(({ name }: { name: string }) => name === 'GenerativeModel');
  expect(found).toMatchObject({ kind: 'class', value: false });
});

it('runExamples reports types, errors, exits, other values and arrows out of place, each by its line', async () => {
  const found = await failuresOf(
    'STATISTICS.cifar10.mean // → [0.4914, 0.4822, 0.4465]\nconsole.log(1);\nconsole.log(2, { a: [1] }); // → 2 { a: [ 1 ] }',
    "const [first] = [1];\nconst name: string = 'a'; // → a\nfor (const i of [first, 2]) console.log(i);\n// → 1\n// → 2",
    "import { firstValueFrom, toArray } from 'rxjs';\n(await firstValueFrom(imageFolder('photos').pipe(toArray()))).length // → 8",
    'await Promise.resolve([1 / 3, 2]) // → [ 0.33…, 2 ]',
    'STATISTICS.cifar10.mean.length // → 4',
    'const a = 1;\nconst text: string = a;',
    "throw new Error('no');",
    'process.exit(3);',
    "queueMicrotask(() => { throw new Error('later'); });",
    'if (STATISTICS) {\n  console.log(2); // → 3\n}',
    'console.log(1); // → 2',
    'notPublic(1)',
  );
  expect(found.slice(0, 4)).toEqual(['', '', '', '']);
  expect(found.slice(4)).toEqual([
    'line 1: expected 4 but received 3',
    "line 2: TS2322: Type 'number' is not assignable to type 'string'.",
    'Error: no',
    expect.stringMatching(/^ended its process with code 3/),
    'Error: later',
    expect.stringMatching(/^line 2: expected '\/\/ →' after a statement of the top level/),
    'line 1: expected it to print 2 but it printed 1',
    "line 1: TS2304: Cannot find name 'notPublic'.",
  ]);
});
