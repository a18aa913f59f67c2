/** What no writer takes: a sample that contradicts the schema, or that no reader could read back. */
import { expected, isDistribution, show, UsageError } from '../../core/index.js';
import type { ImageEncoding, OutputMask, OutputSample, OutputSchema } from './output.js';
import { PNG_SIGNATURE } from './png.js';

/** The usual ending of each encoding. */
export const ENDINGS: Readonly<Record<ImageEncoding, string>> = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  gif: 'gif',
  bmp: 'bmp',
  tiff: 'tiff',
  avif: 'avif',
};

const KEY = /^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/;

/** Checks the samples of one shard, each before anything of it is written. */
export class SampleCheck {
  private readonly keys = new Set<string>();

  /** @param owner the format's name, in errors */
  constructor(
    private readonly owner: string,
    private readonly schema: OutputSchema,
  ) {}

  /** @throws UsageError that begins with the format's name and the sample's key */
  check(sample: OutputSample): void {
    const { key } = sample;
    if (typeof key !== 'string' || !KEY.test(key))
      throw new UsageError(
        expected(this.owner, 'a key of A-Z a-z 0-9 _ - and / alone', key, 'rename the sample'),
      );
    const fault = this.faultOf(sample);
    if (fault) throw new UsageError(`${this.owner}: ${show(key)}: ${fault}`);
    this.keys.add(key);
  }

  private faultOf({
    key,
    image,
    label,
    boxes,
    keypoints,
    masks = {},
    meta,
  }: OutputSample): string | undefined {
    const { schema } = this;
    if (this.keys.has(key)) return 'the shard has a sample of this key already; give each its own';
    if (!(image.bytes instanceof Uint8Array) || image.bytes.length === 0)
      return 'its image is empty; give its bytes';
    if (!Object.hasOwn(ENDINGS, image.encoding))
      return expected('encoding', `one of ${Object.keys(ENDINGS).join(', ')}`, image.encoding);
    if (!isSide(image.width) || !isSide(image.height))
      return expected('image', 'width and height as whole numbers ≥ 1', [image.width, image.height]);
    if (typeof meta !== 'object' || meta === null || Array.isArray(meta))
      return expected('meta', 'an object', meta);
    const odd = Object.keys(masks).find((name) => !schema.masks.includes(name));
    if (odd !== undefined) return `its mask ${show(odd)} is none of the schema's; add the name to masks`;
    return (
      labelFault(label, schema) ??
      (boxes && boxesFault(boxes, schema)) ??
      (keypoints && keypointsFault(keypoints, schema)) ??
      Object.entries(masks).flatMap(([name, mask]) => maskFault(name, mask, image) ?? [])[0]
    );
  }
}

const isSide = (n: unknown) => Number.isInteger(n) && (n as number) >= 1;

function labelFault(label: OutputSample['label'], { labels, classes }: OutputSchema): string | undefined {
  const k = classes.length;
  if (!labels)
    return label === undefined ? undefined : 'the schema says that there are no labels; drop its label';
  if (label === undefined) return 'it has no label; give one, or set labels: false in the schema';
  const fits =
    typeof label === 'number'
      ? Number.isInteger(label) && label >= 0 && label < k
      : label instanceof Float32Array && isDistribution(label, k); // writers take another list for no label
  return fits
    ? undefined
    : expected('label', `a number of 0..${k - 1} or a distribution over ${k} classes`, label);
}

function boxesFault(boxes: NonNullable<OutputSample['boxes']>, schema: OutputSchema): string | undefined {
  const k = schema.boxClasses?.length;
  if (k === undefined) return 'the schema has no boxClasses; add them';
  for (const { box, label } of boxes) {
    if (
      !Array.isArray(box) ||
      box.length !== 4 ||
      !box.every(Number.isFinite) ||
      !(box[0] < box[2] && box[1] < box[3])
    )
      return expected('box', '[x0, y0, x1, y1] with x0 < x1 and y0 < y1', box, 'leave the box out');
    if (!Number.isInteger(label) || label < 0 || label >= k)
      return expected('box', `a label of 0..${k - 1}`, label, 'leave the box out');
  }
  return undefined;
}

function keypointsFault(
  points: NonNullable<OutputSample['keypoints']>,
  schema: OutputSchema,
): string | undefined {
  if (!schema.keypoints) return 'the schema says that there are no keypoints; set keypoints: true';
  const odd = points.find(({ x, y }) => !Number.isFinite(x) || !Number.isFinite(y));
  return odd && expected('keypoint', 'x and y as finite numbers', odd, 'correct it');
}

/** A field of a box or keypoint that a format has no place for. `known`: true for the fields that are written. */
export function fieldFault(
  items: readonly object[],
  what: string,
  known: Readonly<Record<string, boolean>>,
  why: string,
): string | undefined {
  for (const item of items) {
    const odd = Object.entries(item).find(
      ([name, value]) => value !== undefined && !(Object.hasOwn(known, name) && known[name]),
    );
    if (odd)
      return `a ${what} of it has the field ${show(odd[0])}, which ${why}; remove the field, or write WebDataset`;
  }
  return undefined;
}

/** By the header of the PNG: a gray image of 8 or 16 bits, of the image's size. */
function maskFault(name: string, mask: OutputMask, image: OutputSample['image']): string | undefined {
  const png = Buffer.from(mask.png.buffer, mask.png.byteOffset, mask.png.byteLength);
  const where = `mask ${show(name)}`;
  if (png.length < 33 || !png.subarray(0, 8).equals(PNG_SIGNATURE))
    return `${where} is no PNG; encode it as gray PNG`;
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  if (width !== image.width || height !== image.height)
    return `${where} has ${width}×${height} pixels, the image ${image.width}×${image.height}; give both one size`;
  const [bits, color] = [png[24] as number, png[25]];
  if (color === 0 && (bits === 8 || bits === 16)) return undefined;
  return `${where} is no gray PNG of 8 or 16 bits; encode it so`;
}
