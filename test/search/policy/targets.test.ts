/** Masks, boxes and keypoints follow under a found policy; images of one channel are augmented as gray ones. */
import { describe, expect, it } from 'vitest';
import * as augment from '../../../src/augment/index.js';
import type { Dataset, ImageRef } from '../../../src/core/index.js';
import { fold, keyOf } from '../../../src/core/index.js';
import { operatorOf } from '../../../src/search/policy/operator.js';
import type { OpSetting, PolicySetting } from '../../../src/search/policy/policy.js';
import type { SearchSpace } from '../../../src/search/space/search-space.js';
import { batch, pull, samples } from '../../../src/stream/index.js';
import { spaceOf } from '../../golden/search/space.mjs';
import { violation } from '../../targets/chains.js';
import { maskAfter, rectangleMask } from '../../targets/make.js';

const space = spaceOf(augment);

/** Every op that is chosen, at all its magnitudes, in three stages of two sub-policies. */
function evenly({ ops }: SearchSpace, which: (name: string) => boolean = () => true): PolicySetting {
  const stage = ops
    .filter(({ name }) => which(name))
    .map(({ name, magnitude }): OpSetting => {
      const range = magnitude && { low: magnitude.low, high: magnitude.high };
      return { op: name, weight: 1, p: 0.9, ...range };
    });
  const sub = { weight: 1, stages: [stage, stage, stage] };
  return { subPolicies: [sub, { ...sub, weight: 2 }] };
}

describe('targets', () => {
  const { transform } = operatorOf(space, evenly(space));
  const recipeOf = (index: number) => transform.draw(fold(keyOf(index), 9), 0);

  it('mask, box and keypoint of one object stay together in 3,000 images', () => {
    const wrong: string[] = [];
    let moved = 0;
    for (let i = 0; i < 3000; i++) {
      const recipe = recipeOf(i);
      if (recipe.some(({ op }) => ['rotate', 'shear', 'translate', 'affine'].includes(op))) moved++;
      const said = violation(i, recipe);
      if (said !== undefined) wrong.push(said ?? `image ${i} was refused`);
    }
    expect(moved).toBeGreaterThan(1500);
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  it('come with the pixels in a batch', async () => {
    const [side, n] = [48, 40];
    const box = [10, 12, 30, 36] as const;
    const mask = rectangleMask(side, side, box, 1);
    const data: Dataset = {
      name: 'made',
      classes: ['a'],
      length: n,
      item: (i) => ({
        id: `made/${i}`,
        image: flat(side, 3),
        label: 0,
        targets: {
          mask,
          boxes: { format: 'voc', items: [{ box, label: 0 }] },
          keypoints: { items: [{ x: 20, y: 24 }] },
        },
      }),
    };
    const only = evenly(space, (name) =>
      ['rotate', 'shearX', 'translateY', 'scale', 'horizontalFlip'].includes(name),
    );
    const found = operatorOf(space, only);
    const recipes: augment.StepJson[] = [];
    for await (const one of pull(
      samples(data, { seed: 3 }).pipe(found, batch(n, { workers: 0, dtype: 'uint8' })),
    )) {
      for (let i = 0; i < one.size; i++) {
        const recipe = one.samples[i]!.recipe;
        recipes.push(...recipe);
        const masks = one.masks!.mask!.subarray(i * side * side, (i + 1) * side * side);
        expect(Buffer.from(masks).equals(Buffer.from(maskAfter(recipe, mask).data))).toBe(true);
        const plan = augment.lower(recipe, side, side, augment.ops());
        const boxes = augment.moveBoxes(
          { format: 'voc', items: [{ box, label: 0 }] },
          plan.moves,
          side,
          side,
        );
        expect(one.targets![i]!.boxes!.map((each) => each.box)).toEqual(boxes.map((each) => each.box));
      }
      one.dispose();
    }
    expect(new Set(recipes.map(({ op }) => op)).size).toBe(5);
  });
});

/** A picture that is gray: one value a pixel, once or three times. */
function flat(side: number, channels: 1 | 3): ImageRef {
  const data = new Uint8Array(channels * side * side);
  for (let i = 0; i < data.length; i++) data[i] = (Math.floor(i / channels) * 37) % 251;
  return { kind: 'pixels', data, width: side, height: side, channels };
}

describe('images of one channel', () => {
  const side = 24;
  const data = (channels: 1 | 3): Dataset => ({
    name: 'gray',
    classes: ['a'],
    length: 300,
    item: (i) => ({ id: `gray/${i}`, image: flat(side, channels), label: 0 }),
  });
  async function rendered(channels: 1 | 3, found: augment.SampleOperator) {
    const all: Uint8Array[] = [];
    const used = new Set<string>();
    for await (const one of pull(
      samples(data(channels), { seed: 5 }).pipe(found, batch(100, { workers: 0, dtype: 'uint8' })),
    )) {
      all.push((one.images as Uint8Array).slice());
      for (const { recipe } of one.samples) for (const { op } of recipe) used.add(op);
      one.dispose();
    }
    return { bytes: Buffer.concat(all), used };
  }

  it('become what the same gray in three channels becomes, by every op', async () => {
    const found = operatorOf(space, evenly(space));
    const [one, three] = [await rendered(1, found), await rendered(3, found)];
    expect(one.used.size).toBe(21); // shearX and shearY are one transform, translateX and translateY too
    expect(one.bytes.length).toBe(300 * 3 * side * side);
    expect(one.bytes.equals(three.bytes)).toBe(true);
  });

  it('stay gray unless noise has a value for each channel', async () => {
    const { bytes } = await rendered(
      1,
      operatorOf(
        space,
        evenly(space, (name) => name !== 'gaussianNoise'),
      ),
    );
    let colored = 0;
    for (let i = 0; i < bytes.length; i += 3)
      if (bytes[i] !== bytes[i + 1] || bytes[i] !== bytes[i + 2]) colored++;
    expect(colored).toBe(0);
  });
});
