/** What hides targets, crops that keep boxes, blends that targets cannot follow, stages in the middle. */
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { augMix, boxSafeCrop, horizontalFlip, lower, ops, rotate } from '../../src/augment/index.js';
import {
  type BoundingBox,
  type Boxes,
  fold,
  keyOf,
  type Recipe,
  type Targets,
} from '../../src/core/index.js';
import { batch, mapPixels, pull, samples } from '../../src/stream/index.js';
import { dataset, one, rectangleMask } from './make.js';

const SIDE = 64;

describe("erased: 'hide'", () => {
  const box = [10, 10, 30, 30] as const;
  const targets: Targets = {
    mask: rectangleMask(SIDE, SIDE, box, 3),
    boxes: { format: 'voc', items: [{ box, label: 0 }], minVisibility: 0.3 },
    keypoints: {
      items: [
        { x: 20.5, y: 20.5 },
        { x: 40, y: 40 },
      ],
    },
    erased: 'hide',
  };
  /** Fills the left part of the box: `share` of it. */
  const hole = (share: number): Recipe => [
    {
      op: 'coarseDropout',
      params: { holes: [[10.5 / (65 - 20 * share), 10.5 / 45, (20 * share) / SIDE, 20 / SIDE]], fill: 0 },
    },
  ];

  it('counts covered pixels as not visible, by the same rules', async () => {
    const half = await one(targets, hole(0.5));
    expect(half.targets?.[0]?.boxes).toEqual([{ box, label: 0, visible: 0.5 }]);
    expect(half.masks?.mask?.filter((id) => id === 255)).toHaveLength(200);
    expect(half.masks?.mask?.filter((id) => id === 3)).toHaveLength(200);
    const most = await one(targets, hole(0.8));
    expect(most.targets?.[0]?.boxes).toEqual([]);
    expect(most.targets?.[0]?.keypoints?.map(({ visible }) => visible)).toEqual([false, true]);
    const kept = await one({ ...targets, erased: 'keep' }, hole(0.8));
    expect(kept.targets?.[0]?.boxes).toEqual([{ box, label: 0 }]);
    expect(kept.targets?.[0]?.keypoints?.map(({ visible }) => visible)).toEqual([true, true]);
  });

  it('follows what comes after: what was covered moves along, and is counted once', async () => {
    const twice = await one(targets, [...hole(0.5), ...hole(0.5), { op: 'horizontalFlip', params: {} }]);
    expect(twice.targets?.[0]?.boxes).toEqual([{ box: [34, 10, 54, 30], label: 0, visible: 0.5 }]);
    const normalized = { op: 'normalize', params: { mean: [0, 0, 0], std: [1, 1, 1] } };
    const drawn = samples(dataset([targets])).pipe(map((s) => s.drawn([normalized, ...hole(0.5)])));
    for await (const { targets: moved } of pull(drawn.pipe(batch(1, { workers: 0 }))))
      expect(moved?.[0]?.boxes).toEqual([{ box, label: 0, visible: 0.5 }]);
  });
});

describe('boxSafeCrop', () => {
  const registry = ops();
  it('keeps every box whole, wherever it is when its turn comes', () => {
    const items: BoundingBox[] = [
      { box: [10, 12, 20, 22], label: 0 },
      { box: [30, 8, 41, 40], label: 1 },
    ];
    const boxes: Boxes = { format: 'voc', items, minVisibility: 1 };
    const windows = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const key = keyOf(seed);
      const before = horizontalFlip({ p: 0.5 }).transform.draw(fold(key, 0), 0);
      const drawn = boxSafeCrop(48).transform.draw(fold(key, 1), 0);
      const recipe = JSON.parse(JSON.stringify([...before, ...drawn])) as Recipe;
      const plan = lower(recipe, SIDE, SIDE, registry, true, boxes);
      const last = plan.moves.at(-1)?.to;
      const window = last && 'window' in last ? last.window : [];
      windows.add(window.join());
      expect([plan.width, plan.height]).toEqual([48, 48]);
      const [x0, , x1] = before.length > 0 ? [23, 0, 54] : [10, 0, 41];
      expect((window[0] as number) <= x0 && (window[2] as number) >= x1).toBe(true);
      expect((window[1] as number) <= 8 && (window[3] as number) >= 40).toBe(true);
    }
    expect(windows.size).toBeGreaterThan(150);
  });

  it('is the same in the stream, and without boxes a window around a point', async () => {
    const [draw] = boxSafeCrop(SIDE).transform.draw(keyOf(3), 0);
    const recipe = [draw as NonNullable<typeof draw>];
    const box = [20, 20, 30, 30] as const;
    const seen = await one({ boxes: { format: 'voc', items: [{ box, label: 0 }] } }, recipe);
    expect(seen.targets?.[0]?.boxes?.[0]?.visible).toBeUndefined();
    for (let seed = 0; seed < 100; seed++) {
      const drawn = boxSafeCrop(16).transform.draw(keyOf(seed), 0);
      const [width, height] = [1 + (seed % 7), 1 + (seed % 5)];
      const plan = lower(drawn, width, height, registry);
      const to = plan.moves[0]?.to;
      const [x0, y0, x1, y1] = to && 'window' in to ? to.window : [0, 0, 0, 0];
      expect(0 <= x0 && x0 < x1 && x1 <= width && 0 <= y0 && y0 < y1 && y1 <= height).toBe(true);
    }
  });
});

describe('stages that targets pass through', () => {
  const box = [10, 10, 30, 30] as const;
  const targets: Targets = {
    mask: { image: rectangleMask(SIDE, SIDE, box, 300), bits: 16, ignore: 9 },
    boxes: {
      format: 'voc',
      items: [
        { box, label: 0 },
        { box: [5, 5, 1, 1], label: 0 },
      ],
      minVisibility: 0.3,
    },
    keypoints: { items: [{ x: 20, y: 20 }] },
    erased: 'hide',
  };

  it('row 4: a blend that moves pixels is refused for targets, one that does not is taken', async () => {
    const moving = augMix({ operations: ['Rotate'] }).transform.draw(keyOf(1), 0);
    await expect(one({ ...targets, mask: undefined }, moving)).rejects.toThrow(
      /made\/0: expected nothing that moves pixels inside a blend \(augMix\) but received '\w+', which boxes, keypoints cannot follow/,
    );
    expect((await one({}, moving)).size).toBe(1);
    const still = augMix({ operations: ['Posterize'] }).transform.draw(keyOf(1), 0);
    expect((await one(targets, still)).targets?.[0]?.boxes).toEqual([{ box, label: 0 }]);
  });

  it('mapPixels hands on targets, what was refused, and what is visible', async () => {
    const crop = { op: 'centerCrop', params: { size: [40, 24], border: 'constant', fill: [0, 0, 0] } };
    const stream = samples(dataset([targets])).pipe(
      map((sample) => sample.drawn([crop])),
      mapPixels(({ data }) => void data.fill(3)),
      rotate({ angle: [0, 0] }),
      batch(1, { workers: 0, dtype: 'uint8' }),
    );
    for await (const seen of pull(stream)) {
      expect(seen.targets?.[0]?.boxes).toEqual([{ box: [0, 0, 10, 18], label: 0, visible: 0.45 }]);
      expect(seen.masks?.mask?.[0]).toBe(300);
      expect(seen.refused).toEqual([
        { id: 'made/0', reason: expect.stringMatching(/^made\/0: box 1: expected its right/) },
      ]);
    }
  });
});
