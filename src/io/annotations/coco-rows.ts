/** The lists of a COCO file, element by element, as columns. Lists may come in any order. */
import { show } from '../../core/index.js';
import { counts, floats, TextColumn } from './columns.js';
import { Ids } from './ids.js';
import type { Element } from './json-scan.js';
import { CROWD, DROPPED, type Four, ObjectTable } from './object-table.js';
import { nameFault } from './safe-name.js';
import type { Tally } from './tally.js';

type Fields = Readonly<Record<string, unknown>>;

export interface CocoCategory {
  readonly id: number | string;
  readonly name: string;
  readonly keypoints?: readonly string[];
}

export interface CocoRowsOptions {
  readonly crowd: 'ignore' | 'drop' | 'keep';
  readonly keypoints: boolean;
  /** Added to keypoints: COCO's are numbers of pixels. */
  readonly keypointOffset: number;
}

/** No row. */
const NONE = 0xffffffff;
/** A side of more pixels is no image's. */
const LONGEST = 1e6;

/** What readers need of an annotation, and what can be made from it; other fields are counted. */
const KNOWN = new Set(
  'id image_id category_id bbox area iscrowd segmentation keypoints num_keypoints ignore instance'.split(' '),
);

export class CocoRows {
  readonly table = new ObjectTable();
  /** By object: where its annotation is in the file; 0 bytes where it has no segmentation. */
  readonly offsets = floats();
  readonly sizes = counts();
  readonly categories: CocoCategory[] = [];
  /** Names of image classes, which the writer of this library stores. */
  readonly classes: unknown[] = [];
  /** By image: its label as JSON, empty where there is none. */
  readonly labels = new TextColumn();
  /** By image: its mask files by name as JSON, empty where there are none. */
  readonly masks = new TextColumn();
  readonly maskNames = new Set<string>();
  hasLabels = false;
  hasSegmentations = 0;
  hasPoints = false;
  annotations = 0;

  private readonly imageIds = new Ids();
  private readonly categoryIds = new Ids();
  /** Of the slots of image ids. */
  private readonly rows = counts();
  /** By object: the slots of its image and of its category. */
  private readonly imageSlot = counts();
  private readonly paths = new Set<string>();

  constructor(
    private readonly file: string,
    private readonly options: CocoRowsOptions,
    private readonly tally: Tally,
  ) {}

  readonly lists: Readonly<Record<string, (element: Element) => void>> = {
    images: (element) => this.addImage(element),
    annotations: (element) => this.addAnnotation(element),
    categories: (element) => this.addCategory(element),
    classes: ({ value }) => this.classes.push(value),
  };

  private addImage({ value, offset }: Element) {
    const where = `${this.file}: byte ${offset}`;
    if (!isFields(value)) return this.tally.left(where, `an image is ${what(value)}; correct it`);
    const { id, file_name, width = 0, height = 0, label, masks } = value;
    const fault = nameFault(file_name);
    if (fault) return this.tally.left(where, `image ${show(id)}: ${fault}`);
    const path = file_name as string;
    const slot = this.imageIds.slot(id);
    if (slot === undefined)
      return this.tally.left(path, `its id is ${show(id)}; give a whole number or a text`);
    if (!isSide(width) || !isSide(height))
      return this.tally.left(
        path,
        `its size is ${show(width)}×${show(height)}; give whole numbers of pixels`,
      );
    while (this.rows.length <= slot) this.rows.push(NONE);
    if (this.rows.at(slot) !== NONE)
      return this.tally.left(
        path,
        `its id ${show(id)} is that of ${show(this.table.paths.at(this.rows.at(slot)))} too; give ids once`,
      );
    if (this.paths.has(path))
      return this.tally.left(
        path,
        `it is listed twice; its annotations of id ${show(id)} are left out with it: join them`,
      );
    this.paths.add(path);
    this.rows.set(slot, this.table.addImage(path, width, height));
    if (label !== undefined) this.hasLabels = true;
    this.labels.push(label === undefined ? '' : JSON.stringify(label));
    this.masks.push(this.maskFiles(masks, path));
  }

  /** Mask files of an image as the writer of this library names them. */
  private maskFiles(masks: unknown, path: string): string {
    if (masks === undefined) return '';
    const all = isFields(masks) ? Object.entries(masks) : undefined;
    const fits = (mask: unknown) =>
      isFields(mask) && nameFault(mask.file) === undefined && (mask.bits === 8 || mask.bits === 16);
    if (!all?.every(([, mask]) => fits(mask))) {
      this.tally.note('images have masks that are no files by name, which are left out; correct them', path);
      return '';
    }
    for (const [name] of all) this.maskNames.add(name);
    return JSON.stringify(masks);
  }

  private addCategory({ value, offset }: Element) {
    const where = `${this.file}: byte ${offset}`;
    const { id, name, keypoints } = isFields(value) ? value : ({} as Fields);
    const slot = this.categoryIds.slot(id);
    if (slot === undefined || typeof name !== 'string' || name === '')
      return this.tally.note('categories have no id or no name and are left out; correct them', where);
    const points =
      Array.isArray(keypoints) && keypoints.length > 0 && keypoints.every((one) => typeof one === 'string')
        ? (keypoints as string[])
        : undefined;
    if (keypoints !== undefined && !points && !(Array.isArray(keypoints) && keypoints.length === 0))
      this.tally.note(
        'categories have keypoints that are no list of names, which are left out; correct them',
        where,
      );
    this.categories.push({ id: id as number | string, name, ...(points && { keypoints: points }) });
  }

