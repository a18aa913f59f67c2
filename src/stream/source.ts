import { z } from 'zod';
import {
  type Dataset,
  expected,
  fold,
  type Item,
  type ItemStream,
  keyOf,
  type Origin,
  parseOptions,
  permuted,
  RxaugError,
  Sample,
  tag,
  UsageError,
  unknownField,
} from '../core/index.js';
import { linked } from '../core/lineage.js';
import { Observable } from '../core/rx.js';
import { type Demand, demandOf, drive } from './demand.js';

/**
 * Schema of the options that every source has: `seed`, `epochs`, `shuffle`, `perClass`. A source of one's own extends it
 * with its reader's options.
 *
 * @example
 * const mine = sourceOptions.extend({ folder: z.string() });
 * mine.parse({ folder: 'data' }) // → { seed: 0, epochs: 1, shuffle: false, folder: 'data' }
 */
export const sourceOptions = z.strictObject({
  /** Key of every draw made for these samples, default 0. */
  seed: z.int().min(0).default(0),
  /** Passes over the data; `Infinity` for as many as are taken. Default 1. */
  epochs: z.union([z.int().min(1), z.literal(Number.POSITIVE_INFINITY)]).default(1),
  /** A new keyed order each epoch. Data sets with random access only; others use the `shuffle` operator. */
  shuffle: z.boolean().default(false),
  /** Use only this many samples of each class, chosen by the seed: for experiments with few labels. */
  perClass: z.int().min(1).optional(),
});
/** Options of every source: `seed`, `epochs`, `shuffle`, `perClass`. */
export type SourceOptions = z.input<typeof sourceOptions>;

type Opened = Dataset | ItemStream;

/**
 * A data set as a stream of samples, read only as fast as the consumer asks. With a function, the data set is opened at
 * the first subscription and then kept. An epoch's order is a keyed permutation: the same seed gives the same order, and
 * any position can be reached without reading what comes before.
 *
 * @param open a data set with `item(i)` and `length`, or one with `items()`, or a function that opens it
 * @param options seed, epochs, shuffle, perClass; the last two need `item(i)`
 * @param owner name in error messages, default 'source'
 * @throws UsageError for unknown options; the stream fails with UsageError if `open` gives no data set, and with
 * RxaugError if it is empty
 *
 * @example
 * const data$ = samples(() => openImageFolder('photos'), { shuffle: true, seed: 7 });
 * for await (const { id } of pull(data$)) console.log(id); // cat/2.png, dog/0.png, …
 */
export function samples(
  open: Opened | (() => Opened | Promise<Opened>),
  options: SourceOptions = {},
  owner = 'source',
) {
  const parsed = parseOptions(owner, sourceOptions, options);
  let opened: Opened | Promise<Opened> | undefined = typeof open === 'function' ? undefined : open;

  const made = new Observable<Sample>((subscriber) => {
    const demand = demandOf(subscriber);
    opened ??= (open as () => Opened | Promise<Opened>)();
    const begin = (data: Opened) => {
      opened = data;
      if (subscriber.closed) return;
      const { next, close } = cursor(data, parsed, demand, owner);
      subscriber.add(drive(subscriber, next, demand.gate));
      subscriber.add(close);
    };
    if (opened instanceof Promise) {
      opened.then(begin).catch((error) => {
        opened = undefined; // a later subscription tries again
        subscriber.error(error);
      });
    } else begin(opened);
  });
  return linked(made, { gives: 'samples' });
}

type Parsed = z.output<typeof sourceOptions>;

interface Cursor {
  next(): Sample | undefined | Promise<Sample | undefined>;
  /** Closes what the reader holds open. */
  close?(): void;
}

function cursor(data: Opened, options: Parsed, demand: Demand, owner: string): Cursor {
  const epochs = demand.epochs ?? options.epochs;
  const first = demand.start?.epoch ?? 0;
  const kind = Object(data) as Partial<Dataset & ItemStream>;
  if (typeof kind.item !== 'function' && typeof kind.items !== 'function')
    throw new UsageError(expected(owner, 'a data set with item(i), or a stream of items()', data));
  if ('item' in data) return mapCursor(data, options, first, epochs, owner);
  if (options.shuffle)
    throw new RxaugError(`${owner}: expected random access for shuffle: true; use the shuffle operator`);
  if (options.perClass)
    throw new RxaugError(`${owner}: expected random access for perClass; write the items as shards first`);
  return streamCursor(data, options, first, epochs);
}

