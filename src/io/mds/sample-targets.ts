/** Boxes, keypoints and masks of the samples of a shard: the JSON of each as bytes, read when it is asked for. */
import type { BoundingBox, BoxFormat, Keypoint, Mask, Targets } from '../../core/index.js';
import { hasArea } from '../raw-boxes.js';
import { Numbers } from '../raw-column.js';
import { type TargetOptions, withSettings } from '../target-options.js';
import { jsonOf } from './values.js';

export class SampleTargets {
  private readonly boxes: (Buffer | undefined)[] = [];
  private readonly keypoints: (Buffer | undefined)[] = [];
  /** Place and length of each mask of each sample. */
  private readonly places = new Numbers();
  /** Boxes that were dropped, and the sample of the first. */
  dropped = 0;
  firstDropped = -1;
  private format: BoxFormat | undefined;

  constructor(private readonly masks: readonly string[]) {}

  /** @throws Error with a reason, and takes nothing */
  push(
    boxes: Buffer | undefined,
    keypoints: Buffer | undefined,
    masks: readonly (readonly [number, number])[],
  ): void {
    const listed = listOf(boxes, 'boxes', 'box');
    const points = listOf(keypoints, 'keypoints', 'x');
    if (masks.length !== this.masks.length) throw new Error('its masks are not all there');
    this.boxes.push(listed);
    this.keypoints.push(points);
    for (const [offset, length] of masks) {
      this.places.push(offset);
      this.places.push(length);
    }
  }

  get hasBoxes(): boolean {
    return this.boxes.some((one) => one !== undefined);
  }

  /** Sets the format of the boxes, and leaves out those without an area and with labels beyond the classes. */
  settle(format: BoxFormat, classes: number | undefined): void {
    this.format = format;
    this.boxes.forEach((bytes, i) => {
      if (!bytes) return;
      const all = jsonOf(bytes, 'boxes') as BoundingBox[];
      const kept = all.filter(
        ({ box, label }) =>
          Array.isArray(box) &&
          box.length === 4 &&
          hasArea(box, format) &&
          Number.isInteger(label) &&
          label >= 0 &&
          (classes === undefined || label < classes),
      );
      if (kept.length === all.length) return;
      if (this.dropped === 0) this.firstDropped = i;
      this.dropped += all.length - kept.length;
      this.boxes[i] = Buffer.from(JSON.stringify(kept));
    });
  }

  at(i: number, path: string, options: TargetOptions | undefined): Targets | undefined {
    const boxes = this.format && this.boxes[i];
    const keypoints = this.keypoints[i];
    const masks = this.masks.flatMap((name, m): [string, Mask][] => {
      const place = 2 * (i * this.masks.length + m);
      const [offset, length] = [this.places.at(place), this.places.at(place + 1)];
      return length === 0 ? [] : [[name, { image: { kind: 'range', path, offset, length } }]];
    });
    if (!boxes && !keypoints && masks.length === 0) return undefined;
    return withSettings(
      {
        ...(masks.length > 0 && { masks: Object.fromEntries(masks) }),
        ...(boxes && {
          boxes: { items: jsonOf(boxes, 'boxes') as BoundingBox[], format: this.format as BoxFormat },
        }),
        ...(keypoints && { keypoints: { items: jsonOf(keypoints, 'keypoints') as Keypoint[] } }),
      },
      options ?? {},
    );
  }

  masksOf(name: string): number {
    const m = this.masks.indexOf(name);
    if (m < 0) return 0;
    let have = 0;
    for (let i = 0; i < this.boxes.length; i++)
      if (this.places.at(2 * (i * this.masks.length + m) + 1) > 0) have++;
    return have;
  }
}

/** The bytes of a list of objects with a field; undefined where there is none, or null. */
function listOf(bytes: Buffer | undefined, what: string, field: string): Buffer | undefined {
  if (!bytes || bytes.length === 0) return undefined;
  const value = jsonOf(bytes, what);
  if (value === null) return undefined;
  if (Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null && field in one))
    return bytes;
  throw new Error(`its ${what} are no list of objects with ${field}`);
}
