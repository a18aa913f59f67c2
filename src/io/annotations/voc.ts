import { basename, extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { parseOptions, UsageError } from '../../core/index.js';
import { classesOption, givenClasses } from '../classes.js';
import type { OpenedDataset } from '../problems.js';
import { downloadOptions } from '../remote/localize.js';
import { openFolder } from '../remote/open-folder.js';
import { shownPlace } from '../remote/shown-place.js';
import { targetOptions } from '../target-options.js';
import { ClassNames } from './class-names.js';
import { objectDataset } from './object-dataset.js';
import { DIFFICULT, ObjectTable } from './object-table.js';
import { nameFault } from './safe-name.js';
import { settleBoxes, settleSizes } from './settle.js';
import { readSmall } from './small-file.js';
import { Tally } from './tally.js';
import { annotationFiles, below, imagesFolder, imagesOf, namedImages, splitOf } from './voc-files.js';
import { maskFiles } from './voc-masks.js';
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
  /** How URLs are fetched. */
  download: downloadOptions.optional(),
});

/**
 * Options of `pascalVoc` and `openPascalVoc`: `split`, `images`, `boxClasses`, `difficult`, `oneBased`, `masks`,
 * `checkSizes`, `targets`, `download`, `name`.
 */
export type PascalVocOptions = z.input<typeof pascalVocSchema>;

/**
 * Images with Pascal VOC annotations, one XML file each, as a data set with random access; the layout is that of
 * `pascalVoc`.
 *
 * @param dir a folder with `Annotations` and `JPEGImages`, or with XML files beside their images; or its URL: the files are
 * fetched to the cache folder when it is opened. On a web server, which lists no folders, `split` is needed, and the
 * folders have these names.
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
  const folder = await openFolder(OWNER, dir, o.download);
  if (!folder.lists && o.split === undefined)
    throw new UsageError(
      `${OWNER}: ${folder.shown()}: web servers list no folders; give a split that is a list of ImageSets/Main (split: 'train'), or take s3:// or a folder on this machine`,
    );
  const top = folder.lists ? await folder.list('') : ['Annotations', 'JPEGImages'];
  const annotations = top.includes('Annotations') ? 'Annotations' : '';
  const images = imagesFolder(folder, o.images) ?? (top.includes('JPEGImages') ? 'JPEGImages' : annotations);
  const tally = new Tally();
  const wanted = o.split === undefined ? undefined : await splitOf(folder, o.split);
  const files = await annotationFiles(folder, annotations, wanted);
  const xmlOf = (file: string) => below(annotations, file);
  await folder.fetch(files.map(xmlOf));
  const found = imagesOf(
    folder.lists ? await folder.list(images) : await namedImages(folder, images, files.map(xmlOf)),
  );
  const table = new ObjectTable();
  const classes = new ClassNames();
  const used = new Set<string>();
  const stems = wanted ?? files.map((file) => basename(file, extname(file)));
  const byStem = new Map(files.map((file) => [basename(file, extname(file)), file]));
  for (const [i, name] of stems.entries()) {
    if (i % 64 === 63) await setImmediate(); // lets Ctrl-C and timers through
    const file = byStem.get(name);
    if (file === undefined || folder.lacks(xmlOf(file)))
      tally.left(name, `it is in the list ${o.split}, but there is no ${name}.xml; restore it`);
    else readAnnotation(xmlOf(file), name);
  }
  if (!wanted) {
    const bare = [...found.values()].flat().filter((name) => !used.has(name));
    if (bare.length > 0)
      tally.note('images have no annotation and are not read', bare[0] as string, bare.length);
  }
  const boxClasses = classes.settle(OWNER, `'${shownPlace(dir)}'`, given, table);
  const fileOf = (image: string) => folder.path(below(images, image));
  await folder.fetch([...used].map((image) => below(images, image)));
  if (o.checkSizes)
    await settleSizes(table, fileOf, tally, (image) => folder.faultOf(below(images, image)) !== undefined);
  settleBoxes(table, 'voc', tally);
  const masks = o.masks ? await maskFiles(folder, table, tally) : undefined;
  const name = o.name ?? (basename(folder.shown()) || folder.shown());
  const problems = [...tally.problems(name), ...folder.problems(name)];
  return objectDataset({
    owner: OWNER,
    name,
    fileOf,
    versionOf: (file) => folder.versionOf(file),
    table,
    format: 'voc',
    boxClasses,
    masks,
    problems,
    targets: o.targets,
  });

  function readAnnotation(where: string, stem: string): void {
    const fault = folder.faultOf(where);
    const read = fault === undefined ? readSmall(folder.path(where)) : { fault };
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
    return { fault: `there is no image ${stem} or ${name} for it in ${folder.shown(images)}; restore it` };
  }
}
