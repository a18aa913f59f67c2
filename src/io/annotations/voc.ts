import { readdir } from 'node:fs/promises';
import { basename, extname, join, relative, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { type Mask, parseOptions, UsageError } from '../../core/index.js';
import { classesOption, givenClasses } from '../classes.js';
import { IMAGE_ENDINGS } from '../decode/sniff.js';
import { unreadable } from '../files.js';
import { naturalOrder, type OpenedDataset } from '../problems.js';
import { refuseUrl } from '../remote/shown-place.js';
import { targetOptions } from '../target-options.js';
import { ClassNames } from './class-names.js';
import { type MaskSource, objectDataset } from './object-dataset.js';
import { DIFFICULT, ObjectTable } from './object-table.js';
import { nameFault } from './safe-name.js';
import { settleBoxes, settleSizes } from './settle.js';
import { readSmall } from './small-file.js';
import { Tally } from './tally.js';
import { vocObject } from './voc-object.js';
import { childOf, parseXml, textOf, type Xml, XmlFault } from './xml.js';

const OWNER = 'pascalVoc';

export const pascalVocSchema = z.strictObject({
  name: z.string().optional(),
  /** The images of `ImageSets/Main/NAME.txt` alone. */
  split: z.string().min(1).optional(),
  /** The folder of images, below the data set. Default: `JPEGImages`, or where the annotations are. */
  images: z.string().min(1).optional(),
  /** Names of all box classes, or the path of a file with one a line. Default: the names met, in natural order. */
  boxClasses: classesOption,
  /** Objects marked as difficult: kept, with `difficult: true` on their boxes, or dropped. */
  difficult: z.enum(['keep', 'drop']).default('keep'),
  /**
   * Corners count pixels from 1 and include the last one, as in VOC: [1, 1, 10, 10] are the first ten pixels. False for
   * tools that write edges from 0: [0, 0, 10, 10].
   */
  oneBased: z.boolean().default(true),
  /** Masks of `SegmentationClass` (as 'classes') and `SegmentationObject` (as 'instances'), where an image has them. */
  masks: z.boolean().default(false),
  /** False: image files are not looked at until they are rendered, so one of another size goes unnoticed. */
  checkSizes: z.boolean().default(true),
  /** Settings of boxes and masks. */
  targets: targetOptions.optional(),
});

/**
 * Options of `pascalVoc` and `openPascalVoc`: `split`, `images`, `boxClasses`, `difficult`, `oneBased`, `masks`,
 * `checkSizes`, `targets`, `name`.
 */
export type PascalVocOptions = z.input<typeof pascalVocSchema>;

/**
 * Images with Pascal VOC annotations, one XML file each, as a data set with random access; the layout is that of
 * `pascalVoc`.
 *
 * @param dir a folder with `Annotations` and `JPEGImages`, or with XML files beside their images
 * @throws UsageError if a folder or list cannot be read; RxaugError if no image is usable. What is left out is in
 * `problems`: images by name, objects counted by their fault.
 *
 * @example
 * const data = await openPascalVoc('voc');
 * [data.length, data.boxClasses] // → [2, ['cat', 'dog']]
 */
export async function openPascalVoc(dir: string, options: PascalVocOptions = {}): Promise<OpenedDataset> {
  const o = parseOptions(OWNER, pascalVocSchema, options);
  const given = givenClasses(OWNER, o.boxClasses);
  refuseUrl(OWNER, dir);
  const root = resolve(dir);
  const top = await listed(root);
  const annotations = top.includes('Annotations') ? join(root, 'Annotations') : root;
  const images = o.images
    ? resolve(root, o.images)
    : top.includes('JPEGImages')
      ? join(root, 'JPEGImages')
      : annotations;
  const tally = new Tally();
  const files = (await listed(annotations)).filter((name) => extname(name).toLowerCase() === '.xml');
  const found = imagesOf(await listed(images));
  const wanted = o.split === undefined ? undefined : splitOf(root, o.split);
  const table = new ObjectTable();
  const classes = new ClassNames();
  const used = new Set<string>();
  const stems = wanted ?? files.map((file) => basename(file, extname(file)));
  const byStem = new Map(files.map((file) => [basename(file, extname(file)), file]));
  for (const [i, name] of stems.entries()) {
    if (i % 64 === 63) await setImmediate(); // lets Ctrl-C and timers through
    const file = byStem.get(name);
    if (file === undefined)
      tally.left(name, `it is in the list ${o.split}, but there is no ${name}.xml; restore it`);
    else readAnnotation(join(annotations, file), name);
  }
  if (!wanted) {
    const bare = [...found.values()].flat().filter((name) => !used.has(name));
    if (bare.length > 0)
      tally.note('images have no annotation and are not read', bare[0] as string, bare.length);
  }
  const boxClasses = classes.settle(OWNER, `'${dir}'`, given, table);
  if (o.checkSizes) await settleSizes(table, (image) => join(images, image), tally);
  settleBoxes(table, 'voc', tally);
  const masks = o.masks ? await maskFiles(root, table, tally) : undefined;
  const name = o.name ?? (basename(root) || root);
  const problems = tally.problems(name);
  return objectDataset({
    owner: OWNER,
    name,
    fileOf: (image) => join(images, image),
    table,
    format: 'voc',
    boxClasses,
    masks,
    problems,
    targets: o.targets,
  });

  function readAnnotation(path: string, stem: string): void {
    const where = relative(root, path);
    const read = readSmall(path);
    if ('fault' in read) {
      tally.left(where, read.fault);
      return;
    }
    let xml: Xml;
    try {
      xml = parseXml(read.text);
    } catch (error) {
      if (!(error instanceof XmlFault)) throw error;
      tally.left(where, `it is no XML that is read here: ${error.message}; correct it`);
      return;
    }
    if (xml.name !== 'annotation') {
      tally.left(where, `expected <annotation> but received <${xml.name}>; give Pascal VOC files`);
      return;
    }
    const image = imageOf(xml, stem);
    if (typeof image === 'object') {
      tally.left(where, image.fault);
      return;
    }
    if (used.has(image)) {
      tally.left(where, `its image ${image} has another annotation; remove one`);
      return;
    }
    used.add(image);
    const size = childOf(xml, 'size');
    const [width, height] = [Number(textOf(size, 'width') ?? 0), Number(textOf(size, 'height') ?? 0)];
    if (![width, height].every((side) => Number.isInteger(side) && side >= 0 && side <= 1e6)) {
      tally.left(where, 'its size is no whole numbers of pixels; correct it');
      return;
    }
    const number = table.addImage(image, width, height);
    for (const child of xml.children) if (child.name === 'object') addObject(number, child, where);
  }

  function addObject(image: number, child: Xml, where: string): void {
    const object = vocObject(child, o.oneBased);
    if (typeof object === 'string') {
      tally.note(object, where);
      return;
    }
    if (object.parts > 0) tally.note('parts of objects are not read', where, object.parts);
    if (object.flags & DIFFICULT && o.difficult === 'drop') {
      tally.note("difficult objects are left out, as difficult: 'drop' says", where);
      return;
    }
    if (object.fromZero) {
      const fix = 'give oneBased: false if the tool counts from 0';
      tally.note(`boxes begin at pixel 0, but VOC counts pixels from 1; ${fix}`, where);
    }
    table.addObject(image, classes.numberOf(object.name), object.box, object.flags);
  }

  /** The image of the same name; where there is none, or several, the one that the file names. */
  function imageOf(xml: Xml, stem: string): string | { readonly fault: string } {
    const same = found.get(stem) ?? [];
    if (same.length === 1) return same[0] as string;
    const name = textOf(xml, 'filename');
    if (same.length > 1) {
      if (name !== undefined && same.includes(name)) return name;
      return { fault: `it has several images, ${same.join(' and ')}; remove all but one` };
    }
    const fault = nameFault(name);
    if (fault) return { fault: `there is no image ${stem} for it, and ${fault}` };
    if (found.get(basename(name as string, extname(name as string)))?.includes(name as string))
      return name as string;
    return { fault: `there is no image ${stem} or ${name} for it in ${images}; restore it` };
  }
}

async function listed(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.')).sort(naturalOrder);
  } catch (error) {
    throw new UsageError(`${OWNER}: ${unreadable(error, folder).replace('no file', 'no folder')}`, {
      cause: error,
    });
  }
}

