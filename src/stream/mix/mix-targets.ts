/** Boxes and keypoints of a batch after its draws: they move with their pixels. */
import {
  type BatchOp,
  type Corners,
  clip,
  fromCorners,
  hullOf,
  keepsBox,
  type MixLayer,
  rectangle,
  seen,
  toCorners,
} from '../../augment/index.js';
import {
  type BoundingBox,
  type Draw,
  type Keypoint,
  type MovedTargets,
  type Registry,
  RxaugError,
} from '../../core/index.js';
import { shiftsOf } from './instances.js';
import { type BatchSize, coveredOf, followOf, layersOf, weightsOf } from './mix-layers.js';

export interface TargetRules {
  /** By row, whether covered pixels are hidden. */
  readonly hides: readonly boolean[];
  /** Ids that mean no instance in the masks of the batch. */
  readonly avoid: readonly number[];
}

/**
 * The targets of every row. A row that shows several images has the boxes of all of them, and all of their
 * keypoints, image by image: hidden ones are there too, as not visible.
 *
 * @throws RxaugError for draws that blend images, where rows have keypoints, or boxes that no weight is known for
 */
export function mixTargetRows(
  draws: readonly Draw[],
  rows: readonly MovedTargets[],
  { hides, avoid }: TargetRules,
  batch: BatchSize,
  ops: Registry<BatchOp>,
): readonly MovedTargets[] {
  if (!rows.some(({ boxes, keypoints, instances }) => boxes || keypoints || instances)) return rows;
  let now = rows;
  for (const { op: name, params } of draws) {
    const op = ops.get(name);
    const follow = followOf(op);
    const after = [...now];
    if (follow.kind === 'layers') {
      for (const [row, layers] of layersOf(op, follow, params, batch))
        after[row] = layered(now[row] ?? {}, layers, now, batch, avoid);
    } else if (follow.kind === 'blend') {
      refuseBlend(name, now, follow.weights !== undefined);
      for (const [row, partner, share] of weightsOf(op, follow, params, batch))
        after[row] = blended(now, row, partner, share, batch);
    } else if (follow.kind === 'erase') {
      const boxes = coveredOf(op, follow, params, batch);
      const shows = (x: number, y: number) =>
        !boxes.some(([x0, y0, x1, y1]) => x >= x0 && x < x1 && y >= y0 && y < y1);
      now.forEach((targets, row) => {
        if (hides[row]) after[row] = hidden(targets, shows, batch);
      });
    }
    now = after;
  }
  return now;
}

function refuseBlend(name: string, rows: readonly MovedTargets[], weighs: boolean): void {
  const what = rows.some(({ keypoints }) => keypoints) ? 'keypoints' : weighs ? undefined : 'boxes';
  if (what === undefined || !rows.some((row) => row[what])) return;
  throw new RxaugError(
    `${name}: expected batches without ${what}, because it blends two images; use cutmix, fmix, resizeMix or mosaic, or leave the ${what} out`,
  );
}

/** A box that is partly visible in a layer, in pixels of the output. */
interface Shown {
  readonly item: BoundingBox;
  readonly box: Corners;
  readonly share: number;
}

function layered(
  own: MovedTargets,
  layers: readonly MixLayer[],
  rows: readonly MovedTargets[],
  { width, height }: BatchSize,
  avoid: readonly number[],
): MovedTargets {
  const { of, bound } = shiftsOf(layers, boundsIn(rows), avoid);
  const all = layers.map((layer, i) => ({
    layer,
    targets: rows[layer.from] ?? {},
    renumbered: renumber(of[i] as number),
  }));
  const { format } = all.find(({ targets }) => targets.format)?.targets ?? own;
  const boxes =
    format === undefined
      ? undefined
      : all.flatMap(({ layer, targets, renumbered }) =>
          (targets.boxes ?? []).flatMap((item) => {
            const { box, share } = shownOf(item, layer, targets, width, height);
            const visible = (item.visible ?? 1) * share;
            if (!keepsBox(targets.rules ?? {}, box, visible)) return [];
            return [seen(renumbered(item), fromCorners(own.format ?? format, box, width, height), visible)];
          }),
        );
  const any = all.some(({ targets }) => targets.keypoints);
  const keypoints = any
    ? all.flatMap(({ layer, targets, renumbered }) =>
        (targets.keypoints ?? []).map((point) => placed(renumbered(point), layer)),
      )
    : undefined;
  return {
    ...own,
    ...(boxes && { boxes, format: own.format ?? format, rules: own.rules ?? rulesIn(all) }),
    ...(keypoints && { keypoints }),
    ...(bound > 0 && { instances: bound }),
  };
}

const boundsIn = (rows: readonly MovedTargets[]) => rows.map(({ instances = 0 }) => instances);

/** An object of an image, numbered as one of a row of several. */
const renumber =
  (shift: number) =>
  <T extends { readonly instance?: number }>(one: T): T =>
    shift === 0 || one.instance === undefined ? one : { ...one, instance: one.instance + shift };

const rulesIn = (all: readonly { readonly targets: MovedTargets }[]) =>
  all.find(({ targets }) => targets.rules)?.targets.rules;

/** The part of a box that a layer shows: the upright box around it, and its share of the whole. */
function shownOf(
  item: BoundingBox,
  { to, shift: [dx, dy], scale: [sx, sy] = [1, 1], except, shows }: MixLayer,
  { format = 'voc' }: MovedTargets,
  width: number,
  height: number,
): Omit<Shown, 'item'> {
  const [x0, y0, x1, y1] = toCorners(format, item.box, width, height);
  const whole: Corners = [x0 * sx + dx, y0 * sy + dy, x1 * sx + dx, y1 * sy + dy];
  const left = clip(rectangle(whole), to);
  if (left.length === 0) return { box: whole, share: 0 };
  const box = hullOf(left);
  const share = areaOf(box) / areaOf(whole);
  const rest = except ? seenAround(box, share, except) : { box, share };
  return shows && rest.share > 0 ? seenThrough(rest.box, share, both(except, shows), areaOf(box)) : rest;
}

