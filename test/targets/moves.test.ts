/** What moves do to boxes, keypoints and masks. */
import { describe, expect, it } from 'vitest';
import {
  affine,
  centerCrop,
  horizontalFlip,
  lower,
  moveBoxes,
  moveKeypoints,
  ops,
  padTo,
  randomCrop,
  randomResizedCrop,
  resize,
  type SampleOperator,
} from '../../src/augment/index.js';
import { type Boxes, Draws, fold, keyOf } from '../../src/core/index.js';
import { maskAfter, one, rectangleMask } from './make.js';

const registry = ops();
const recipeOf = (seed: number, ...operators: SampleOperator[]) =>
  operators.flatMap(({ transform }, i) => transform.draw(fold(keyOf(seed), i), 0));
const movesOf = (seed: number, width: number, height: number, ...operators: SampleOperator[]) =>
  lower(recipeOf(seed, ...operators), width, height, registry).moves;

describe('row 1: what a crop cut off stays cut off', () => {
  const moves = movesOf(0, 100, 100, centerCrop(50), padTo(100));

  it('row 1: centerCrop(50) then padTo(100): a quarter of the middle box is kept where a quarter is enough', () => {
    const items = [
      { box: [5, 5, 20, 20], label: 0 },
      { box: [40, 40, 60, 60], label: 1 },
      { box: [0, 0, 100, 100], label: 2 },
    ] as const;
    expect(moveBoxes({ format: 'voc', items, minVisibility: 0.3 }, moves, 100, 100)).toEqual([
      { box: [40, 40, 60, 60], label: 1 },
    ]);
    expect(moveBoxes({ format: 'voc', items, minVisibility: 0.25 }, moves, 100, 100)).toEqual([
      { box: [40, 40, 60, 60], label: 1 },
      { box: [25, 25, 75, 75], label: 2, visible: 0.25 },
    ]);
    const mask = maskAfter(
      recipeOf(0, centerCrop(50), padTo(100)),
      rectangleMask(100, 100, [0, 0, 100, 100], 7),
    );
    expect(mask.data.filter((id) => id === 7)).toHaveLength(2500);
  });

  it('row 1: a keypoint that a crop cut off stays invisible', () => {
    const [point] = moveKeypoints({ items: [{ x: 10, y: 10 }] }, moves, 100, 100);
    expect(point).toEqual({ x: 10, y: 10, visible: false });
    expect(moveKeypoints({ items: [{ x: 30, y: 30 }] }, moves, 100, 100)[0]?.visible).toBe(true);
  });

  it('row 1: randomCrop(80) then padTo(160): no box of 150 × 8 lies on padding', () => {
    let kept = 0;
    for (let i = 0; i < 150; i++) {
      const draws = new Draws(keyOf(i));
      const items = Array.from({ length: 8 }, () => {
        const [x, y] = [draws.int(90), draws.int(90)];
        return { box: [x, y, x + 1 + draws.int(10), y + 1 + draws.int(10)], label: 0 } as const;
      });
      const moves = movesOf(i, 100, 100, randomCrop(80), padTo(160));
      for (const { box } of moveBoxes({ format: 'voc', items }, moves, 100, 100)) {
        kept++;
        expect(Math.min(...box)).toBeGreaterThanOrEqual(40);
        expect(Math.max(...box)).toBeLessThanOrEqual(120);
      }
    }
    expect(kept).toBeGreaterThan(600);
  });

  it('row 1: the window of randomResizedCrop cuts as a crop does, and a shift as well', () => {
    const boxes: Boxes = { format: 'voc', items: [{ box: [0, 0, 10, 10], label: 0 }] };
    const shifted = movesOf(0, 40, 40, affine({ translate: [0, 0], rotate: [0, 0] }));
    expect(moveBoxes(boxes, shifted, 40, 40)).toHaveLength(1);
    const there = { op: 'affine', params: affineParams(-20) };
    const back = { op: 'affine', params: affineParams(20) };
    expect(moveBoxes(boxes, lower([there], 40, 40, registry).moves, 40, 40)).toEqual([]);
    expect(moveBoxes(boxes, lower([there, back], 40, 40, registry).moves, 40, 40)).toEqual([]);
    const [still] = moveKeypoints(
      { items: [{ x: 5, y: 5 }] },
      lower([there, back], 40, 40, registry).moves,
      40,
      40,
    );
    expect(still).toMatchObject({ x: 5, visible: false });
  });
});

