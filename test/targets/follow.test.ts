/** What a plugin says about targets is checked before the targets are moved. */
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  addPlugin,
  batchOps,
  defineBatchTransform,
  definePlugin,
  defineTransform,
  lower,
  moveBoxes,
  ops,
  type PlanBuilder,
} from '../../src/augment/index.js';
import type { Batch, Boxes, Targets } from '../../src/core/index.js';
import { asBatchOperator, batch, pull, samples } from '../../src/stream/index.js';
import { dataset, rectangleMask } from './make.js';

const SIDE = 64;
const boxes: Boxes = { format: 'voc', items: [{ box: [1, 1, 9, 9], label: 0 }] };
const mask = rectangleMask(SIDE, SIDE, [0, 0, 9, 9], 3);

/** A batch of three with these targets after a batch transform that follows so. */
async function mixedBy(follow: unknown, targets: Targets): Promise<Batch | undefined> {
  const transform = defineBatchTransform({
    name: 'odd',
    options: z.strictObject({}),
    params: z.strictObject({}),
    draw: () => ({}),
    apply: () => undefined,
    targets: () => undefined,
    follow: follow as never,
  });
  // Behind another operator it runs on this thread: workers would need a module of it.
  const rendered = samples(dataset([targets, targets, targets])).pipe(
    batch(3, { workers: 0 }),
    map((one) => one),
  );
  const stream = asBatchOperator(transform())(rendered);
  for await (const one of pull(stream)) return one;
}

describe('what a transform of a plugin says of its moves', () => {
  const moved = (lowering: (plan: PlanBuilder) => void) => {
    const op = defineTransform({
      name: 'lens',
      options: z.strictObject({}),
      params: z.strictObject({}),
      draw: () => ({}),
      lower: (_, plan) => lowering(plan),
    });
    const [known, mixing] = [ops(), batchOps()];
    addPlugin(definePlugin({ name: 'glass', transforms: [op] }), known, mixing);
    const plan = lower([{ op: 'lens', params: {} }], SIDE, SIDE, known);
    return moveBoxes(boxes, plan.moves, SIDE, SIDE);
  };
  const warp = (plan: PlanBuilder, more: object) =>
    plan.warp({
      width: SIDE,
      height: SIDE,
      border: 'constant',
      fill: [0, 0, 0],
      interpolation: 'bilinear',
      row: (y, xs, ys) => {
        for (let x = 0; x < SIDE; x++) [xs[x], ys[x]] = [x + 1.5, y + 0.5];
      },
      forward: (x, y) => [x - 1, y],
      ...more,
    });

  it('is followed where it makes sense', () => {
    const [box] = moved((plan) => warp(plan, {}));
    expect(box?.box.map((v) => Math.round(v))).toEqual([0, 1, 8, 9]);
  });

  it.each<[string, object, RegExp]>([
    ['no forward', { forward: undefined }, /warp: expected \{ width, height, row, forward \}: whole numbers/],
    ['no row', { row: 3 }, /warp: expected \{ width, height, row, forward \}: whole numbers/],
    ['no size', { width: 0.5 }, /warp: expected \{ width, height, row, forward \}: whole numbers/],
    [
      'NaN',
      { forward: () => [Number.NaN, 1] },
      /warp: forward\(1, 1\): expected two finite numbers but received/,
    ],
    [
      'nothing',
      { forward: () => undefined },
      /warp: forward\(1, 1\): expected two finite numbers but received/,
    ],
  ])('is refused with %s, by plugin and transform', (_, more, complaint) => {
    expect(() => moved((plan) => warp(plan, more))).toThrow(complaint);
    expect(() => moved((plan) => warp(plan, more))).toThrow(/^plugin 'glass', transform 'lens': /);
  });

  it('is refused where all pixels end on a line', () => {
    const flat = (plan: PlanBuilder) => plan.geometry([1, 0, 0, 0, 0, 5], SIDE, SIDE);
    expect(() => moved(flat)).toThrow(
      /geometry: expected a matrix that can be undone but received \[1,0,0,0,0,5\]/,
    );
  });
});

const layers = (made: unknown) => ({ kind: 'layers', layers: () => made });
const layer = { from: 0, to: [0, 0, 4, 4], shift: [0, 0] };
const erase = (...made: unknown[]) => ({ kind: 'erase', boxes: () => made });
const blend = (...made: unknown[]) => ({ kind: 'blend', weights: () => made });

describe('row 4: what a batch transform says of targets', () => {
  it.each<[string, unknown, RegExp]>([
    ['a kind that is none', { kind: 'layer' }, /odd: follow: kind: expected layers, blend, erase, same but/],
    [
      'layers that are no Map',
      layers([[0, [layer]]]),
      /odd: follow: expected a Map of the layers of each row/,
    ],
    ['layers that are no list', layers(new Map([[0, layer]])), /odd: follow: expected a list of layers but/],
    ['no layer', layers(new Map([[0, [undefined]]])), /odd: follow: expected a row in 0..2, whole pixels/],
    [
      'a layer without a shift',
      layers(new Map([[0, [{ ...layer, shift: 3 }]]])),
      /expected a row in 0..2, whole pixels/,
    ],
    [
      'a layer inside out',
      layers(new Map([[0, [{ ...layer, to: [4, 0, 0, 4] }]]])),
      /expected a row in 0..2/,
    ],
    ['a mirror', layers(new Map([[0, [{ ...layer, scale: [-1, 1] }]]])), /scales above 0 but received/],
    [
      'an exception beyond the image',
      layers(new Map([[0, [{ ...layer, except: [0, 0, 4, 99] }]]])),
      /expected a row in 0..2, whole pixels of 64×64/,
    ],
    [
      'a scale of 0',
      layers(new Map([[0, [{ ...layer, scale: [0, 1] }]]])),
      /expected a row in 0..2, whole pixels/,
    ],
    [
      'a box beyond the image',
      erase([0, 0, 4, SIDE + 1]),
      /odd: follow: expected boxes of whole pixels of 64×64/,
    ],
    [
      'a box of parts of pixels',
      erase([0, 0.5, 4, 4]),
      /odd: follow: expected boxes of whole pixels of 64×64/,
    ],
    ['a box that is none', erase(3), /odd: follow: expected boxes of whole pixels of 64×64/],
  ])('row 4: %s is refused, for masks and for boxes', async (_, follow, complaint) => {
    await expect(mixedBy(follow, { mask })).rejects.toThrow(complaint);
    await expect(mixedBy(follow, { boxes })).rejects.toThrow(complaint);
    expect((await mixedBy(follow, {}))?.size).toBe(3);
  });

  it.each<[string, unknown]>([
    ['a partner beyond the batch', blend([0, 3, 0.5])],
    ['a share above 1', blend([0, 1, 1.5])],
    ['a share that is NaN', blend([0, 1, Number.NaN])],
    ['no list', blend(0)],
  ])('row 4: weights with %s are refused', async (_, follow) => {
    await expect(mixedBy(follow, { boxes })).rejects.toThrow(
      /odd: follow: expected \[row, partner, share\] with rows in 0..2, a share in 0..1 but received/,
    );
    const good = await mixedBy(blend([0, 1, 0.25]), { boxes });
    expect(good?.targets?.[0]?.boxes?.map(({ weight }) => weight)).toEqual([0.25, 0.75]);
  });
});
