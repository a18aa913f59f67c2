/** Targets go where the pixels go. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  affine,
  centerCrop,
  Engine,
  elastic,
  fisheye,
  fromCorners,
  gridDistortion,
  horizontalFlip,
  longestMaxSize,
  lower,
  maskPlan,
  moveBoxes,
  moveKeypoints,
  movePoint,
  ops,
  opticalDistortion,
  padCrop,
  padTo,
  perspective,
  randomResizedCrop,
  randomRotate90,
  randomScale,
  resize,
  type SampleOperator,
  safeRotate,
  shiftScaleRotate,
  thinPlateSpline,
  toCorners,
  transpose,
  verticalFlip,
} from '../../src/augment/index.js';
import { fold, keyOf, tag } from '../../src/core/index.js';

const registry = ops();
const engine = new Engine();
const SIZE = { width: 60, height: 48 };

const movers: Record<string, SampleOperator> = {
  affine: affine({ rotate: [-40, 40], translate: [0.1, 0.1], scale: [0.8, 1.3], shearX: [-10, 10] }),
  centerCrop: centerCrop([40, 44]),
  elastic: elastic({ alpha: [0.01, 0.02], sigma: [0.12, 0.16], p: 1 }),
  fisheye: fisheye({ strength: [0.2, 0.4], p: 1 }),
  horizontalFlip: horizontalFlip({ p: 1 }),
  gridDistortion: gridDistortion({ cells: 3, distortion: 0.12, p: 1 }),
  longestMaxSize: longestMaxSize({ size: 75, interpolation: 'bicubic' }),
  opticalDistortion: opticalDistortion({ p: 1 }),
  padCrop: padCrop(6),
  padTo: padTo({ size: 70, position: 'random' }),
  perspective: perspective({ distortion: 0.4, p: 1 }),
  randomRotate90: randomRotate90(),
  randomResizedCrop: randomResizedCrop({ size: [50, 40], scale: [0.5, 1] }),
  randomScale: randomScale({ factor: [0.8, 1.5], p: 1 }),
  resize: resize([70, 90]),
  safeRotate: safeRotate({ p: 1 }),
  shiftScaleRotate: shiftScaleRotate({ p: 1 }),
  thinPlateSpline: thinPlateSpline({ distortion: 0.04, p: 1 }),
  transpose: transpose({ p: 1 }),
  verticalFlip: verticalFlip({ p: 1 }),
};

/** A soft bright spot on black. */
function spot(x: number, y: number): Uint8Array {
  const data = new Uint8Array(3 * SIZE.width * SIZE.height);
  for (let i = 0; i < data.length; i++) {
    const [u, v] = [(Math.floor(i / 3) % SIZE.width) + 0.5, Math.floor(i / 3 / SIZE.width) + 0.5];
    data[i] = 255 * Math.exp(-((u - x) ** 2 + (v - y) ** 2) / 8);
  }
  return data;
}

/** The center of brightness. */
function center(data: Uint8Array, width: number): [number, number] {
  let [sum, x, y] = [0, 0, 0];
  for (let i = 0; i < data.length; i += 3) {
    const w = data[i] as number;
    sum += w;
    x += w * (((i / 3) % width) + 0.5);
    y += w * (Math.floor(i / 3 / width) + 0.5);
  }
  return [x / sum, y / sum];
}

const inner = (side: number) => fc.double({ min: 0.4 * side, max: 0.6 * side, noNaN: true });

describe('points', () => {
  for (const [name, { transform }] of Object.entries(movers)) {
    it(`follow ${name}`, () => {
      fc.assert(
        fc.property(fc.nat(1e6), inner(SIZE.width), inner(SIZE.height), (seed, x, y) => {
          const recipe = transform.draw(fold(keyOf(seed), tag(name)), 0);
          const plan = lower(recipe, SIZE.width, SIZE.height, registry);
          const [px, py] = movePoint(plan.moves, [x, y]);
          // A spot that is cut by the edge has its center elsewhere.
          fc.pre(px > 9 && py > 9 && px < plan.width - 9 && py < plan.height - 9);
          const out = new Uint8Array(3 * plan.width * plan.height);
          const target = {
            data: out,
            width: plan.width,
            height: plan.height,
            dtype: 'uint8',
            layout: 'HWC',
          } as const;
          engine.run(plan, { data: spot(x, y), ...SIZE }, target);
          const [cx, cy] = center(out, plan.width);
          expect(Math.hypot(cx - px, cy - py)).toBeLessThan(0.75);
        }),
        { numRuns: 40 },
      );
    });
  }
});