/** A shift to the right by so many pixels of 40, as a draw holds it. */
function affineParams(pixels: number): Record<string, unknown> {
  const [draw] = affine({ translate: [0, 0], rotate: [0, 0] }).transform.draw(keyOf(1), 0);
  return { ...draw?.params, translate: [pixels / 40, 0] };
}

describe('row 3: what a move brings into a mask', () => {
  const square = rectangleMask(64, 64, [22, 22, 42, 42], 255);
  const recipe = () => {
    const [draw] = affine({ rotate: [45, 45] }).transform.draw(keyOf(0), 0);
    return [draw as NonNullable<typeof draw>];
  };

  it('row 3: a 0/255 mask, a square of 400 pixels, turned by 45°: some 400 pixels of 255', () => {
    const turned = maskAfter(recipe(), square);
    const white = turned.data.filter((id) => id === 255).length;
    expect(white).toBe(420); // the pixel centers within |x| + |y| ≤ 10·√2
    expect(turned.data.filter((id) => id === 0).length).toBe(64 * 64 - white);
  });

  it('row 3: fill is an option, of 16 bits too', () => {
    const cornerOf = (fill: number) => maskAfter(recipe(), square, { fill, bits: 16 }).data[0];
    expect(cornerOf(9)).toBe(9);
    expect(cornerOf(60_000)).toBe(60_000);
  });

  it('row 3: ignore is a value of its own: rows without a mask, and what is erased where that is asked for', async () => {
    const erased = { op: 'cutout', params: { size: 10, at: [[0.5, 0.5]], fill: 0 } };
    const mask = { image: square, ignore: 200 } as const;
    const seen = await one({ mask, erased: 'hide' }, [erased]);
    expect(seen.masks?.mask?.filter((id) => id === 200)).toHaveLength(100);
    const kept = await one({ mask }, [erased]);
    expect(kept.masks?.mask?.filter((id) => id === 200)).toHaveLength(0);
    expect(kept.masks?.mask?.filter((id) => id === 255)).toHaveLength(400);
  });
});

