/** Lines of YOLO labels: a class and a box, a polygon, or a box with keypoints; all as shares of the image's sides. */
import type { Four } from './object-table.js';

export interface YoloObject {
  readonly label: number;
  /** [center x, center y, width, height] */
  readonly box: Four;
  /** [x0, y0, x1, y1, …] */
  readonly polygon?: readonly number[];
  /** x, y and visibility 0 to 2 of each keypoint. */
  readonly points?: readonly number[];
}

/** How many keypoints a pose has, and numbers for each: 2 without visibility, 3 with it. */
export interface PoseShape {
  readonly count: number;
  readonly dims: 2 | 3;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** @returns the object, or its fault, which speaks of all lines that have it */
export function yoloLine(line: string, pose: PoseShape | undefined): YoloObject | string {
  const fields = line.split(/\s+/);
  if (!fields.every((field) => NUMBER.test(field)))
    return 'lines hold what is no number and are left out; correct them';
  const numbers = fields.map(Number);
  const [label = 0, ...rest] = numbers;
  if (!Number.isInteger(label) || label < 0)
    return 'lines begin with a class that is no whole number ≥ 0 and are left out; correct them';
  if (!rest.every(Number.isFinite))
    return 'lines hold numbers that are not finite and are left out; correct them';
  if (rest.length === 4) return { label, box: rest as unknown as Four };
  if (pose) return poseOf(label, rest, pose);
  if (rest.length === 5)
    return 'lines have 6 numbers, as predictions with a confidence, and are left out; give labels of 5';
  if (rest.length < 6 || rest.length % 2 !== 0)
    return 'lines have neither 5 numbers, a box, nor a class and pairs, a polygon, and are left out; correct them';
  return { label, box: around(rest), polygon: rest };
}

function poseOf(label: number, rest: readonly number[], { count, dims }: PoseShape): YoloObject | string {
  if (rest.length !== 4 + count * dims)
    return `lines have another number of keypoints than kpt_shape says (${count} of ${dims} numbers) and are left out; correct them`;
  const points: number[] = [];
  for (let i = 4; i < rest.length; i += dims) {
    const [x, y] = [rest[i] as number, rest[i + 1] as number];
    // Without a visibility, a negative place says that there is none.
    const seen = dims === 3 ? (rest[i + 2] as number) : x < 0 || y < 0 ? 0 : 2;
    if (seen !== 0 && seen !== 1 && seen !== 2)
      return 'lines have a visibility other than 0, 1 and 2 and are left out; correct them';
    points.push(x, y, seen);
  }
  return { label, box: rest.slice(0, 4) as unknown as Four, points };
}

function around(corners: readonly number[]): Four {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < corners.length; i += 2) {
    x0 = Math.min(x0, corners[i] as number);
    x1 = Math.max(x1, corners[i] as number);
    y0 = Math.min(y0, corners[i + 1] as number);
    y1 = Math.max(y1, corners[i + 1] as number);
  }
  return [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0];
}
