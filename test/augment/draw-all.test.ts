import fc from 'fast-check';
import { lastValueFrom, map, of, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import {
  brightness,
  horizontalFlip,
  normalize,
  oneOf,
  padCrop,
  randomErasing,
  randomResizedCrop,
  rotate,
  type SampleOperator,
} from '../../src/augment/index.js';
import { linear, Sample } from '../../src/core/index.js';

const OPERATORS: Record<string, () => SampleOperator> = {
  flip: () => horizontalFlip(),
  never: () => horizontalFlip({ p: 0 }),
  padCrop: () => padCrop(4),
  scheduled: () => padCrop(linear(0, 8)),
  crop: () => randomResizedCrop(8),
  erasing: () => randomErasing({ fill: 'noise' }),
  rotate: () => rotate(linear(0, 30)),
  brightness: () => brightness(0.4),
  oneOf: () => oneOf(horizontalFlip({ p: 1 }), rotate(10)),
  normalize: () => normalize(),
};

const sampleOf = (index: number, progress: number) =>
  new Sample({
    id: `${index}`,
    index,
    epoch: 0,
    progress,
    image: { kind: 'file', path: 'a.jpg' },
    label: 0,
    origin: { name: 'some', classes: ['a'], seed: 5, epochs: 1 },
  });

const names = fc.array(fc.constantFrom(...Object.keys(OPERATORS)), { minLength: 1, maxLength: 8 });
const places = fc.array(
  fc.record({ index: fc.nat(1000), progress: fc.double({ min: 0, max: 1, noNaN: true }) }),
  { minLength: 1, maxLength: 4 },
);

test('operators behind one another draw what they draw one by one', () =>
  fc.assert(
    fc.asyncProperty(names, places, async (names, places) => {
      const operators = names.map((name) => (OPERATORS[name] as () => SampleOperator)());
      const samples$ = of(...places.map(({ index, progress }) => sampleOf(index, progress)));
      const together = operators.reduce((stream, operator) => operator(stream), samples$);
      const apart = operators.reduce((stream, op) => op(stream).pipe(map((sample) => sample)), samples$);
      const [all, each] = await Promise.all([together, apart].map(($) => lastValueFrom($.pipe(toArray()))));
      expect(all).toEqual(each);
      expect(all?.[0]?.position).toBe(names.length);
    }),
  ));

test('a stream that others are made from is itself not changed', async () => {
  const flipped$ = horizontalFlip({ p: 1 })(of(sampleOf(0, 0)));
  const both$ = padCrop(4)(flipped$);
  const other$ = normalize()(flipped$);
  const opsOf = async (stream: typeof flipped$) => (await lastValueFrom(stream)).recipe.map(({ op }) => op);
  expect(await opsOf(both$)).toEqual(['horizontalFlip', 'padCrop']);
  expect(await opsOf(other$)).toEqual(['horizontalFlip', 'normalize']);
  expect(await opsOf(flipped$)).toEqual(['horizontalFlip']);
});
