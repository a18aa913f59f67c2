/** Pipelines as JSON come back drawing the same. */
import { describe, expect, it } from 'vitest';
import {
  augMix,
  BATCH_TRANSFORMS,
  cutout,
  horizontalFlip,
  mixOneOfTransform,
  normalize,
  oneOf,
  padCrop,
  pipelineFromJson,
  pipelineJsonSchema,
  pipelineToJson,
  policy,
  randAugment,
  randomApply,
  rotate,
  type SampleOperator,
  someOf,
  staged,
  threeAugment,
  trivialAugment,
  weightedOneOf,
} from '../../src/augment/index.js';
import { keyOf, linear } from '../../src/core/index.js';

const draws = (operators: readonly SampleOperator[]) =>
  Array.from({ length: 50 }, (_, i) => operators.map(({ transform }) => transform.draw(keyOf(i), i / 50)));

describe('pipelines as JSON', () => {
  const operators = [
    horizontalFlip(),
    padCrop({ padding: linear(0, 4), border: 'reflect' }),
    oneOf(rotate(10), randomApply(0.3, cutout(4), horizontalFlip({ p: 0.2 })), threeAugment()),
    someOf(2, horizontalFlip(), rotate(5), cutout(8)),
    weightedOneOf([2, rotate(20)], [0.5, weightedOneOf([1, cutout(linear(0, 4))], [3, augMix()])]),
    staged([0, trivialAugment()], [0.5, randAugment({ n: 3, m: linear(0, 20) })]),
    policy('rand-m9-n3-mstd0.5-inc1'),
    policy('auto-svhn'),
    augMix({ depth: 2 }),
    normalize(),
  ];

  it('come back the same, from text too', () => {
    const json = pipelineToJson(operators);
    const back = pipelineFromJson(JSON.stringify(json)).transforms;
    expect(pipelineToJson(back)).toEqual(json);
    expect(draws(back)).toEqual(draws(operators));
  });

  it('hold batch transforms', () => {
    const bound = [
      ...BATCH_TRANSFORMS.map((transform) => transform({})),
      mixOneOfTransform([BATCH_TRANSFORMS[1]({})]),
    ];
    const json = pipelineToJson(
      [],
      bound.map((transform) => ({ transform })),
    );
    const context = { size: 8, height: 16, width: 16, progress: 0.3 };
    const back = pipelineFromJson(json).batch;
    expect(back.map((transform) => transform.draw(keyOf(3), context))).toEqual(
      bound.map((transform) => transform.draw(keyOf(3), context)),
    );
  });

  it('that are newer, unknown, too deep or no JSON are refused in one sentence', () => {
    const from = (value: unknown) => () => pipelineFromJson(value);
    expect(from({ rxaug: 3, transforms: [] })).toThrow(
      /expected version 2 or older but received 3; update rxaug/,
    );
    expect(from({ rxaug: 1, transforms: [{ op: 'flipp' }] })).toThrow(
      /unknown transform 'flipp'; did you mean 'horizontalFlip'/,
    );
    expect(from({ rxaug: 1, transforms: [{ op: 'cutout', options: { size: -3 } }] })).toThrow(/cutout: size/);
    expect(from('{')).toThrow(/pipeline: expected JSON/);
    expect(from({ rxaug: 1, transforms: [{ op: 'constructor' }] })).toThrow(
      /unknown transform 'constructor'/,
    );
    const odds = (weights: unknown) =>
      from({ rxaug: 2, transforms: [{ op: 'weightedOneOf', options: { weights, of: [{ op: 'hue' }] } }] });
    expect(odds([1, 2])).toThrow(/expected as many weights as transforms but received 2 and 1/);
    expect(odds(['1'])).toThrow(/weightedOneOf: weights\[0\]: expected a number but received '1'/);
    expect(odds([0])).toThrow(/expected odds above 0/);
    expect(odds(undefined)).toThrow(/weightedOneOf: weights: expected a list/);
    let deep: object = { op: 'horizontalFlip' };
    for (let i = 0; i < 20; i++) deep = { op: 'oneOf', options: { of: [deep] } };
    expect(from({ rxaug: 1, transforms: [deep] })).toThrow(/at most 8 levels/);
  });

  it('have a JSON Schema with every transform', () => {
    const text = JSON.stringify(pipelineJsonSchema());
    for (const { op } of pipelineToJson([horizontalFlip(), rotate(), cutout()]).transforms)
      expect(text).toContain(`"const":"${op}"`);
  });
});
