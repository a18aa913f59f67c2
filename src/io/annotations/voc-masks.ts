import { extname } from 'node:path';
import { type Mask, UsageError } from '../../core/index.js';
import type { Folder } from '../remote/folder.js';
import type { MaskSource } from './object-dataset.js';
import type { ObjectTable } from './object-table.js';
import type { Tally } from './tally.js';
import { below } from './voc-files.js';

const OWNER = 'pascalVoc';

/** Masks by the names of their images; they are fetched. */
export async function maskFiles(folder: Folder, table: ObjectTable, tally: Tally): Promise<MaskSource> {
  const folders = { classes: 'SegmentationClass', instances: 'SegmentationObject' } as const;
  const names = Object.keys(folders) as (keyof typeof folders)[];
  const fileOf = (image: number) => {
    const path = table.paths.at(image);
    return `${path.slice(0, path.length - extname(path).length)}.png`;
  };
  const images = Array.from({ length: table.images }, (_, i) => i).filter((i) => !table.out.at(i));
  const there = new Map<string, Set<string>>();
  for (const name of names) {
    const place = (file: string) => below(folders[name], file);
    const files = images.map(fileOf);
    const listed = folder.lists ? new Set(await folder.list(folders[name])) : undefined;
    await folder.fetch(files.filter((file) => listed?.has(file) ?? true).map(place));
    const own = listed ?? new Set(files.filter((file) => !folder.lacks(place(file))));
    if (own.size === 0 && !listed)
      throw new UsageError(
        `${OWNER}: masks: there is none in ${folder.shown(folders[name])}; check the URL, or leave masks out`,
      );
    there.set(name, own);
  }
  for (const name of names)
    for (const i of images)
      if (!there.get(name)?.has(fileOf(i)))
        tally.note(`images have no mask '${name}', whose rows hold its ignore`, table.paths.at(i));
  return {
    names,
    masksOf(image) {
      const file = fileOf(image);
      const own = names.flatMap((name): [string, Mask][] => {
        if (!there.get(name)?.has(file)) return [];
        const path = folder.path(below(folders[name], file));
        return [[name, { image: { kind: 'file', path }, ...(name === 'instances' && { instances: true }) }]];
      });
      return own.length > 0 ? Object.fromEntries(own) : undefined;
    },
  };
}
