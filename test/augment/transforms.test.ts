import { describe, expect, it } from 'vitest';
import {
  affine,
  brightness,
  contrast,
  cutout,
  flip,
  hue,
  oneOf,
  quarterTurn,
  randomResizedCrop,
  someOf,
  sometimes,
  TRANSFORMS,
} from '../../src/augment/index.js';
import { operatorContract, transformContract } from '../contracts/transform.js';
import { SUBJECTS } from './subjects.js';

it('every transform of the house is held to the contract', () => {
  expect(SUBJECTS.map(({ factory }) => factory.spec.name).sort()).toEqual(
    TRANSFORMS.map(({ spec }) => spec.name).sort(),
  );
});

describe.each(SUBJECTS.map((s) => [s.factory.spec.name, s] as const))('%s', (_, subject) => {
  for (const { name, run } of transformContract(subject)) it(name, run);
});

describe('transforms of transforms', () => {
  const some = [
    flip({ p: 1 }),
    brightness(0.5),
    randomResizedCrop(14),
    cutout(6),
    affine({ rotate: [-40, 40] }),
  ];
  const subjects = {
    oneOf: oneOf(...some),
    someOf: someOf(3, ...some),
    sometimes: sometimes(0.5, ...some),
    nested: oneOf(
      sometimes(0.7, flip({ p: 1 }), someOf(1, cutout(4), hue(0.2))),
      oneOf(contrast(0.9), quarterTurn()),
    ),
  };
  for (const [name, operator] of Object.entries(subjects)) {
    for (const { name: what, run } of operatorContract(name, operator)) it(what, run);
  }
});
