/** Opens a source that is given by a path alone. */
import { statSync } from 'node:fs';
import { UsageError } from '../core/index.js';
import { type OpenedDataset, openImageFolder, openWebdataset, shownPlace } from '../io/index.js';

/** A folder with one folder a class, or shards. */
export async function openSource(path: string): Promise<OpenedDataset> {
  if (/\.tar$/.test(shownPlace(path))) return openWebdataset(path);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return openImageFolder(path);
  throw new UsageError(`source: there is no folder '${path}', and it names no shards; check the path`);
}
