/** Source and output are apart: an output among the images would be read as images the next time. */
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { printable, UsageError } from '../core/index.js';
import type { OpenedDataset } from '../io/index.js';

/** @throws UsageError for an output in a folder that is read whole, and for an image in the output */
export function checkApart(source: OpenedDataset, out: string): void {
  const { root } = source;
  const real = realOf(out);
  if (root !== undefined && isIn(real, realOf(root)))
    throw new UsageError(
      `prepare: the output ${out} lies in the source ${root}, all of which is read; choose a folder outside it`,
    );
  for (let i = 0; i < source.length; i++) {
    const { id, image } = source.item(i);
    if (!('path' in image) || !(isIn(image.path, real) || isIn(image.path, out))) continue;
    throw new UsageError(
      `prepare: ${printable(id)} of the source ${printable(source.name)} lies in the output ${out}; choose an output outside the source`,
    );
  }
}

function isIn(path: string, folder: string): boolean {
  return `${resolve(path)}${sep}`.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Without links, also where its last parts are not there yet. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realOf(above), basename(path));
  }
}
