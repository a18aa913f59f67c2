/** Known data sets as sources of a pipeline. */
import type { Observable } from 'rxjs';
import type { Sample } from '../core/index.js';
import { samples } from '../stream/source.js';
import { splitOptions, type With } from '../stream/sources.js';
import { cifarSchema, openCifar } from './cifar.js';
import { openShapes10, shapes10Schema } from './shapes10/index.js';

/** CIFAR-10 or CIFAR-100 in its binary version. */
export function cifar(dir: string, options: With<typeof cifarSchema> = {}): Observable<Sample> {
  const { source, reader } = splitOptions('cifar', cifarSchema, options);
  return samples(() => openCifar(dir, reader), source, 'cifar');
}

/** Ten classes of rendered shapes, made from a seed and kept as a shard in the user's cache folder. */
export function shapes10(options: With<typeof shapes10Schema> = {}): Observable<Sample> {
  const { source, reader } = splitOptions('shapes10', shapes10Schema, options);
  return samples(() => openShapes10(reader), source, 'shapes10');
}
