import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import {
  type ImageRef,
  type Item,
  parseOptions,
  RxaugError,
  show,
  type Targets,
  targetsFault,
  UsageError,
  unknownField,
} from '../core/index.js';
import type { RawLabel } from './archive/shard-index.js';
import { checkClasses, LabelCheck, numbered, refused } from './classes.js';
import { type OpenedStream, type Problem, problem } from './problems.js';
import { pull, type Subscribable } from './pull.js';
import { type TargetOptions, targetOptions, withSettings } from './target-options.js';

/** An encoded image (path, file URL or bytes), pixels, or a reference that a reader made. */
export type ImageLike =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | { data: Uint8Array; width: number; height: number; channels?: number }
  | ImageRef;

/** One item of `fromItems`: an image and its label; an id and targets if there are any. */
export interface ItemLike {
  readonly image: ImageLike;
  /** A class number, a class name, or a distribution over the classes. */
  readonly label: RawLabel | Float32Array;
  readonly id?: string;
  /** Masks, boxes and keypoints. */
  readonly targets?: Targets;
}

const FIELDS = ['image', 'label', 'id', 'targets'];

/** What `fromItems` reads: an iterable, an async iterable, a ReadableStream or an Observable of items. */
export type Items =
  | Iterable<ItemLike>
  | AsyncIterable<ItemLike>
  | ReadableStream<ItemLike>
  | Subscribable<ItemLike>;

export const itemsSchema = z.strictObject({
  name: z.string().default('from'),
  /** Class names, or how many classes there are. */
  classes: z.union([z.array(z.string()), z.number().int().min(1)]),
  /** Most items of an Observable that wait in memory. Default 100,000. */
  maxBuffered: z.number().int().min(1).default(100_000),
  /** Settings of the items' targets, unless these have their own. */
  targets: targetOptions.optional(),
});

/** Options of `openItems`: `classes`, `maxBuffered`, `targets`, `name`. */
export type ItemsOptions = z.input<typeof itemsSchema>;

/**
 * Items of any iterable, async iterable, ReadableStream or Observable as an item stream: the source of `fromItems`.
 *
 * @param source the items, or a function that returns them, called at each pass: needed if they can be iterated only once
 * @param options `classes` (names, or how many), `maxBuffered`, `targets`, `name`
 * @throws UsageError for bad options. A pass fails with RxaugError if no item is usable; items that cannot be used are
 * left out and listed in `problems`.
 *
 * @example
 * const data = openItems([{ image: 'photo.jpg', label: 1 }], { classes: ['cat', 'dog'] });
 * data.classes // → ['cat', 'dog']
 */
export function openItems(source: Items | (() => Items), options: ItemsOptions): OpenedStream {
  const { name, classes, maxBuffered, targets } = parseOptions('fromItems', itemsSchema, options);
  const check = new LabelCheck(
    typeof classes === 'number' ? numbered(classes) : checkClasses('fromItems', classes),
  );
  const problems: Problem[] = [];
  let passes = 0;
  async function* items(signal?: AbortSignal): AsyncGenerator<Item> {
    const pass = passes++;
    let index = 0;
    let given = 0;
    for await (const like of iterate(typeof source === 'function' ? source() : source, maxBuffered, signal)) {
      const where = like?.id ?? `${name}/${index}`;
      index++;
      const item = itemOf(like, where, check, targets);
      if ('reason' in item) problems.push(problem(String(where), item.reason));
      else {
        given++;
        yield item;
      }
    }
    if (given > 0 || signal?.aborted) return;
    if (index > 0)
      throw new RxaugError(
        `fromItems: none of ${index} items can be used; ${problems.at(-1)?.where}: ${problems.at(-1)?.reason}`,
      );
    throw new RxaugError(
      pass === 0
        ? 'fromItems: the source gave no item; give at least one'
        : `fromItems: the source gave no item at pass ${pass + 1}, because it can be iterated only once; give a function that returns a new one`,
    );
  }
  return { name, classes: check.classes, problems, items };
}

function iterate(
  source: Items,
  maxBuffered: number,
  signal?: AbortSignal,
): Iterable<ItemLike> | AsyncIterable<ItemLike> {
  if (source && typeof source === 'object') {
    if (Symbol.asyncIterator in source) return source as AsyncIterable<ItemLike>;
    if (Symbol.iterator in source) return source as Iterable<ItemLike>;
    if ('subscribe' in source && typeof source.subscribe === 'function')
      return pull(source, maxBuffered, signal);
  }
  throw new UsageError(
    `fromItems: expected an iterable, a stream or an Observable of items but received ${show(source)}`,
  );
}

function itemOf(
  like: ItemLike,
  id: string,
  check: LabelCheck,
  settings: TargetOptions | undefined,
): Item | { reason: string } {
  if (typeof like !== 'object' || like === null)
    return { reason: `it is ${show(like)}; give { image, label }` };
  const image = imageRefOf(like.image);
  if (!image)
    return {
      reason: `its image is ${show(like.image)}; give a path, bytes, or pixels with width and height`,
    };
  if (like.label === undefined || like.label === null)
    return { reason: 'it has no label; give { image, label }' };
  const odd = unknownField(like, FIELDS, 'item') ?? targetsFault(like.targets);
  if (odd) return { reason: odd };
  const label = check.check(like.label);
  if (refused(label)) return label;
  const targets = withSettings(like.targets, settings);
  return { id, image, label, ...(targets && { targets }) };
}

/** The image as a reference; undefined for another value. */
export function imageRefOf(image: ImageLike): ImageRef | undefined {
  if (typeof image === 'string') return { kind: 'file', path: image };
  if (image instanceof URL)
    return image.protocol === 'file:' ? { kind: 'file', path: fileURLToPath(image) } : undefined;
  if (image instanceof Uint8Array) return { kind: 'bytes', bytes: image };
  if (image instanceof ArrayBuffer) return { kind: 'bytes', bytes: new Uint8Array(image) };
  if (typeof image !== 'object' || image === null) return undefined;
  if ('kind' in image) return image;
  if (!(image.data instanceof Uint8Array) || !(image.width >= 1) || !(image.height >= 1)) return undefined;
  const channels = image.channels ?? image.data.length / (image.width * image.height);
  return { kind: 'pixels', data: image.data, width: image.width, height: image.height, channels };
}