/** Image files by their name without its ending. */
function imagesOf(names: readonly string[]): Map<string, string[]> {
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
function splitOf(root: string, split: string): string[] {
  const fault = nameFault(split);
  if (fault) throw new UsageError(`${OWNER}: split: ${fault}`);
  const path = join(root, 'ImageSets', 'Main', `${split}.txt`);
  const read = readSmall(path);
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

/** Masks by the names of their images. */
async function maskFiles(root: string, table: ObjectTable, tally: Tally): Promise<MaskSource> {
  const folders = { classes: 'SegmentationClass', instances: 'SegmentationObject' } as const;
  const names = Object.keys(folders) as (keyof typeof folders)[];
  const there = new Map<string, Set<string>>();
  for (const name of names) there.set(name, new Set(await listed(join(root, folders[name]))));
  const fileOf = (image: number) => {
    const path = table.paths.at(image);
    return `${path.slice(0, path.length - extname(path).length)}.png`;
  };
  for (const name of names)
    for (let i = 0; i < table.images; i++)
      if (!table.out.at(i) && !there.get(name)?.has(fileOf(i)))
        tally.note(`images have no mask '${name}', whose rows hold its ignore`, table.paths.at(i));
  return {
    names,
    masksOf(image) {
      const file = fileOf(image);
      const own = names.flatMap((name): [string, Mask][] => {
        if (!there.get(name)?.has(file)) return [];
        const path = join(root, folders[name], file);
        return [[name, { image: { kind: 'file', path }, ...(name === 'instances' && { instances: true }) }]];
      });
      return own.length > 0 ? Object.fromEntries(own) : undefined;
    },
  };
}
