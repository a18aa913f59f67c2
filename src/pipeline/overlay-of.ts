/** The targets of a row of a batch as an overlay. */
import { toCorners } from '../augment/index.js';
import { type Batch, masksOf } from '../core/index.js';
import type { Overlay } from '../report/overlay.js';

/** Its first mask, its boxes and its visible keypoints; undefined where the batch has none. */
export function overlayOf(batch: Batch, row: number): Overlay | undefined {
  const { masks, targets, width, height, samples } = batch;
  if (!masks && !targets) return undefined;
  const [name] = Object.keys(masks ?? {});
  const area = width * height;
  const own = samples.flatMap((sample) => (sample.targets ? masksOf(sample.targets) : []));
  const { boxes = [], keypoints = [], format = 'voc' } = targets?.[row] ?? {};
  return {
    ...(name !== undefined && {
      mask: masks?.[name]?.subarray(row * area, (row + 1) * area),
      ignore: own.find((mask) => mask.name === name)?.ignore,
    }),
    boxes: boxes.map(({ box, label }) => ({ corners: toCorners(format, box, width, height), id: label + 1 })),
    points: keypoints.flatMap(({ x, y, visible }, i) => (visible === false ? [] : [{ x, y, id: i + 3 }])),
  };
}
