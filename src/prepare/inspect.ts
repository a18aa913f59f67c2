/** What a source holds: classes, sizes, formats, targets, what is left out, and pictures of a few images. */

import { drawnSample, longestMaxSize } from '../augment/index.js';
import { BadSampleError, keyOf, masksOf, messageOf, permuted, Sample } from '../core/index.js';
import { Decoder, type OpenedDataset } from '../io/index.js';
import type { Picture } from '../report/contact-sheet.js';
import { renderOnce } from '../stream/render-once.js';
import { reasonOf } from './reason.js';

/** Images whose headers are read, at most. */
export const LOOKED = 2000;
/** Pixels of a picture's longer side. */
const SIDE = 96;

interface Unreadable {
  readonly id: string;
  readonly reason: string;
}

export interface Inspected {
  readonly name: string;
  readonly images: number;
  /** Images by class. */
  readonly classes: Readonly<Record<string, number>>;
  /** Images with a distribution as label. */
  readonly soft: number;
  /** Images whose headers were read, a keyed choice from all over the source. */
  readonly looked: number;
  /** Of those: images by format. */
  readonly formats: Readonly<Record<string, number>>;
  /** Of those: smallest, median and largest of each side. */
  readonly width: readonly number[];
  readonly height: readonly number[];
  /** Images whose header cannot be read, or whose pixels cannot where pictures are made, and why. */
  readonly unreadable: readonly Unreadable[];
  readonly targets: {
    readonly boxes: number;
    readonly keypoints: number;
    /** Images with a mask, by its name. */
    readonly masks: Readonly<Record<string, number>>;
    readonly boxClasses?: readonly string[];
  };
  /** What the reader left out. */
  readonly problems: OpenedDataset['problems'];
}

/** `pictures`: so many images, of as many classes as there are, at most 96 pixels a side. */
export async function inspect(
  source: OpenedDataset,
  pictures: number,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (done: number) => void },
): Promise<{ readonly found: Inspected; readonly pictures: readonly Picture[] }> {
  const counts = new Array<number>(source.classes.length).fill(0);
  const masks: Record<string, number> = {};
  let [soft, boxes, keypoints] = [0, 0, 0];
  for (let i = 0; i < source.length; i++) {
    const { label, targets } = source.item(i);
    if (typeof label === 'number') counts[label] = (counts[label] ?? 0) + 1;
    else soft++;
    boxes += targets?.boxes?.items.length ?? 0;
    keypoints += targets?.keypoints?.items.length ?? 0;
    for (const { name } of targets ? masksOf(targets) : []) masks[name] = (masks[name] ?? 0) + 1;
  }
  const looked = await headers(source, { signal, progress });
  const { unreadable } = looked;
  const shown = await chosen(source, pictures, unreadable);
  const found: Inspected = {
    name: source.name,
    images: source.length,
    classes: Object.fromEntries(source.classes.map((label, c) => [label, counts[c] ?? 0])),
    soft,
    ...looked,
    targets: { boxes, keypoints, masks, ...(source.boxClasses && { boxClasses: source.boxClasses }) },
    problems: source.problems,
  };
  return { found, pictures: shown };
}

async function headers(
  source: OpenedDataset,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (done: number) => void },
) {
  using decoder = new Decoder();
  const formats: Record<string, number> = {};
  const widths: number[] = [];
  const heights: number[] = [];
  const unreadable: Unreadable[] = [];
  const looked = Math.min(LOOKED, source.length);
  for (let i = 0; i < looked; i++) {
    signal.throwIfAborted();
    const { id, image } = source.item(permuted(keyOf(0), source.length, i));
    try {
      const { width, height, format } = await decoder.probe(image, id);
      formats[format] = (formats[format] ?? 0) + 1;
      widths.push(width);
      heights.push(height);
    } catch (error) {
      unreadable.push(unreadableBy(error, id));
    }
    progress(i + 1);
  }
  return { looked, formats, width: span(widths), height: span(heights), unreadable };
}

/** @throws the error itself, where it is not of the image */
function unreadableBy(error: unknown, id: string): Unreadable {
  if (!(error instanceof BadSampleError)) throw error;
  return { id, reason: reasonOf(messageOf(error), id) };
}

function span(values: number[]): number[] {
  if (values.length === 0) return [];
  const sorted = values.sort((a, b) => a - b);
  return [0, sorted.length >> 1, sorted.length - 1].map((at) => sorted[at] as number);
}

/** Images in a keyed order, of a class that has the fewest so far; those that cannot be read are added to `unreadable`. */
async function chosen(source: OpenedDataset, count: number, unreadable: Unreadable[]): Promise<Picture[]> {
  const taken = new Map<string, number>();
  const found: (Picture & { readonly caption: string })[] = [];
  const most = Math.max(1, Math.ceil(count / source.classes.length));
  const origin = { name: source.name, classes: source.classes, seed: 0 };
  const tried = Math.min(source.length, 50 * count);
  for (let i = 0; i < tried && found.length < count; i++) {
    const index = permuted(keyOf(1), source.length, i);
    const { id, image, label } = source.item(index);
    const name = typeof label === 'number' ? (source.classes[label] ?? '') : 'mixed';
    if ((taken.get(name) ?? 0) >= most) continue;
    const plain = new Sample({ id, image, label, index, epoch: 0, progress: 0, origin });
    try {
      const { data, width, height } = await renderOnce(
        drawnSample(longestMaxSize(SIDE).transform, plain),
        {},
      );
      found.push({ data: data as Uint8Array, width, height, caption: name });
      taken.set(name, (taken.get(name) ?? 0) + 1);
    } catch (error) {
      const one = unreadableBy(error, id);
      if (!unreadable.some((known) => known.id === id)) unreadable.push(one);
    }
  }
  return found.sort((a, b) => (a.caption < b.caption ? -1 : Number(a.caption > b.caption)));
}