  private addAnnotation({ value, offset, length }: Element) {
    const where = () => `${this.file}: byte ${offset}`;
    const { tally } = this;
    this.annotations++;
    if (!isFields(value))
      return tally.note(
        'annotations are no JSON objects (NaN is no JSON) and are left out; correct them',
        where(),
      );
    const { image_id, category_id, bbox, iscrowd = 0, segmentation, keypoints } = value;
    const image = this.imageIds.slot(image_id);
    if (image === undefined)
      return tally.note('annotations have no image_id and are left out; correct them', where());
    const category = this.categoryIds.slot(category_id);
    if (category === undefined)
      return tally.note('annotations have no category_id and are left out; correct them', where());
    for (const key in value)
      if (!KNOWN.has(key)) tally.note(`annotations have the field ${show(key)}, which is not read`, where());
    const crowd = iscrowd === 1 || iscrowd === true;
    if (!crowd && iscrowd !== 0 && iscrowd !== false)
      return tally.note(
        'annotations have an iscrowd other than 0 and 1 and are left out; correct them',
        where(),
      );
    if (crowd && this.options.crowd === 'drop')
      return tally.note("crowds are left out, as crowd: 'drop' says", where());
    if (crowd && this.options.crowd === 'ignore')
      tally.note("crowds have no box, and are the ignore of masks, as crowd: 'ignore' says", where());
    const box = boxOf(bbox);
    if (bbox !== undefined && !box)
      tally.note('boxes are no four numbers and are left out; correct them', where());
    else if (bbox === undefined)
      tally.note('annotations have no bbox; they count for masks and keypoints alone', where());
    if (keypoints !== undefined) this.addPoints(keypoints, where);
    const flags = (crowd ? CROWD : 0) | (crowd && this.options.crowd === 'ignore' ? DROPPED : 0);
    const number = instanceOf(value.instance);
    this.table.addObject(image, category, box, flags | (bbox !== undefined && !box ? DROPPED : 0), number);
    const shaped = isShaped(segmentation);
    if (shaped) this.hasSegmentations++;
    this.offsets.push(offset);
    this.sizes.push(shaped ? length : 0);
    this.imageSlot.push(image);
  }

  private addPoints(keypoints: unknown, where: () => string) {
    if (Array.isArray(keypoints) && keypoints.length === 0) return;
    if (!this.options.keypoints) return;
    const { keypointOffset, table } = { ...this.options, table: this.table };
    const numbers = keypoints as number[];
    const fault =
      !Array.isArray(keypoints) ||
      keypoints.length % 3 !== 0 ||
      !numbers.every((n, i) =>
        i % 3 === 2 ? n === 0 || n === 1 || n === 2 : Number.isFinite(n) && Math.abs(n) < 1e9,
      );
    if (fault)
      return this.tally.note(
        'keypoints are no list of x, y and visibility 0 to 2 and are left out; correct them',
        where(),
      );
    let some = false;
    for (let i = 2; i < numbers.length; i += 3) some ||= numbers[i] !== 0;
    if (!some) return; // an object whose keypoints nobody marked
    this.hasPoints = true;
    for (let i = 0; i < numbers.length; i += 3) {
      const seen = numbers[i + 2] as number;
      const shift = seen === 0 ? 0 : keypointOffset;
      table.addPoint((numbers[i] as number) + shift, (numbers[i + 1] as number) + shift, seen);
    }
  }

  /**
   * Puts images and classes in the place of slots. `numbers` gives the box class of each category; objects of no image
   * or of no category are left out.
   */
  settle(numberOf: ReadonlyMap<number | string, number>): void {
    const { table, tally } = this;
    const classes = this.categoryIds.all().map((id) => numberOf.get(id));
    for (let k = 0; k < table.objects; k++) {
      const slot = this.imageSlot.at(k);
      const row = slot < this.rows.length ? this.rows.at(slot) : NONE;
      const number = classes[table.label.at(k)];
      if (row === NONE) {
        // Of no image: behind all of them, where nothing looks.
        table.image.set(k, NONE);
        table.setFlag(k, DROPPED);
        tally.note(
          'annotations are of no image, or of one that is left out',
          `${this.file}: byte ${this.offsets.at(k)}`,
        );
        continue;
      }
      table.image.set(k, row);
      if (number === undefined) {
        table.setFlag(k, DROPPED);
        table.label.set(k, 0);
        tally.note(
          'annotations are of no category of the file and are left out; add it',
          table.paths.at(row),
        );
      } else table.label.set(k, number);
    }
  }
}

function boxOf(bbox: unknown): Four | undefined {
  if (!Array.isArray(bbox) || bbox.length !== 4) return undefined;
  return bbox.every((n) => typeof n === 'number') ? (bbox as unknown as Four) : undefined;
}

/** The number that this library's writer gives an object in the masks beside; -1 where there is none. */
const instanceOf = (value: unknown): number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 65_535 ? (value as number) : -1;

/** A segmentation that says something: polygons, or runs. */
function isShaped(segmentation: unknown): boolean {
  if (Array.isArray(segmentation)) return segmentation.length > 0;
  return isFields(segmentation);
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSide = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LONGEST;

const what = (value: unknown) => (value === undefined ? 'no JSON' : show(value));
