/** Sources of annotated images: COCO, Pascal VOC, YOLO, and tables of images. */
import type { Observable } from 'rxjs';
import type { Sample } from '../core/index.js';
import {
  cocoSchema,
  manifestSchema,
  openCoco,
  openManifest,
  openPascalVoc,
  openYolo,
  pascalVocSchema,
  yoloSchema,
} from '../io/index.js';
import { samples } from './source.js';
import { splitOptions, type With } from './sources.js';

/**
 * Samples from images with COCO annotations: boxes, keypoints, and segmentations as masks. The annotation file is read as
 * a stream and may have any size; about 70 bytes an annotation stay in memory.
 *
 * Boxes are [x, y, width, height] in pixels, as COCO has them. Box classes are the categories in the order of their ids,
 * which may have gaps. Images without annotations stay, without boxes. Image labels are those that this library's own
 * writer stored; else all images are of the one class 'unlabeled'.
 *
 * - **Masks** are drawn with `masks`, once, into the cache folder: polygons to the pixel as pycocotools draws them.
 *   `classes` holds class + 1, `instances` the number of the object in its image; small objects lie on large ones. What is
 *   known to be something but not what (crowds, boxes without an outline) is `ignore`.
 * - **Keypoints** have the names of their category and half a pixel more than in the file (`keypointOffset`), as COCO
 *   counts pixels. Visibility 0 is `visible: false`, 1 is `occluded: true`. Names that differ in left and right alone
 *   change places in a mirror.
 * - **Crowds** (`iscrowd`) are left out as boxes, unless `crowd` says otherwise.
 *
 * @param images the folder that `file_name` is below, or its URL
 * @param annotations the JSON file, or its URL
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and of the reader: `masks`, `crowd`,
 * `keypoints`, `keypointOffset`, `boxClasses`, `classes`, `checkSizes`, `targets`, `cache`, `download`, `name`
 * @throws UsageError for unknown options, in the call; the stream fails with UsageError if the file cannot be read and
 * with RxaugError if it is no COCO file or no image is usable. An image that cannot be used, or whose size is not that of
 * its annotations, is left out and listed in `origin.problems`; annotations that make no sense are counted there.
 *
 * @example
 * const samples$ = coco('coco/images', 'coco/annotations.json', { shuffle: true });
 * for await (const { id, targets } of pull(samples$)) console.log(id, targets?.boxes?.items.length);
 */
export function coco(
  images: string,
  annotations: string,
  options: With<typeof cocoSchema> = {},
): Observable<Sample> {
  const { source, reader } = splitOptions('coco', cocoSchema, options);
  return samples(() => openCoco(images, annotations, reader), source, 'coco');
}

/**
 * Samples from images with Pascal VOC annotations: a folder with `Annotations`, `JPEGImages` and perhaps `ImageSets`, or
 * XML files beside their images.
 *
 * VOC counts pixels from 1 and includes the last one, so the corners 1, 1, 10, 10 become the box [0, 0, 10, 10]; with
 * `oneBased: false` corners are taken as they are. Fields `difficult`, `truncated` and `occluded` travel with their boxes.
 * A document type in the XML is refused.
 *
 * @param dir the folder, or its URL; on a web server, which lists no folders, `split` is needed
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and of the reader: `split` (a list of
 * `ImageSets/Main`), `images`, `boxClasses`, `difficult`, `oneBased`, `masks` (of `SegmentationClass` and
 * `SegmentationObject`), `checkSizes`, `targets`, `download`, `name`
 * @throws UsageError for unknown options, in the call; the stream fails with UsageError if a folder or list cannot be read
 * and with RxaugError if no image is usable. What is left out is in `origin.problems`.
 *
 * @example
 * const samples$ = pascalVoc('voc', { difficult: 'drop' });
 * for await (const { id, targets } of pull(samples$)) console.log(id, targets?.boxes?.items.length);
 */
export function pascalVoc(dir: string, options: With<typeof pascalVocSchema> = {}): Observable<Sample> {
  const { source, reader } = splitOptions('pascalVoc', pascalVocSchema, options);
  return samples(() => openPascalVoc(dir, reader), source, 'pascalVoc');
}

/**
 * Samples from images with YOLO labels: `images/…/a.jpg` with `labels/…/a.txt`, a line for each object. A line is a class
 * and a box (center and size as shares of the image's sides), a class and a polygon, or, where `data.yaml` has
 * `kpt_shape`, a box and its keypoints. `data.yaml` names classes and splits; `classes.txt` may name classes too.
 *
 * @param path the folder of the data set, or its `data.yaml`, or the URL of either; on a web server, which lists no folders,
 * `split` must be a list of images
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and of the reader: `split`, `boxClasses`,
 * `masks` (polygons drawn as `coco` draws them), `keypoints`, `targets`, `cache`, `download`, `name`
 * @throws UsageError for unknown options, in the call; the stream fails with UsageError if `data.yaml` or the split cannot
 * be read and with RxaugError if no image is usable. What is left out is in `origin.problems`.
 *
 * @example
 * const samples$ = yolo('yolo', { split: 'train', epochs: 2 });
 * for await (const { id, targets } of pull(samples$)) console.log(id, targets?.boxes?.items.length);
 */
export function yolo(path: string, options: With<typeof yoloSchema> = {}): Observable<Sample> {
  const { source, reader } = splitOptions('yolo', yoloSchema, options);
  return samples(() => openYolo(path, reader), source, 'yolo');
}

/**
 * Samples from a table of images: CSV (RFC 4180), TSV or JSON lines, with a row for each image. Columns are a path, and as
 * they are there a label, a split, boxes, keypoints and masks. Paths are relative to the table and stay within its folder,
 * or within `root`.
 *
 * Labels are names, numbers or distributions over the classes; boxes are JSON, `[{ "box": [4, 5, 20, 30], "label": "cat"
 * }]`, in the format that `targets.boxes.format` or a column `boxFormat` names.
 *
 * @param path the file
 * @param options those of the source (`seed`, `epochs`, `shuffle`, `perClass`) and of the reader: `split`, `columns`,
 * `root`, `format`, `delimiter`, `classes`, `labels: false`, `boxClasses`, `targets`, `download`, `name`
 * @throws UsageError for unknown options, in the call; the stream fails with UsageError if the file cannot be read or
 * lacks a column, and with RxaugError if no row is usable. What is left out is in `origin.problems`, by line.
 *
 * @example
 * const samples$ = manifest('photos.csv', { split: 'train' });
 * for await (const { id, label } of pull(samples$)) console.log(id, label);
 */
export function manifest(path: string, options: With<typeof manifestSchema> = {}): Observable<Sample> {
  const { source, reader } = splitOptions('manifest', manifestSchema, options);
  return samples(() => openManifest(path, reader), source, 'manifest');
}
