/** Random chains of every transform, and what must hold of an object's mask, box and keypoint after each. */
import {
  affine,
  areaOf,
  boxSafeCrop,
  centerCrop,
  Engine,
  elastic,
  fisheye,
  followOutline,
  gridDistortion,
  horizontalFlip,
  hullOf,
  longestMaxSize,
  lower,
  type Move,
  maskPlan,
  moveBoxes,
  moveKeypoints,
  movePoint,
  ops,
  opticalDistortion,
  packIds,
  padCrop,
  padTo,
  perspective,
  randomCrop,
  randomResizedCrop,
  randomRotate90,
  randomScale,
  rectangle,
  resize,
  rotate,
  type SampleOperator,
  safeRotate,
  shear,
  shiftScaleRotate,
  smallestMaxSize,
  TRANSFORMS,
  thinPlateSpline,
  translate,
  transpose,
  verticalFlip,
} from '../../src/augment/index.js';
import { BadSampleError, type Boxes, Draws, fold, keyOf, type Recipe, tag } from '../../src/core/index.js';
import { requiredOptions } from '../required-options.js';

const registry = ops();
const engine = new Engine();

/** Whatever moves pixels, with options that differ from draw to draw. */
export const movers: readonly ((seed: number) => SampleOperator)[] = [
  (s) =>
    affine({
      rotate: [-60, 60],
      translate: [0.3, 0.3],
      scale: [0.5, 2],
      shearX: [-20, 20],
      border: border(s),
    }),
  (s) => boxSafeCrop({ size: [20 + (s % 40), 20 + (s % 31)] }),
  (s) => centerCrop([10 + (s % 50), 12 + (s % 37)]),
  (s) => elastic({ alpha: [0.01, 0.03], sigma: [0.12, 0.2], p: 1, border: border(s) }),
  () => fisheye({ strength: [0.1, 0.5], p: 1 }),
  () => horizontalFlip({ p: 1 }),
  () => gridDistortion({ cells: 4, distortion: 0.3, p: 1 }),
  (s) => longestMaxSize({ size: 16 + (s % 70) }),
  () => opticalDistortion({ p: 1 }),
  (s) => padCrop({ padding: 6, border: border(s) }),
  (s) => padTo({ size: 20 + (s % 60), position: 'random', border: border(s) }),
  () => perspective({ distortion: 0.6, p: 1 }),
  () => randomRotate90(),
  (s) => randomCrop({ size: [8 + (s % 20), 8 + (s % 17)], padding: 10, border: border(s) }),
  (s) => randomResizedCrop({ size: [16 + (s % 40), 16 + (s % 29)], scale: [0.1, 1] }),
  () => randomScale({ factor: [0.5, 2], p: 1 }),
  (s) => resize([10 + (s % 60), 10 + (s % 47)]),
  (s) => rotate({ angle: [-90, 90], border: border(s) }),
  () => safeRotate({ p: 1 }),
  () => shear(),
  (s) => shiftScaleRotate({ p: 1, border: border(s) }),
  (s) => smallestMaxSize({ size: 16 + (s % 50) }),
  () => thinPlateSpline({ distortion: 0.05, p: 1 }),
  () => translate({ x: [-0.4, 0.4], y: [-0.4, 0.4] }),
  () => transpose({ p: 1 }),
  () => verticalFlip({ p: 1 }),
];

const border = (seed: number) => (['constant', 'constant', 'constant', 'edge', 'reflect'] as const)[seed % 5];

/** Transforms that change colors or fill pixels: targets stay. */
const others = TRANSFORMS.filter(
  ({ spec }) =>
    !['normalize', 'jpegCompression', 'webpCompression', 'superpixels', 'randomCrop', 'randomScale'].includes(
      spec.name,
    ),
);

