/** Which columns of a Parquet file are what, as the options say; what they name must be there and of its kind. */
import { RxaugError, showNames } from '../../core/index.js';
import { type Field, isText, type Leaf, leavesOf, typeOf } from './schema.js';

export interface ColumnOptions {
  readonly image: string;
  readonly label: string | false;
  readonly masks: Readonly<Record<string, string>>;
  readonly boxes?: { readonly column: string; readonly box: string; readonly label: string };
  readonly keypoints?: string;
}

export interface Columns {
  /** Of the bytes. */
  readonly image: Leaf;
  readonly label?: Leaf;
  readonly masks: Readonly<Record<string, Leaf>>;
  readonly boxes?: {
    readonly box: Leaf;
    readonly label: Leaf;
    readonly instance?: Leaf;
    readonly visible?: Leaf;
  };
  readonly keypoints?: Readonly<Record<'x' | 'y', Leaf>> &
    Readonly<Partial<Record<'name' | 'instance' | 'visible', Leaf>>>;
  /** What is not read, with its type: `caption (text)`. */
  readonly passed: readonly string[];
}

/**
 * @param unneeded columns that go unread without being listed
 * @throws RxaugError for a column that is not there or of another kind, as a clause about the file
 */
export function columnsOf(
  fields: readonly Field[],
  options: ColumnOptions,
  unneeded: readonly string[],
): Columns {
  const named = (name: string, option: string): Field => {
    const found = fields.filter((field) => field.name === name);
    const all = fields.map((field) => `${field.name} (${typeOf(field)})`);
    if (found.length === 1) return found[0] as Field;
    const what = found.length > 1 ? 'has several columns' : 'has no column';
    throw new RxaugError(`it ${what} '${name}'; its columns are ${showNames(all, 20)}; give ${option}`);
  };
  const bytesOf = (name: string, option: string): Leaf => {
    const field = named(name, option);
    const leaf = field.leaf ?? field.fields.find(({ name }) => name === 'bytes')?.leaf;
    const kind = `'${name}' is ${typeOf(field)}`;
    if (leaf && isText(leaf.element)) {
      throw new RxaugError(`its column ${kind}, and paths in it are not followed; embed the images as bytes`);
    }
    if (leaf?.element.type !== 'BYTE_ARRAY' || leaf.lists.length > 0)
      throw new RxaugError(`its column ${kind}, which holds no images; give ${option}`);
    return leaf;
  };
  const used = new Set<string>();
  const take = <T>(name: string, found: T): T => {
    used.add(name);
    return found;
  };
  const masks = Object.entries(options.masks).map(([mask, column]) => [
    mask,
    take(column, bytesOf(column, `the column of the mask '${mask}'`)),
  ]);
  const { boxes, keypoints, label } = options;
  const columns = {
    image: take(options.image, bytesOf(options.image, 'image')),
    ...(label !== false && { label: take(label, labelLeaf(named(label, 'label, or label: false'))) }),
    masks: Object.fromEntries(masks) as Record<string, Leaf>,
    ...(boxes && { boxes: take(boxes.column, boxLeaves(named(boxes.column, 'boxes.column'), boxes)) }),
    ...(keypoints && { keypoints: take(keypoints, keypointLeaves(named(keypoints, 'keypoints'))) }),
  };
  const rest = fields
    .filter(({ name }) => !used.has(name) && !unneeded.includes(name))
    .map((field) => `${field.name} (${typeOf(field)})`);
  const fieldsOfObjects = boxes
    ? innerOf(named(boxes.column, ''))
        .filter(([, leaf]) => !Object.values(columns.boxes ?? {}).includes(leaf))
        .map(([name]) => `${boxes.column}.${name}`)
    : [];
  return { ...columns, passed: [...rest, ...fieldsOfObjects] };
}

function labelLeaf(field: Field): Leaf {
  const [leaf, ...others] = leavesOf(field);
  const { type } = leaf?.element ?? {};
  if (
    leaf &&
    others.length === 0 &&
    leaf.lists.length < 2 &&
    type !== 'INT96' &&
    type !== 'FIXED_LEN_BYTE_ARRAY'
  ) {
    if (type !== 'BYTE_ARRAY' || isText(leaf.element)) return leaf;
  }
  throw new RxaugError(
    `its column '${field.name}' is ${typeOf(field)}, which holds no labels; give label, or label: false`,
  );
}

/** The fields of a column of objects by name, wherever its lists stand: around the objects, or in each field. */
function innerOf(field: Field): [string, Leaf][] {
  let at = field;
  while (at.fields.length === 1 && at.fields[0]) at = at.fields[0];
  return at.fields.flatMap((one) => {
    const leaves = leavesOf(one);
    return leaves.length === 1 ? [[one.name, leaves[0] as Leaf] as [string, Leaf]] : [];
  });
}

/** A field of objects that must be there. */
function needed(field: Field, name: string, lists: 1 | 2): Leaf {
  const all = innerOf(field);
  const leaf = all.find(([own]) => own === name)?.[1];
  if (leaf?.lists.length === lists && (lists === 1 || leaf.element.type !== 'BYTE_ARRAY')) return leaf;
  const want = lists === 2 ? 'a list of four numbers for each object' : 'one value for each object';
  const names = all.map(([own]) => own);
  throw new RxaugError(
    `its column '${field.name}' should have ${want} in '${name}'; it has ${showNames(names, 20) || typeOf(field)}; give the names of its fields`,
  );
}

/** One that means something only if it is of these types: others of its name are other people's. */
function known(field: Field, name: string, ...types: string[]): Leaf | undefined {
  const leaf = innerOf(field).find(([own]) => own === name)?.[1];
  const type = leaf && (isText(leaf.element) ? 'text' : leaf.element.type);
  return leaf?.lists.length === 1 && types.includes(type ?? '') ? leaf : undefined;
}

const INTEGERS = ['INT32', 'INT64'];

function boxLeaves(field: Field, { box, label }: { readonly box: string; readonly label: string }) {
  const instance = known(field, 'instance', ...INTEGERS);
  const visible = known(field, 'visible', 'FLOAT', 'DOUBLE');
  return {
    box: needed(field, box, 2),
    label: needed(field, label, 1),
    ...(instance && { instance }),
    ...(visible && { visible }),
  };
}

function keypointLeaves(field: Field) {
  const [name, instance, visible] = [
    known(field, 'name', 'text'),
    known(field, 'instance', ...INTEGERS),
    known(field, 'visible', 'BOOLEAN'),
  ];
  return {
    x: needed(field, 'x', 1),
    y: needed(field, 'y', 1),
    ...(name && { name }),
    ...(instance && { instance }),
    ...(visible && { visible }),
  };
}