describe('boxes', () => {
  it('keep their formats', () => {
    for (const format of ['voc', 'coco', 'yolo', 'normalized'] as const) {
      const corners = [5, 6, 30, 40] as const;
      const back = toCorners(format, fromCorners(format, corners, 60, 48), 60, 48);
      back.forEach((v, i) => {
        expect(v).toBeCloseTo(corners[i] as number, 9);
      });
    }
  });

  it('stay inside, and follow a flip exactly', () => {
    const recipe = [{ op: 'horizontalFlip', params: {} }];
    const { moves } = lower(recipe, 60, 48, registry);
    const boxes = { format: 'voc', items: [{ box: [5, 6, 30, 40], label: 2 }] } as const;
    expect(moveBoxes(boxes, moves, 60, 48)).toEqual([{ box: [30, 6, 55, 40], label: 2 }]);
    for (const [name, { transform }] of Object.entries(movers)) {
      fc.assert(
        fc.property(fc.nat(1e6), (seed) => {
          const plan = lower(transform.draw(fold(keyOf(seed), tag(name)), 0), 60, 48, registry);
          for (const { box } of moveBoxes(boxes, plan.moves, 60, 48)) {
            const [x0, y0, x1, y1] = box;
            expect(0 <= x0 && 0 <= y0 && x0 < x1 && y0 < y1 && x1 <= plan.width && y1 <= plan.height).toBe(
              true,
            );
          }
        }),
        { numRuns: 20 },
      );
    }
  });

  it('are dropped when too little is left', () => {
    const recipe = [{ op: 'padCrop', params: { border: 'constant', fill: [0, 0, 0], x: 20, y: 0 } }];
    const { moves } = lower(recipe, 60, 48, registry);
    const items = [{ box: [0, 0, 25, 10], label: 0 } as const];
    expect(moveBoxes({ format: 'voc', items }, moves, 60, 48)).toEqual([
      { box: [0, 0, 5, 10], label: 0, visible: 0.2 },
    ]);
    expect(moveBoxes({ format: 'voc', items, minVisibility: 0.3 }, moves, 60, 48)).toEqual([]);
    expect(moveBoxes({ format: 'voc', items, minArea: 51 }, moves, 60, 48)).toEqual([]);
  });

  it('that make no sense are refused in one sentence', () => {
    const move = (box: [number, number, number, number]) => () =>
      moveBoxes({ format: 'voc', onBadBox: 'fail', items: [{ box, label: 0 }] }, [], 60, 48);
    expect(move([30, 6, 5, 40])).toThrow(
      /box 0: expected its right and lower edge beyond.*\[30, 6, 5, 40\].*fix/,
    );
    expect(move([0, 0, 90, 40])).toThrow(/box 0: expected it inside the image/);
    expect(move([0, 0, Number.NaN, 40])).toThrow(/box 0: expected four finite numbers/);
  });
});

describe('keypoints', () => {
  const items = [
    { x: 10, y: 5, name: 'left eye' },
    { x: 20, y: 5, name: 'right eye' },
  ];
  it('swap pairs under a mirror only', () => {
    const flipped = lower([{ op: 'horizontalFlip', params: {} }], 60, 48, registry).moves;
    const turned = lower([{ op: 'randomRotate90', params: { turns: 2 } }], 60, 48, registry).moves;
    expect(moveKeypoints({ items, swap: [[0, 1]] }, flipped, 60, 48)).toEqual([
      { x: 40, y: 5, name: 'left eye', visible: true },
      { x: 50, y: 5, name: 'right eye', visible: true },
    ]);
    expect(moveKeypoints({ items, swap: [[0, 1]] }, turned, 60, 48).map(({ x }) => x)).toEqual([50, 40]);
  });
  it('outside are marked', () => {
    const { moves } = lower(
      [{ op: 'centerCrop', params: { size: 20, border: 'constant', fill: [0, 0, 0] } }],
      60,
      48,
      registry,
    );
    expect(moveKeypoints({ items }, moves, 60, 48).map(({ visible }) => visible)).toEqual([false, false]);
  });
});

describe('masks', () => {
  it('hold only the classes they had, and move with the image', () => {
    for (const [name, { transform }] of Object.entries(movers)) {
      const recipe = transform.draw(fold(keyOf(7), tag(name)), 0);
      const plan = maskPlan(lower(recipe, 60, 48, registry), 60, 48);
      const mask = new Uint8Array(3 * 60 * 48).map((_, i) => (Math.floor(i / 3) % 60 < 30 ? 3 : 9));
      const out = new Uint8Array(3 * plan.width * plan.height);
      engine.run(
        plan,
        { data: mask, ...SIZE },
        { data: out, width: plan.width, height: plan.height, dtype: 'uint8', layout: 'HWC' },
      );
      expect([...new Set(out)].every((v) => [3, 9, 0].includes(v))).toBe(true);
    }
  });
});
