/** Where a Pascal VOC data set keeps its annotations, images and lists. */
import { basename, extname, posix } from 'node:path';
import { UsageError } from '../../core/index.js';
import { IMAGE_ENDINGS } from '../decode/sniff.js';
import type { Folder } from '../remote/folder.js';
import { nameFault } from './safe-name.js';
import { readSmall } from './small-file.js';
import { parseXml, textOf, XmlFault } from './xml.js';

const OWNER = 'pascalVoc';

export const below = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`);

/** The XML files; of a web server those that a list names, which need not be there. */
export async function annotationFiles(
  folder: Folder,
  annotations: string,
  wanted: readonly string[] | undefined,
): Promise<string[]> {
  const ofList = new Set(wanted?.map((name) => `${name}.xml`));
  if (!folder.lists)
    return [...ofList].filter((file) => nameFault(file) === undefined && !file.includes('/'));
  const files = (await folder.list(annotations)).filter((name) => extname(name).toLowerCase() === '.xml');
  // Those on this machine are here already.
  return wanted && folder.root === undefined ? files.filter((file) => ofList.has(stemmed(file))) : files;
}

/** With the ending in small letters. */
const stemmed = (file: string) => `${basename(file, extname(file))}.xml`;

/**
 * The images that are there of those which annotations name: where nothing can be listed, the name of the XML file with
 * the ending of its `filename`, else `filename` itself.
 */
export async function namedImages(
  folder: Folder,
  images: string,
  files: readonly string[],
): Promise<string[]> {
  const named = files.flatMap((file): [string, string][] => {
    const name =
      folder.lacks(file) || folder.faultOf(file) !== undefined ? undefined : imageNameOf(folder.path(file));
    return name === undefined ? [] : [[`${basename(file, '.xml')}${extname(name)}`, name]];
  });
  const lacks = (name: string) => folder.lacks(below(images, name));
  await folder.fetch(named.map(([same]) => below(images, same)));
  const others = named.flatMap(([same, name]) => (lacks(same) ? [name] : []));
  await folder.fetch(others.map((name) => below(images, name)));
  const all = new Set([...named.map(([same]) => same), ...others]);
  return [...all].filter((name) => !lacks(name));
}

/** The `filename` of an annotation, if it may be opened; faults are reported when the annotation is read. */
function imageNameOf(path: string): string | undefined {
  const read = readSmall(path);
  if ('fault' in read) return undefined;
  try {
    const name = textOf(parseXml(read.text), 'filename');
    return nameFault(name) === undefined ? name : undefined;
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    return undefined;
  }
}

/** Image files by their name without its ending. */
export function imagesOf(names: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of names) {
    const ending = extname(name);
    if (!IMAGE_ENDINGS.includes(ending.slice(1).toLowerCase())) continue;
    const stem = basename(name, ending);
    found.set(stem, [...(found.get(stem) ?? []), name]);
  }
  return found;
}

/** The names of a list, one a line. */
export async function splitOf(folder: Folder, split: string): Promise<string[]> {
  const fault = nameFault(split);
  if (fault) throw new UsageError(`${OWNER}: split: ${fault}`);
  const list = `ImageSets/Main/${split}.txt`;
  const path = folder.shown(list);
  const there = await folder.first([list]);
  if (there === undefined && folder.root === undefined)
    throw new UsageError(`${OWNER}: split: there is no file ${path}; check the name of the split`);
  const read = readSmall(folder.path(list));
  if ('fault' in read) throw new UsageError(`${OWNER}: split: ${read.fault}`);
  const lines = read.text.split(/\r?\n/).map((line) => line.trim());
  const names = lines.filter((line) => line !== '');
  const odd = names.find((name) => /\s/.test(name));
  if (odd !== undefined)
    throw new UsageError(
      `${OWNER}: split: expected one name a line in ${path} but received '${odd}'; give a list without classes, such as train`,
    );
  return [...new Set(names)];
}

/** The folder that is given for images; at a URL it lies below the data set. */
export function imagesFolder(folder: Folder, images: string | undefined): string | undefined {
  if (images === undefined || folder.root !== undefined) return images;
  const fault = nameFault(images);
  if (fault) throw new UsageError(`${OWNER}: images: ${fault.replace('of images', 'of the data set')}`);
  return posix.normalize(images).replace(/^\.?\/?$|\/$/, '');
}