/** The order of an epoch is a keyed bijection, so nothing is stored and any position is reached at once. */
function mapCursor(data: Dataset, options: Parsed, first: number, epochs: number, owner: string): Cursor {
  const chosen = options.perClass ? chooseByClass(data, options.perClass, options.seed, owner) : undefined;
  const size = chosen ? chosen.length : data.length;
  if (size === 0)
    throw new RxaugError(`${owner}: expected samples in ${data.name} but found none; check the path`);
  const origin: Origin = {
    name: data.name,
    classes: data.classes,
    seed: options.seed,
    size,
    ...(options.shuffle && { shuffle: true }),
    ...(options.perClass && { perClass: options.perClass }),
    epochs,
    problems: data.problems,
  };
  let epoch = first;
  let position = 0;
  let order = orderKey(options.seed, epoch);
  const next = () => {
    if (epoch >= epochs) return undefined;
    const at = options.shuffle ? permuted(order, size, position) : position;
    const index = chosen ? (chosen[at] as number) : at;
    const progress = Number.isFinite(epochs) ? (epoch + position / size) / epochs : 0;
    // Field by field: a spread here would be the costliest part of a small image.
    const { id, image, label, targets } = whole(data.item(index), index, owner);
    const sample = new Sample({ id, image, label, targets, index, epoch, progress, origin });
    if (++position === size) {
      position = 0;
      order = orderKey(options.seed, ++epoch);
    }
    return sample;
  };
  return { next };
}

function streamCursor(data: ItemStream, options: Parsed, first: number, epochs: number): Cursor {
  const origin: Origin = {
    name: data.name,
    classes: data.classes,
    seed: options.seed,
    epochs,
    problems: data.problems,
  };
  let epoch = first;
  let index = 0;
  let items: AsyncIterator<Item> | undefined;
  const left = new AbortController();
  const next = async () => {
    while (epoch < epochs) {
      items ??= data.items(left.signal)[Symbol.asyncIterator]();
      const { done, value } = await items.next();
      if (!done) {
        const progress = Number.isFinite(epochs) ? epoch / epochs : 0;
        const { id, image, label, targets } = whole(value, index, data.name);
        return new Sample({ id, image, label, targets, index: index++, epoch, progress, origin });
      }
      if (index === 0) return undefined; // an empty stream repeated forever would never end
      items = undefined;
      index = 0;
      epoch++;
    }
    return undefined;
  };
  const close = () => {
    left.abort();
    // After the item that is being awaited, if any; its failure no longer matters.
    void Promise.resolve(items?.return?.()).catch(() => undefined);
  };
  return { next, close };
}

/** Fields of an item; others, such as masks outside `targets`, would be dropped silently and are refused. */
const ITEM: Readonly<Record<keyof Item, true>> = { id: true, image: true, label: true, targets: true };

const unknownIn = (item: Item, owner: string) => `${unknownField(item, ITEM, owner)}; sample ${item.id}`;

/** Checks an item: data sets may come from users. */
function whole(item: Item | undefined, index: number, owner: string): Item {
  if (typeof item?.id === 'string') {
    for (const field in item) if (!(field in ITEM)) throw new RxaugError(unknownIn(item, owner));
    return item;
  }
  const form = `{ id, image, label } from item(${index})`;
  throw new RxaugError(expected(owner, form, item, 'fix the data set'));
}

const orderKey = (seed: number, epoch: number) => fold(keyOf(seed), tag('order'), epoch);

/** The same n of each class for one seed, whatever the order of the data set's classes. */
function chooseByClass(data: Dataset, perClass: number, seed: number, owner: string): number[] {
  const key = fold(keyOf(seed), tag('per-class'));
  const taken = new Array<number>(data.classes.length).fill(0);
  const chosen: number[] = [];
  for (let i = 0; i < data.length; i++) {
    const index = permuted(key, data.length, i);
    const { id, label } = data.item(index);
    if (typeof label !== 'number') {
      throw new RxaugError(
        `${owner}: expected class numbers for perClass but ${id} has a distribution; leave perClass out`,
      );
    }
    if (taken[label] === perClass) continue;
    taken[label] = (taken[label] ?? 0) + 1;
    chosen.push(index);
  }
  const short = taken.findIndex((count) => count < perClass);
  if (short >= 0) {
    throw new RxaugError(
      `${owner}: expected ${perClass} samples of class '${data.classes[short]}' but ${data.name} has ${taken[short]}; lower perClass${taken[short] === 0 ? ', or leave classes without images out of classes' : ''}`,
    );
  }
  return chosen.sort((a, b) => a - b);
}