/** A chain of one to three transforms, mostly of those that move pixels, as its draws one by one. */
export function chainOf(index: number): Recipe {
  const draws = new Draws(fold(keyOf(index), tag('chain')));
  return Array.from({ length: 1 + draws.int(3) }).flatMap((_, i) => {
    const seed = draws.int(10_000);
    const other = draws.choice(others);
    const operator = draws.chance(0.85)
      ? draws.choice(movers)(seed)
      : (other as unknown as (o?: object) => SampleOperator)(requiredOptions(other.spec.name, seed));
    return operator.transform.draw(fold(keyOf(index), i), 0);
  });
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly box: readonly [number, number, number, number];
}

/** An image with one object in it. */
export function sceneOf(index: number): Scene {
  const draws = new Draws(fold(keyOf(index), tag('scene')));
  const [width, height] = [24 + draws.int(40), 24 + draws.int(40)];
  const [w, h] = [3 + draws.int(width - 3), 3 + draws.int(height - 3)];
  const [x, y] = [draws.int(width - w + 1), draws.int(height - h + 1)];
  return { width, height, box: [x, y, x + w, y + h] };
}

/** What is wrong after a chain, in words; undefined where all holds, null where the chain refuses the image. */
export function violation(index: number, recipe = chainOf(index)): string | null | undefined {
  const { width, height, box } = sceneOf(index);
  const boxes: Boxes = { format: 'voc', items: [{ box, label: 0 }] };
  const points = {
    items: [
      { x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2 },
      { x: box[0] + 0.5, y: box[1] + 0.5 },
    ],
  };
  const say = (what: string) => `chain ${index}: ${what}; ${JSON.stringify(recipe).slice(0, 600)}`;
  let gone = false;
  let hidden = [false, false];
  for (let k = 1; k <= recipe.length; k++) {
    const plan = lowered(recipe.slice(0, k), width, height, boxes);
    if (plan === null) return k === 1 ? null : undefined;
    const [W, H] = [plan.width, plan.height];
    const moved = moveBoxes(boxes, plan.moves, width, height);
    const seen = moveKeypoints(points, plan.moves, width, height);
    if (gone && moved.length > 0) return say('a box came back');
    if (seen.some(({ visible }, i) => visible && hidden[i])) return say('a keypoint came back');
    gone = moved.length === 0;
    hidden = seen.map(({ visible }) => !visible);
    for (const { x, y, visible } of seen) {
      if (visible && !(x >= -1e-6 && y >= -1e-6 && x <= W + 1e-6 && y <= H + 1e-6))
        return say('a visible keypoint lies outside');
    }
    const left = moved[0]?.box;
    if (left) {
      const [x0, y0, x1, y1] = left;
      if (!(x0 >= 0 && y0 >= 0 && x1 <= W && y1 <= H && x1 - x0 >= 1e-3 && y1 - y0 >= 1e-3))
        return say(`box [${left.join(', ')}] of ${W}×${H}`);
      const refused: string[] = [];
      const coco = [x0, y0, x1 - x0, y1 - y0] as const;
      const again: Boxes = { format: 'coco', items: [{ box: coco, label: 0 }] };
      moveBoxes(again, [], W, H, { refuse: (reason) => refused.push(reason) });
      if (refused.length > 0) return say(`the next stage refuses it: ${refused[0]}`);
    }
    if (k === recipe.length) {
      const wrong = against(maskOf(plan, width, height, box), left, seen, plan, box);
      if (wrong) return say(wrong);
    }
  }
  return undefined;
}

type Plan = ReturnType<typeof lower>;

function lowered(recipe: Recipe, width: number, height: number, boxes: Boxes): Plan | null {
  try {
    return lower(recipe, width, height, registry, true, boxes);
  } catch (error) {
    if (error instanceof BadSampleError) return null; // an image too small for a crop
    throw error;
  }
}

/** The object as a mask, moved by the renderer: the second implementation. */
function maskOf(plan: Plan, width: number, height: number, [x0, y0, x1, y1]: Scene['box']): Uint8Array {
  const ids = new Uint8Array(width * height);
  for (let y = y0; y < y1; y++) ids.fill(1, y * width + x0, y * width + x1);
  const moves = maskPlan(plan, width, height);
  const data = new Uint8Array(3 * plan.width * plan.height);
  const target = { data, width: plan.width, height: plan.height, dtype: 'uint8', layout: 'HWC' } as const;
  engine.run(moves, { data: packIds(ids), width, height }, target);
  return data.filter((_, i) => i % 3 === 0);
}

