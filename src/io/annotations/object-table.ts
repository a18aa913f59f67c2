/** Images with their objects (boxes, keypoints) in columns: some 60 bytes an object, whatever the format they came from. */
import { bytes, counts, floats, TextColumn } from './columns.js';

/** Bits of `ObjectTable.flags`. */
export const BOX = 1;
export const CROWD = 2;
export const DIFFICULT = 4;
export const TRUNCATED = 8;
export const OCCLUDED = 16;
/** Left out. */
export const DROPPED = 32;

/** What of an object's flags travels along with its box. */
export const CARRIED = [
  [CROWD, 'iscrowd'],
  [DIFFICULT, 'difficult'],
  [TRUNCATED, 'truncated'],
  [OCCLUDED, 'occluded'],
] as const;

/** The box of an object, in the table's format. */
export type Four = readonly [number, number, number, number];

export class ObjectTable {
  /** By image: its path below the root, which is its id too. */
  readonly paths = new TextColumn();
  /** By image: upright width and height in pixels; 0 where unknown. */
  readonly widths = counts();
  readonly heights = counts();
  /** By image: 1 where it is left out. */
  readonly out = bytes();

  /** By object. */
  readonly image = counts();
  readonly label = counts();
  readonly flags = bytes();
  private readonly numbers = floats();
  /** One more than the number that the annotation gives; 0 where it gives none. */
  private readonly given = counts();
  /** By object: where its keypoints end; they begin where those of the object before end. */
  private readonly pointsEnd = counts();

  /** By keypoint: pixels, and COCO's visibility: 0 absent, 1 hidden, 2 seen. */
  readonly x = floats();
  readonly y = floats();
  readonly seen = bytes();

  get images(): number {
    return this.paths.length;
  }

  get objects(): number {
    return this.image.length;
  }

  /** The number of the new image. */
  addImage(path: string, width = 0, height = 0): number {
    this.paths.push(path);
    this.widths.push(width);
    this.heights.push(height);
    this.out.push(0);
    return this.paths.length - 1;
  }

  /** The number of the new object; its keypoints were added before it. */
  addObject(image: number, label: number, box: Four | undefined, flags = 0, instance = -1): number {
    this.image.push(image);
    this.label.push(label);
    this.flags.push(flags | (box ? BOX : 0));
    for (let i = 0; i < 4; i++) this.numbers.push(box?.[i] ?? 0);
    this.given.push(instance + 1);
    this.pointsEnd.push(this.x.length);
    return this.objects - 1;
  }

  addPoint(x: number, y: number, seen: number): void {
    this.x.push(x);
    this.y.push(y);
    this.seen.push(seen);
  }

  box(object: number): [number, number, number, number] {
    const { numbers } = this;
    const at = 4 * object;
    return [numbers.at(at), numbers.at(at + 1), numbers.at(at + 2), numbers.at(at + 3)];
  }

  setBox(object: number, box: Four): void {
    for (let i = 0; i < 4; i++) this.numbers.set(4 * object + i, box[i] as number);
  }

  setFlag(object: number, flag: number): void {
    this.flags.set(object, this.flags.at(object) | flag);
  }

  has(object: number, flag: number): boolean {
    return (this.flags.at(object) & flag) !== 0;
  }

  /** The number of an object within its image: that which it was given, or its place among the others, from 1 on. */
  instance(object: number, place: number): number {
    return this.given.at(object) > 0 ? this.given.at(object) - 1 : place + 1;
  }

  /** The keypoints of an object: from the first to before the second. */
  points(object: number): readonly [number, number] {
    return [object === 0 ? 0 : this.pointsEnd.at(object - 1), this.pointsEnd.at(object)];
  }
}
