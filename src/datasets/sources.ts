/** Known data sets as sources of a pipeline. */
import type { Observable } from 'rxjs';
import type { Sample } from '../core/index.js';
import { samples } from '../stream/source.js';
import { splitOptions, type With } from '../stream/sources.js';
import { cifarSchema, openCifar } from './cifar.js';
import { openShapes10, shapes10Schema } from './shapes10/index.js';
import { openToys10, toys10Schema } from './toys10/index.js';

/**
 * Samples of CIFAR-10 or CIFAR-100 in the binary version (Krizhevsky, 2009): 32 × 32 RGB images in shared memory.
 *
 * @param dir the extracted folder, such as `cifar-10-batches-bin`
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and `version` (10 or 100), `split`,
 * `labels` ('fine' or 'coarse'), `classes`
 * @throws UsageError for bad options, in the call; the stream fails with UsageError if a file cannot be read
 *
 * @example
 * const train$ = cifar('cifar-10-batches-bin', { shuffle: true, seed: 1 }).pipe(padCrop(4), horizontalFlip());
 * const test$ = cifar('cifar-10-batches-bin', { split: 'test' });
 */
export function cifar(dir: string, options: With<typeof cifarSchema> = {}): Observable<Sample> {
  const { source, reader } = splitOptions('cifar', cifarSchema, options);
  return samples(() => openCifar(dir, reader), source, 'cifar');
}

/**
 * Samples of ten classes of rendered shapes that are easily confused at 32 pixels (circle and ring, star and cross). The
 * images are made from `dataSeed` at the first use and kept as shards in the cache folder: nothing is downloaded.
 *
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and `split` ('train' or 'test'), `count`
 * (default 2,000 or 1,000), `dataSeed` (default 0), `size` (16..512 pixels, default 32), `dir`, `classes`, `concurrency`,
 * `onProgress`
 * @throws UsageError for bad options, in the call
 *
 * @example
 * const batches$ = shapes10({ count: 20, dir: 'shapes' }).pipe(batch(20));
 * for await (const b of pull(batches$)) {
 *   console.log(b.size, b.width, b.origin.classes.length);
 *   b.dispose();
 * }
 * // → 20 32 10
 */
export function shapes10(options: With<typeof shapes10Schema> = {}): Observable<Sample> {
  const { source, reader } = splitOptions('shapes10', shapes10Schema, options);
  return samples(() => openShapes10(reader), source, 'shapes10');
}

/**
 * Samples of ten classes of toys in rendered photographs: bottle, car, chair, donut, house, lamp, mug, mushroom, rocket,
 * tree, with light and shadow, patterns and clutter. The images are made from `dataSeed` at the first use, some 10 ms each,
 * and kept as shards in the cache folder: nothing is downloaded.
 *
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and `split` ('train' or 'test'), `count`
 * (default 2,000 or 1,000), `dataSeed` (default 0), `size` (16..512 pixels, default 32), `dir`, `classes`, `concurrency`,
 * `onProgress`
 * @throws UsageError for bad options, in the call
 *
 * @example
 * const batches$ = toys10({ count: 20, dir: 'toys' }).pipe(batch(20));
 * for await (const b of pull(batches$)) {
 *   console.log(b.size, b.width, b.origin.classes[3]);
 *   b.dispose();
 * }
 * // → 20 32 donut
 */
export function toys10(options: With<typeof toys10Schema> = {}): Observable<Sample> {
  const { source, reader } = splitOptions('toys10', toys10Schema, options);
  return samples(() => openToys10(reader), source, 'toys10');
}
