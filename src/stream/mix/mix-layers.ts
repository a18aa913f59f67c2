/** Checks what a batch draw declares about targets before it is used: a plugin may declare anything. */
import { type BatchOp, type Follow, type MixLayers, ownerOf, titleOf, tried } from '../../augment/index.js';
import { expected, RxaugError } from '../../core/index.js';

export interface BatchSize {
  readonly size: number;
  readonly height: number;
  readonly width: number;
}

type Json = Readonly<Record<string, unknown>>;
type AnyFollow = Follow<Json>;
type Box = readonly [number, number, number, number];

const KINDS: readonly AnyFollow['kind'][] = ['layers', 'blend', 'erase', 'same'];

/** What a batch operator does to targets; an operator that does not declare it is refused. */
export function followOf(op: BatchOp): AnyFollow {
  const { follow } = op;
  if (follow && KINDS.includes(follow.kind)) return follow;
  if (follow) throw new RxaugError(expected(`${titleOf(op)}: follow: kind`, KINDS.join(', '), follow.kind));
  throw new RxaugError(
    `${titleOf(op)}: expected batches with labels alone, because it does not define what happens to masks, boxes and keypoints; add follow to its definition, or leave the targets out`,
  );
}

/** @throws RxaugError where a layer is of no row of the batch, or reaches beyond the image */
export function layersOf(
  op: BatchOp,
  { layers }: AnyFollow & { kind: 'layers' },
  params: Json,
  batch: BatchSize,
): MixLayers {
  const made = checked(op, () => layers(params, batch));
  if (!(made instanceof Map)) throw wrong(op, 'a Map of the layers of each row', made);
  for (const [row, all] of made) {
    if (!isRow(row, batch)) throw wrong(op, `rows in 0..${batch.size - 1}`, row);
    if (!Array.isArray(all)) throw wrong(op, 'a list of layers', all);
    for (const layer of all) {
      const { from, to, shift, scale = [1, 1], except = to } = layer ?? {};
      const pairs = [shift, scale].every((pair) => pair?.length === 2 && pair.every(Number.isFinite));
      const boxes = isInside(to, batch) && isInside(except, batch);
      if (isRow(from, batch) && boxes && pairs && scale.every((s: number) => s > 0)) continue;
      const form = `a row in 0..${batch.size - 1}, whole pixels of ${batch.width}×${batch.height} and scales above 0`;
      throw wrong(op, form, { from, to, shift, scale, except });
    }
  }
  return made;
}

/** The boxes that a draw covers. @throws RxaugError where one is none of whole pixels within the image */
export function coveredOf(
  op: BatchOp,
  { boxes }: AnyFollow & { kind: 'erase' },
  params: Json,
  batch: BatchSize,
): readonly Box[] {
  const made = checked(op, () => boxes(params));
  if (Array.isArray(made) && made.every((box) => isInside(box, batch))) return made;
  throw wrong(op, `boxes of whole pixels of ${batch.width}×${batch.height}`, made);
}

/** Row, partner and share of the row, where a blend gives them. @throws RxaugError where a row or a share is none */
export function weightsOf(
  op: BatchOp,
  { weights }: AnyFollow & { kind: 'blend' },
  params: Json,
  batch: BatchSize,
): readonly (readonly [number, number, number])[] {
  if (!weights) return [];
  const made = checked(op, () => weights(params));
  const fits = ([row, partner, share]: readonly number[]) =>
    isRow(row, batch) && isRow(partner, batch) && (share as number) >= 0 && (share as number) <= 1;
  if (Array.isArray(made) && made.every((one) => Array.isArray(one) && fits(one))) return made;
  throw wrong(op, `[row, partner, share] with rows in 0..${batch.size - 1}, a share in 0..1`, made);
}

function checked<T>(op: BatchOp, run: () => T): T {
  return ownerOf(op) === undefined ? run() : tried(titleOf(op), run);
}

const wrong = (op: BatchOp, what: string, received: unknown) =>
  new RxaugError(expected(`${titleOf(op)}: follow`, what, received));

const isRow = (row: unknown, { size }: BatchSize) =>
  Number.isInteger(row) && (row as number) >= 0 && (row as number) < size;

function isInside(box: Box | undefined, { width, height }: BatchSize): boolean {
  if (box?.length !== 4 || !box.every(Number.isInteger)) return false;
  const [x0, y0, x1, y1] = box;
  return x0 >= 0 && y0 >= 0 && x0 <= x1 && y0 <= y1 && x1 <= width && y1 <= height;
}