describe('row 7: no exact comparison after float arithmetic', () => {
  it('row 7: randomResizedCrop(64) of 150 × 20 whole-number boxes leaves none thinner than a thousandth', () => {
    let kept = 0;
    for (let i = 0; i < 150; i++) {
      const draws = new Draws(keyOf(1000 + i));
      const items = Array.from({ length: 20 }, () => {
        const [x, y] = [draws.int(100), draws.int(80)];
        return { box: [x, y, x + 1 + draws.int(28), y + 1 + draws.int(20)], label: 0 } as const;
      });
      for (let n = 0; n < 8; n++) {
        const plan = lower(recipeOf(100 * i + n, randomResizedCrop(64)), 128, 100, registry);
        const moved = moveBoxes({ format: 'voc', items }, plan.moves, 128, 100);
        kept += moved.length;
        for (const { box } of moved) {
          expect(Math.min(box[2] - box[0], box[3] - box[1])).toBeGreaterThanOrEqual(1e-3);
        }
        // What one stage gives, the next one takes, in the format that loses most.
        const yolo = moved.map(({ box: [x0, y0, x1, y1], label }) => ({
          box: [(x0 + x1) / 128, (y0 + y1) / 128, (x1 - x0) / 64, (y1 - y0) / 64] as const,
          label,
        }));
        moveBoxes({ format: 'yolo', items: yolo, onBadBox: 'fail' }, [], 64, 64);
      }
    }
    expect(kept).toBeGreaterThan(5000);
  });

  it('row 7: a whole box at the border survives resize at minVisibility 1', () => {
    for (let side = 3; side < 400; side += 7) {
      const items = [{ box: [0, 0, 97, 61], label: 0 }] as const;
      const moves = movesOf(side, 97, 61, resize(side), horizontalFlip({ p: 1 }));
      expect(moveBoxes({ format: 'voc', items, minVisibility: 1 }, moves, 97, 61), `${side}`).toHaveLength(1);
    }
  });

  it('row 7: one bad box is left out and listed, its image kept; fail refuses the image', async () => {
    const items = [
      { box: [4, 4, 10, 0], label: 0 },
      { box: [4, 4, 10, 5], label: 1 },
      { box: [Number.NaN, 4, 10, 5], label: 1 },
      { box: [4, 4, 10, 5], label: -1 },
    ] as const;
    const kept = await one({ boxes: { format: 'coco', items } });
    expect(kept.size).toBe(1);
    expect(kept.targets?.[0]?.boxes).toEqual([items[1]]);
    expect(kept.refused?.map(({ reason }) => reason)).toEqual([
      'made/0: box 0: expected its right and lower edge beyond its left and upper one but received [4, 4, 10, 0] (coco) for an image of 64×64; the box is left out',
      'made/0: box 2: expected four finite numbers but received [NaN, 4, 10, 5] (coco) for an image of 64×64; the box is left out',
      'made/0: box 3: expected a whole number ≥ 0 as label but received -1; the box is left out',
    ]);
    await expect(one({ boxes: { format: 'coco', items, onBadBox: 'fail' } })).rejects.toThrow(
      /made\/0: box 0: expected its right and lower edge beyond/,
    );
    await expect(
      one({
        boxes: { format: 'coco', items: [{ box: [1, 1, 5, 5], label: 3 }], classes: 3, onBadBox: 'fail' },
      }),
    ).rejects.toThrow(/box 0: expected a whole number in 0\.\.2 as label but received 3/);
  });

  it('row 7: rules of size and area hold after the move', () => {
    const items = [
      { box: [0, 0, 8, 30], label: 0 },
      { box: [0, 0, 30, 8], label: 1 },
      { box: [0, 0, 20, 20], label: 2 },
    ] as const;
    const half = movesOf(0, 60, 60, resize(30));
    const labels = (rules: Partial<Boxes>) =>
      moveBoxes({ format: 'voc', items, ...rules }, half, 60, 60).map(({ label }) => label);
    expect(labels({})).toEqual([0, 1, 2]);
    expect(labels({ minWidth: 4.5 })).toEqual([1, 2]);
    expect(labels({ minHeight: 4.5 })).toEqual([0, 2]);
    expect(labels({ minArea: 61 })).toEqual([2]);
    expect(() => labels({ minVisibility: 2 })).toThrow(/boxes: minVisibility: expected a share in 0..1/);
  });
});

describe('row 12: the border belongs to the image', () => {
  it('row 12: x = 0 and x = W are visible, and are each other under a flip', () => {
    const flipped = movesOf(0, 20, 10, horizontalFlip({ p: 1 }));
    const items = [
      { x: 0, y: 0 },
      { x: 20, y: 10 },
      { x: -0.01, y: 5 },
      { x: 20.01, y: 5 },
    ];
    expect(moveKeypoints({ items }, flipped, 20, 10)).toEqual([
      { x: 20, y: 0, visible: true },
      { x: 0, y: 10, visible: true },
      { x: 20.01, y: 5, visible: false },
      { x: expect.closeTo(-0.01, 9), y: 5, visible: false },
    ]);
    expect(moveKeypoints({ items }, [], 20, 10).map(({ visible }) => visible)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
