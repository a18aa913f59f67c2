/** The layers of a batch draw, looked at before anything follows them: a plugin's may be anything. */
import { type BatchOp, type Follow, type MixLayers, ownerOf, titleOf, tried } from '../augment/index.js';
import { expected, RxaugError } from '../core/index.js';

export interface BatchSize {
  readonly size: number;
  readonly height: number;
  readonly width: number;
}

type AnyFollow = Follow<Readonly<Record<string, unknown>>>;

/** What a batch operator does to targets; one that does not say is refused. */
export function followOf(op: BatchOp): AnyFollow {
  if (op.follow) return op.follow;
  throw new RxaugError(
    `${titleOf(op)}: expected batches with labels alone, for it does not say where masks, boxes and keypoints go; give its definition a follow, or leave the targets out`,
  );
}

/** @throws RxaugError where a layer is of no row of the batch, or reaches beyond the image */
export function layersOf(
  op: BatchOp,
  { layers }: AnyFollow & { kind: 'layers' },
  params: Readonly<Record<string, unknown>>,
  batch: BatchSize,
): MixLayers {
  const title = titleOf(op);
  const { size, height, width } = batch;
  const made = ownerOf(op) === undefined ? layers(params, batch) : tried(title, () => layers(params, batch));
  const isRow = (row: number) => Number.isInteger(row) && row >= 0 && row < size;
  for (const [row, all] of made) {
    if (!isRow(row)) throw new RxaugError(expected(`${title}: follow`, `rows in 0..${size - 1}`, row));
    for (const { from, to, shift, scale = [1, 1] } of all) {
      const [x0, y0, x1, y1] = to;
      const inside = to.every(Number.isInteger) && x0 >= 0 && y0 >= 0 && x1 <= width && y1 <= height;
      const numbers = [...shift, ...scale].every(Number.isFinite) && scale.every((s) => s !== 0);
      if (isRow(from) && inside && numbers) continue;
      const form = `a row in 0..${size - 1} and whole pixels of ${width}×${height}`;
      throw new RxaugError(expected(`${title}: follow`, form, { from, to, shift, scale }));
    }
  }
  return made;
}
