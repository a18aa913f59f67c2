import { describe, expect, it } from 'vitest';
import {
  affine,
  brightness,
  contrast,
  cutout,
  horizontalFlip,
  hue,
  oneOf,
  randomApply,
  randomResizedCrop,
  randomRotate90,
  someOf,
  TRANSFORMS,
} from '../../src/augment/index.js';
import {
  operatorContract,
  type TransformFactory,
  type TransformSubject,
  transformContract,
} from '../../src/testing/transform.js';
import { SUBJECTS } from './subjects.js';

/** Those without an entry of their own are held to what their schemas say. */
const all = TRANSFORMS.map((factory): TransformSubject => {
  const named = SUBJECTS.find(({ factory: { spec } }) => spec.name === factory.spec.name);
  return named ?? { factory: factory as unknown as TransformFactory };
});

it('subjects list every built-in transform exactly once', () => {
  const names = TRANSFORMS.map(({ spec }) => spec.name as string);
  expect(new Set(names).size).toBe(names.length);
  expect(SUBJECTS.map(({ factory }) => factory.spec.name).filter((name) => !names.includes(name))).toEqual(
    [],
  );
});

describe.each(all.map((s) => [s.factory.spec.name, s] as const))('%s', (_, subject) => {
  for (const { name, run } of transformContract(subject)) it(name, run);
});

describe('transforms of transforms', () => {
  const some = [
    horizontalFlip({ p: 1 }),
    brightness(0.5),
    randomResizedCrop(14),
    cutout(6),
    affine({ rotate: [-40, 40] }),
  ];
  const subjects = {
    oneOf: oneOf(...some),
    someOf: someOf(3, ...some),
    randomApply: randomApply(0.5, ...some),
    nested: oneOf(
      randomApply(0.7, horizontalFlip({ p: 1 }), someOf(1, cutout(4), hue(0.2))),
      oneOf(contrast(0.9), randomRotate90()),
    ),
  };
  for (const [name, operator] of Object.entries(subjects)) {
    for (const { name: what, run } of operatorContract(name, () => operator)) it(what, run);
  }
});
