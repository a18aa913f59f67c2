/** Words and data that make no sense, through the public face: each is refused in one sentence that says what to do. */
import { toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Item, Targets } from '../../src/core/index.js';
import * as rxaug from '../../src/index.js';
import { all, pixels } from '../stream/make.js';

const { batch, horizontalFlip, oneOf, pipelineFromJson, policy, randAugment, samples, randomApply, staged } =
  rxaug;

/** One sentence, in the words of the house: no slip of the program shows. */
function sentence(error: unknown, said: string): void {
  expect(error).toBeInstanceOf(rxaug.RxaugError);
  const { message } = error as Error;
  expect(message).toContain(said);
  expect(message).not.toMatch(/\n|Cannot read|is not a function|not iterable|undefined \(/);
}

function refused(run: () => unknown, said: string): void {
  try {
    run();
  } catch (error) {
    sentence(error, said);
    return;
  }
  throw new Error('it was not refused');
}

/** A pipeline of JSON with one transform. */
const one = (op: string, options = {}) => ({ rxaug: 1, transforms: [{ op, options }] });
const nested = (levels: number) => {
  let text = '{"op":"horizontalFlip"}';
  for (let i = 0; i < levels; i++) text = `{"op":"oneOf","options":{"of":[${text}]}}`;
  return `{"rxaug":1,"transforms":[${text}]}`;
};
// biome-ignore lint/suspicious/noExplicitAny: what a user may write where nothing checks types
const any = (value: unknown): any => value;

describe('pipelines as JSON', () => {
  it.each<[string, unknown, string]>([
    ['nothing', null, 'pipeline: expected an object { rxaug, transforms, stages, batch } but received null'],
    ['no JSON', '{', 'pipeline: expected JSON but received text that is not'],
    ['newer', { rxaug: 3, later: 1 }, 'expected version 2 or older but received 3; update rxaug'],
    ['no version', { transforms: [] }, 'rxaug: expected a whole number ≥ 1 but received nothing'],
    ['an unknown op', one('frobnicate'), "unknown transform 'frobnicate'; look it up in docs/transforms.md"],
    ['a property of objects', one('__proto__'), "unknown transform '__proto__'"],
    ['an unknown op inside', one('oneOf', { of: [{ op: 'zzz' }] }), "unknown transform 'zzz'"],
    [
      'an unknown batch op',
      { ...one('horizontalFlip'), batch: [{ op: 'zzzzzz' }] },
      "batch transform 'zzzzzz'; known are",
    ],
    [
      'a value out of range',
      one('horizontalFlip', { p: 2 }),
      'horizontalFlip: p: expected a number in 0..1 or a schedule',
    ],
    ['an interval upside down', one('rotate', { angle: [10, 5] }), 'rotate: angle: expected [low, high]'],
    [
      'an unknown operation',
      one('randAugment', { operations: ['zzzzz'] }),
      "'zzzzz'; known are Identity, ShearX",
    ],
    ['choices without end', nested(20_000), 'expected at most 8 levels of choices but received more'],
  ])('%s', (_, json, said) => refused(() => pipelineFromJson(json), said));
});

describe('policies', () => {
  it.each<[string, () => unknown, string]>([
    [
      'no text',
      () => policy(any(3)),
      "expected a policy as text but received 3; write for example 'rand-m9-n2'",
    ],
    ['nothing', () => policy(any(undefined)), 'expected a policy as text but received undefined'],
    ['unknown', () => policy('zzzzz'), "unknown policy 'zzzzz'; known are trivial-wide"],
    ['a property of objects', () => policy('toString'), "unknown policy 'toString'"],
    [
      'a magnitude beyond all scales',
      () => policy('rand-m999'),
      "m in 'rand-m999': expected a whole number in 0..100 but received '999'",
    ],
    [
      'part of an operation',
      () => policy('rand-n1.5'),
      "n in 'rand-n1.5': expected a whole number in 0..32 but received '1.5'",
    ],
    ['no operations', () => randAugment({ operations: [] }), 'operations: expected a list of 1 or more'],
    ['no number', () => randAugment({ m: Number.NaN }), 'm: expected a number in 0..1000 or a schedule'],
    ['a stage that is none', () => staged(any([0, 3])), 'stage 0: expected a transform or policy of samples'],
    [
      'stages without lists',
      () => staged([0, horizontalFlip()], any(7)),
      'stage 1: expected a transform or policy',
    ],
    ['a choice of other operators', () => oneOf(any(toArray())), 'expected a transform at place 0'],
    [
      'a probability of two',
      () => randomApply(2, horizontalFlip()),
      'expected a number in 0..1 or a schedule but received 2',
    ],
  ])('%s', (_, run, said) => refused(run, said));
});

const set = (item: Partial<Item> | undefined) =>
  samples({
    name: 'set',
    classes: ['a', 'b'],
    length: 1,
    item: () => any(item && { id: 'set/0', image: pixels(0, { width: 8, height: 8 }), label: 0, ...item }),
  });

async function fails(item: Partial<Item> | undefined, said: string): Promise<void> {
  for (const workers of [0, 1]) {
    const stream = set(item).pipe(horizontalFlip({ p: 1 }), batch(1, { workers }));
    await all(stream).then(
      () => expect.fail('it was taken'),
      (error) => sentence(error, said),
    );
  }
}

describe('targets', () => {
  const voc = (...items: unknown[]): Targets => ({
    boxes: { format: 'voc', items: any(items), onBadBox: 'fail' },
  });
  it.each<[string, unknown, string]>([
    ['a box beside the image', voc({ box: [-5, 2, 20, 4], label: 0 }), 'box 0: expected it inside the image'],
    [
      'a box inside out',
      voc({ box: [5, 2, 2, 4], label: 0 }),
      'expected its right and lower edge beyond its left',
    ],
    [
      'a box without area',
      voc({ box: [5, 2, 5, 4], label: 0 }),
      'expected its right and lower edge beyond its left',
    ],
    [
      'a box of three',
      voc({ box: [0, 0, 1], label: 0 }),
      'box 0: expected { box, label } with a box of four numbers',
    ],
    ['a bare list', voc([0, 0, 1, 1]), 'box 0: expected { box, label } with a box of four numbers'],
    ['words', voc({ box: ['a', 0, 1, 1], label: 0 }), 'box 0: expected four finite numbers'],
    [
      'pixels for shares',
      { boxes: { format: 'yolo', items: [{ box: [4, 4, 2, 2], label: 0 }], onBadBox: 'fail' } },
      'fix the box or its format',
    ],
    [
      'another format',
      { boxes: { format: 'pascal', items: [] } },
      "boxes: expected { format: 'voc' | 'coco'",
    ],
    ['boxes that are none', { boxes: 3 }, "boxes: expected { format: 'voc'"],
    [
      'a keypoint without numbers',
      { keypoints: { items: [[1, 2]] } },
      'keypoint 0: expected x and y as numbers',
    ],
    ['keypoints as a list', { keypoints: [{ x: 1, y: 1 }] }, 'keypoints: expected { items: [{ x, y }]'],
    [
      'pairs of keypoints that are not there',
      { keypoints: { items: [{ x: 1, y: 3 }], swap: [[0, 5]] } },
      'keypoints: swap: expected positions in 0..0 but received 5; fix swap',
    ],
    [
      'a mask of another size',
      { mask: { kind: 'ids', data: new Uint8Array(16), width: 4, height: 4 } },
      "mask 'mask': expected 8×8 like its image but received 4×4",
    ],
    ['a mask that is none', { mask: 'mask.png' }, "mask 'mask': expected an image, or { image, bits"],
  ])('%s', (_, targets, said) => fails({ targets: any(targets) }, said));
});

describe('items of a data set', () => {
  it.each<[string, unknown, string]>([
    [
      'none',
      undefined,
      'expected { id, image, label } from item(0) but received undefined; fix the data set',
    ],
    ['no id', { id: undefined }, 'expected { id, image, label } from item(0)'],
    [
      'no image',
      { image: undefined },
      "image: expected an image of kind 'file', 'range', 'bytes', 'raw' or 'pixels'",
    ],
    ['a path', { image: 'x.png' }, "image: expected an image of kind 'file'"],
    [
      'sides below one',
      { image: { kind: 'pixels', data: new Uint8Array(3), width: -1, height: -1, channels: 3 } },
      "expected width and height of kind 'pixels' to be whole numbers ≥ 1",
    ],
    [
      'pixels in a list',
      { image: { kind: 'pixels', data: [1, 2, 3], width: 1, height: 1, channels: 3 } },
      "expected data of kind 'pixels' to be a Uint8Array but received",
    ],
    ['a label beyond the classes', { label: 7 }, 'expected a label in 0..1 but received 7'],
    [
      'a word as label',
      { label: 'cat' },
      "expected a class number or a distribution as label but received 'cat'",
    ],
    [
      'no label',
      { label: undefined },
      'expected a class number or a distribution as label but received undefined',
    ],
    [
      'a distribution over others',
      { label: new Float32Array(5) },
      'expected a label of 2 values but received 5',
    ],
  ])('%s', (_, item, said) => fails(any(item), said));

  it('samples() refuses a value that is not a data set', async () => {
    await all(samples(any(3))).catch((error) =>
      sentence(error, 'source: expected a data set with item(i), or a stream of items() but received 3'),
    );
    expect.assertions(3);
  });
});