function against(
  mask: Uint8Array,
  left: readonly number[] | undefined,
  seen: readonly { x: number; y: number; visible?: boolean }[],
  plan: Plan,
  box: Scene['box'],
): string | undefined {
  const { width: W } = plan;
  const error = tolerance(plan.moves, box);
  const pixels: [number, number][] = [];
  mask.forEach((id, p) => {
    if (id === 1) pixels.push([p % W, Math.floor(p / W)]);
  });
  const bordered = plan.moves.some(({ to }) => to.border !== 'constant');
  if (left === undefined) {
    // Slivers that no box is kept for can still touch the center of a pixel; a repeated border repeats the mask.
    if (bordered || pixels.length === 0) return undefined;
    const [x0, y0, x1, y1] = hullOf(pixels);
    return Math.min(x1 - x0, y1 - y0) + 1 <= 2 * error
      ? undefined
      : `a mask of ${pixels.length} pixels, no box`;
  }
  const [x0, y0, x1, y1] = left as [number, number, number, number];
  if (pixels.length === 0) {
    return Math.min(x1 - x0, y1 - y0) <= 2 * error ? undefined : `box [${left.join(', ')}], no mask`;
  }
  const hull = hullOf(pixels);
  const [u0, v0, u1, v1] = [hull[0], hull[1], hull[2] + 1, hull[3] + 1];
  const [outward, inward] = [
    Math.max(u0 - x0, v0 - y0, x1 - u1, y1 - v1),
    Math.max(x0 - u0, y0 - v0, u1 - x1, v1 - y1),
  ];
  const thin = Math.min(x1 - x0, y1 - y0) <= 2 * error; // a corner too thin for any pixel's center
  if (outward > error && !thin && !isCorner(plan.moves))
    return `box [${left.join(', ')}] reaches ${outward} beyond the mask`;
  if (inward > error && !bordered) return `the mask reaches ${inward} beyond box [${left.join(', ')}]`;
  if (!bordered) {
    const { outline } = followOutline(rectangle(box), plan.moves);
    const around = 2 * (x1 - x0 + y1 - y0);
    const off = Math.abs(areaOf(outline) - pixels.length);
    if (off > error * around + 4)
      return `an outline of ${areaOf(outline)}, a mask of ${pixels.length} pixels`;
  }
  for (const { x, y, visible } of seen) {
    if (!visible || thin) continue;
    const near = pixels.some(([u, v]) => Math.hypot(u + 0.5 - x, v + 0.5 - y) <= error + 1);
    if (!near) return `a visible keypoint (${x}, ${y}) off its object`;
  }
  return undefined;
}

/** Moves that turn a box onto its corner: the tip of it can be thinner than a pixel. */
const isCorner = (moves: readonly Move[]) =>
  moves.some(({ to }) => 'kind' in to || ((to.matrix[1] !== 0 || to.matrix[3] !== 0) && to.matrix[0] !== 0));

/** Pixels by which the nearest pixel may be off after all moves: half of one each, enlarged by those that follow. */
function tolerance(moves: readonly Move[], [x0, y0, x1, y1]: Scene['box']): number {
  const middle = [(x0 + x1) / 2, (y0 + y1) / 2] as const;
  let error = 0;
  moves.forEach((move, i) => {
    const before = movePoint(moves.slice(0, i), middle);
    error = error * growth(move, before) + 0.75;
  });
  return error + 0.5;
}

/** How much a move enlarges around a point, with room for a warp that does so unevenly. */
function growth(move: Move, [x, y]: readonly [number, number]): number {
  const at = movePoint([move], [x, y]);
  const along = movePoint([move], [x + 1, y]);
  const down = movePoint([move], [x, y + 1]);
  const size = Math.max(
    Math.hypot(along[0] - at[0], along[1] - at[1]),
    Math.hypot(down[0] - at[0], down[1] - at[1]),
  );
  return Math.max(1, ('kind' in move.to ? 2 : 1.05) * size);
}
