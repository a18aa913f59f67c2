/** The folder of a data set that `rxaug prepare` wrote, as a source: its shards, and not the pictures of its report. */
import { readFileSync } from 'node:fs';
import { UsageError } from '../core/index.js';
import type { Manifest } from './finish/manifest.js';
import type { Place } from './source-formats.js';

/**
 * What of such a folder holds data, and the pictures that do not; undefined for any other folder.
 *
 * @throws UsageError where its splits are folders of their own, which would be taken for classes, or COCO files
 */
export function preparedEntries(
  dir: string,
  entries: NonNullable<Place['entries']>,
  labels: boolean,
): Pick<Place, 'entries' | 'reportFiles'> | undefined {
  if (!entries.some(({ name, folder }) => name === 'manifest.json' && !folder)) return undefined;
  const manifest = manifestIn(`${dir}/manifest.json`);
  if (!manifest) return undefined;
  const pictures = manifest.files.map(({ path }) => path).filter((path) => /\.(png|html)$/.test(path));
  const reportFiles = new Set(pictures);
  const data = entries.filter(({ name }) => !reportFiles.has(name));
  const splits = Object.keys(manifest.splits);
  const annotated = data.some(({ name }) => /^annotations-[\w-]+\.json$/.test(name));
  if (annotated && labels)
    throw new UsageError(
      `source: '${dir}' is a prepared data set as COCO, with a file for each split; read it in a pipeline, by openCoco('${dir}/images/${splits[0]}', '${dir}/annotations-${splits[0]}.json')`,
    );
  const folders = data.filter(({ name, folder }) => folder && splits.includes(name));
  // Where labels do not matter, images in folders are found at any depth; in MDS they lie in shards.
  if (folders.length > 0 && (labels || manifest.rules?.format === 'mds'))
    throw new UsageError(
      `source: '${dir}' is a prepared data set, with a folder for each split; give one of them, such as '${dir}/${folders[0]?.name}'`,
    );
  return { entries: data, reportFiles };
}

function manifestIn(file: string): Manifest | undefined {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    return found?.rxaug === 'dataset' && Array.isArray(found.files) && found.splits ? found : undefined;
  } catch {
    return undefined; // somebody else's manifest.json
  }
}