/** Whether a layer is visible at a pixel. */
const both = (except: Corners | undefined, shows: (x: number, y: number) => boolean) =>
  except ? (x: number, y: number) => !covers(except, x, y) && shows(x, y) : shows;

const covers = ([x0, y0, x1, y1]: Corners, x: number, y: number) => x >= x0 && x < x1 && y >= y0 && y < y1;

/** A box behind a rectangle: the upright box around what is left, and its share. */
function seenAround(box: Corners, share: number, [a0, b0, a1, b1]: Corners): Omit<Shown, 'item'> {
  let [x0, y0, x1, y1] = box;
  const [width, height] = [Math.min(x1, a1) - Math.max(x0, a0), Math.min(y1, b1) - Math.max(y0, b0)];
  if (width <= 0 || height <= 0) return { box, share };
  const [across, down] = [a0 <= x0 && a1 >= x1, b0 <= y0 && b1 >= y1];
  if (across && down) return { box, share: 0 };
  // A rectangle that cuts all of one side off moves that edge; any other leaves the box as large as it is.
  if (down && a0 <= x0) x0 = a1;
  else if (down && a1 >= x1) x1 = a0;
  if (across && b0 <= y0) y0 = b1;
  else if (across && b1 >= y1) y1 = b0;
  return { box: [x0, y0, x1, y1], share: share * (1 - (width * height) / areaOf(box)) };
}

const areaOf = ([x0, y0, x1, y1]: Corners) => (x1 - x0) * (y1 - y0);

/** A box through what covers part of it, pixel by pixel; a pixel at its edge counts by the part that is in the box. */
function seenThrough(
  box: Corners,
  share: number,
  shows: (x: number, y: number) => boolean,
  whole = areaOf(box),
): Omit<Shown, 'item'> {
  const [x0, y0, x1, y1] = box;
  let area = 0;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let y = Math.floor(y0); y < y1; y++) {
    const [t, b] = [Math.max(y, y0), Math.min(y + 1, y1)];
    for (let x = Math.floor(x0); x < x1; x++) {
      if (!shows(x, y)) continue;
      const [l, r] = [Math.max(x, x0), Math.min(x + 1, x1)];
      area += (r - l) * (b - t);
      left = Math.min(left, l);
      right = Math.max(right, r);
      top = Math.min(top, t);
      bottom = Math.max(bottom, b);
    }
  }
  if (area === 0) return { box, share: 0 };
  return { box: [left, top, right, bottom], share: (share * area) / whole };
}

function placed(point: Keypoint, { to, shift, scale = [1, 1], except, shows }: MixLayer): Keypoint {
  const [x, y] = [point.x * scale[0] + shift[0], point.y * scale[1] + shift[1]];
  const [x0, y0, x1, y1] = to;
  const inside = x >= x0 && x <= x1 && y >= y0 && y <= y1;
  const [u, v] = [pixel(x, x0, x1), pixel(y, y0, y1)];
  const under = inside && !(except && covers(except, u, v)) && (shows?.(u, v) ?? true);
  return { ...point, x, y, visible: (point.visible ?? true) && under };
}

/** The pixel of a coordinate; the far border belongs to the last one. */
const pixel = (v: number, low: number, high: number) => Math.min(high - 1, Math.max(low, Math.floor(v)));

function blended(
  rows: readonly MovedTargets[],
  row: number,
  other: number,
  share: number,
  size: BatchSize,
): MovedTargets {
  const [own, partner] = [rows[row] ?? {}, rows[other] ?? {}];
  const { of, bound } = shiftsOf([{ from: row }, { from: other }], boundsIn(rows), []);
  const format = own.format ?? partner.format;
  if (!format) return own;
  const weighed = ({ boxes = [], format: from = format }: MovedTargets, by: number, shift = 0) =>
    boxes.map(renumber(shift)).map(
      (item): BoundingBox => ({
        ...item,
        box: fromCorners(format, toCorners(from, item.box, size.width, size.height), size.width, size.height),
        weight: (item.weight ?? 1) * by,
      }),
    );
  const boxes = [...weighed(own, share), ...weighed(partner, 1 - share, of[1])].filter(
    ({ weight }) => weight !== 0,
  );
  const rules = own.rules ?? partner.rules;
  return { ...own, boxes, format, rules, ...(bound > 0 && { instances: bound }) };
}

/** Targets of a row of which some pixels are covered. */
function hidden(
  targets: MovedTargets,
  shows: (x: number, y: number) => boolean,
  size: BatchSize,
): MovedTargets {
  const { width, height } = size;
  const { boxes, keypoints, format = 'voc', rules = {} } = targets;
  const kept = boxes?.flatMap((item) => {
    const box = toCorners(format, item.box, width, height);
    const visible = (item.visible ?? 1) * seenThrough(box, 1, shows).share;
    return keepsBox(rules, box, visible) ? [seen(item, item.box, visible)] : [];
  });
  const points = keypoints?.map((point) => ({
    ...point,
    visible: (point.visible ?? true) && shows(pixel(point.x, 0, width), pixel(point.y, 0, height)),
  }));
  return { ...targets, ...(kept && { boxes: kept }), ...(points && { keypoints: points }) };
}
