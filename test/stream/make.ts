/** Small data sets, and ways to look at streams, for the tests of this room. */
import { createHash } from 'node:crypto';
import type { Observable } from 'rxjs';
import type { Batch, Dataset, Item, ItemStream, Label, Sample } from '../../src/core/index.js';
import { pull } from '../../src/stream/index.js';

export const CLASSES = ['ant', 'bee', 'cat'];

/** Counts what is asked of it. */
export interface Counted {
  readonly calls: number[];
}

export interface Shape {
  readonly width?: number;
  readonly height?: number;
}

/** Pixels that differ from image to image, in shared memory. */
export function pixels(i: number, { width = 6, height = 6 }: Shape = {}) {
  const data = new Uint8Array(new SharedArrayBuffer(3 * width * height));
  for (let k = 0; k < data.length; k++) data[k] = (i * 37 + k * 11 + ((i * k) % 29)) & 255;
  return { kind: 'pixels', data, width, height, channels: 3 } as const;
}

export function itemOf(i: number, shape?: Shape, label: Label = i % CLASSES.length): Item {
  return { id: `s${i}`, image: pixels(i, shape), label };
}

/** A map-style data set of n images that remembers which items were read. */
export function dataset(n: number, make: (i: number) => Item = (i) => itemOf(i)): Dataset & Counted {
  const calls: number[] = [];
  const items = Array.from({ length: n }, (_, i) => make(i));
  return {
    name: 'made',
    classes: CLASSES,
    length: n,
    calls,
    item(i) {
      calls.push(i);
      return items[i] as Item;
    },
  };
}

/** The same as a stream that is read in order. */
export function itemStream(n: number, make: (i: number) => Item = (i) => itemOf(i)): ItemStream & Counted {
  const calls: number[] = [];
  return {
    name: 'made',
    classes: CLASSES,
    calls,
    async *items() {
      for (let i = 0; i < n; i++) {
        calls.push(i);
        yield make(i);
      }
    },
  };
}

/** An image that no decoder takes. */
export const broken = (i: number): Item => ({
  id: `s${i}`,
  image: { kind: 'bytes', bytes: new TextEncoder().encode(`no image ${i}`) },
  label: 0,
});

/** All that a stream gives, asked for one at a time. Batches are looked at before they are given back. */
export async function all<T>(source: Observable<T>, options: Parameters<typeof pull>[1] = {}): Promise<T[]> {
  const got: T[] = [];
  for await (const item of pull(source, options)) got.push(item);
  return got;
}

export const ids = (samples: readonly Sample[]): string[] => samples.map(({ id }) => id);

/** Everything that a batch holds, as text: equal when its bytes are. */
export function digest(batch: Batch): string {
  const { images, labels, soft, samples, recipe, index, epoch, size, height, width } = batch;
  const hash = createHash('sha256');
  for (const part of [images, labels, soft ?? new Float32Array(0)]) {
    hash.update(Buffer.from(part.buffer as ArrayBuffer, part.byteOffset, part.byteLength));
  }
  hash.update(JSON.stringify([samples.map((s) => [s.id, s.epoch, s.recipe]), recipe]));
  hash.update(JSON.stringify([index, epoch, size, height, width]));
  return hash.digest('hex');
}

/** Digests of all batches, each given back at once so that its memory is used again. */
export async function digests(
  batches: Observable<Batch>,
  options: Parameters<typeof pull>[1] = {},
): Promise<string[]> {
  const got: string[] = [];
  for await (const batch of pull(batches, options)) {
    got.push(digest(batch));
    batch.dispose();
  }
  return got;
}

/** The message of what a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('expected a failure');
}

/** Turns of the event loop: enough for whatever would run on to do so. */
export async function turns(n = 20): Promise<void> {
  for (let i = 0; i < n; i++) await new Promise(setImmediate);
}

/** Waits until something holds. */
export async function until(holds: () => boolean, seconds = 20): Promise<void> {
  const end = Date.now() + 1000 * seconds;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
