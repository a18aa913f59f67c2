/** The rows of a manifest that count, in columns: paths and cells as text, labels as numbers. */
import { isAbsolute, posix, relative, resolve, sep } from 'node:path';
import { type BoxFormat, RxaugError, show, UsageError } from '../../core/index.js';
import type { RawLabel } from '../archive/shard-index.js';
import { isRemote, shownPlace } from '../remote/shown-place.js';
import { boxFormat } from '../target-options.js';
import { Column, TextColumn } from './columns.js';
import type { ManifestRow, RowSink } from './manifest-rows.js';
import { boxesIn, jsonOf, pointsIn } from './manifest-targets.js';
import type { Tally } from './tally.js';

const OWNER = 'manifest';

/** Columns that are looked for, where none is named. */
const USUAL = {
  image: ['image', 'path', 'file', 'file_name', 'filename'],
  label: ['label', 'class'],
  split: ['split'],
  boxes: ['boxes'],
  boxFormat: ['boxFormat', 'box_format'],
  keypoints: ['keypoints'],
  mask: ['mask'],
} as const;
type Role = keyof typeof USUAL;

export interface ManifestColumns extends Readonly<Partial<Record<Role, string>>> {
  readonly masks?: Readonly<Record<string, string>>;
}

export interface TableOptions {
  readonly file: string;
  /** A folder, or the URL of one. */
  readonly root: string;
  readonly columns: ManifestColumns;
  readonly labels: boolean;
  readonly splits: ReadonlySet<string> | undefined;
  readonly boxFormat: BoxFormat | undefined;
}

const FORMATS: readonly unknown[] = boxFormat.options;

export class ManifestTable implements RowSink {
  readonly ids = new TextColumn();
  readonly paths = new TextColumn();
  /** JSON, or empty for none. */
  readonly boxes = new TextColumn();
  readonly points = new TextColumn();
  readonly masks = new TextColumn();
  readonly maskNames = new Set<string>();
  /** A number ≥ 0, or the place of a name as −1 − place; `OTHER` for a distribution. */
  private readonly codes = new Column(new Int32Array(64));
  private readonly names = new Map<string, number>();
  private readonly named: string[] = [];
  private readonly soft = new Map<number, readonly number[]>();
  readonly boxNames = new Set<string>();
  largestBox = -1;
  hasBoxes = false;
  hasPoints = false;
  readonly splitsMet = new Set<string>();
  private readonly met = new Set<string>();
  private known: readonly string[] | undefined;

  constructor(
    private readonly options: TableOptions,
    private readonly tally: Tally,
  ) {}

  get length(): number {
    return this.ids.length;
  }

  header(columns: readonly string[]): void {
    this.known = columns;
    const { columns: given, labels, file } = this.options;
    const asked = [...Object.values({ ...given, masks: undefined }), ...Object.values(given.masks ?? {})];
    const missing = asked.find((name) => typeof name === 'string' && !columns.includes(name));
    if (missing !== undefined)
      throw new UsageError(`${OWNER}: ${file} has no column ${show(missing)}; it has ${list(columns)}`);
    if (this.columnOf('image', columns) === undefined)
      throw new UsageError(
        `${OWNER}: ${file} has none of the columns ${USUAL.image.join(', ')} but ${list(columns)}; give columns: { image }`,
      );
    if (
      labels &&
      this.columnOf('label', columns) === undefined &&
      this.columnOf('boxes', columns) === undefined
    )
      throw new UsageError(
        `${OWNER}: ${file} has no column ${USUAL.label.join(' or ')} but ${list(columns)}; give columns: { label }, or labels: false`,
      );
  }

  bad(line: number, reason: string): void {
    this.tally.left(`line ${line}`, reason);
  }

  row({ values, line }: ManifestRow) {
    const cell = (role: Role) => {
      const column = this.columnOf(role, this.known ?? Object.keys(values));
      const value = column === undefined ? undefined : values[column];
      return value === '' || value === null ? undefined : value;
    };
    if (!this.inSplit(cell('split'))) return;
    const image = this.pathOf(cell('image'));
    if (typeof image === 'object') return this.bad(line, `its image ${image.fault}`);
    const label = this.options.labels ? rawLabel(cell('label'), this.known !== undefined) : 0;
    const unlabeled = label === undefined && (cell('boxes') !== undefined || this.unlabeledTable());
    if (label === undefined && !unlabeled)
      return this.bad(line, `${shownPlace(image)}: it has no label; give one`);
    if (label === null)
      return this.bad(
        line,
        `${shownPlace(image)}: its label is ${show(cell('label'))}; give a number or a name`,
      );
    const note = (fault: string) => this.tally.note(fault, `line ${line}`);
    const boxes = this.boxesOf(cell('boxes'), cell('boxFormat'), note);
    if (typeof boxes === 'object') return this.bad(line, `${shownPlace(image)}: ${boxes.fault}`);
    const points = cell('keypoints') === undefined ? '' : pointsIn(cell('keypoints'), note);
    if (typeof points === 'string' && points !== '') return this.bad(line, `${shownPlace(image)}: ${points}`);
    const masks = this.masksOf(cell('mask'), values);
    if (typeof masks === 'object') return this.bad(line, `${shownPlace(image)}: its mask ${masks.fault}`);
    this.noteUnread(values, line);
    if (points !== '') this.hasPoints = true;
    if (boxes !== '') this.hasBoxes = true;
    const shown = shownPlace(image);
    const id = this.met.has(shown) ? `${shown}#${line}` : shown;
    this.met.add(shown);
    this.ids.push(id);
    this.paths.push(image);
    this.boxes.push(boxes);
    this.points.push(points === '' ? '' : JSON.stringify(points));
    this.masks.push(masks);
    this.addLabel(label ?? UNLABELED);
  }

  /** The label of an item: undefined where it has none, as data of boxes alone have. */
  label(i: number): RawLabel | undefined {
    const code = this.codes.at(i);
    if (code >= 0) return code;
    if (code === NONE) return undefined;
    return this.soft.get(i) ?? (this.named[-1 - code] as string);
  }

  private addLabel(label: RawLabel | typeof UNLABELED): void {
    if (label === UNLABELED) this.codes.push(NONE);
    else if (typeof label === 'number') this.codes.push(label);
    else if (typeof label === 'string') {
      const known = this.names.get(label);
      if (known === undefined) {
        this.names.set(label, this.named.length);
        this.named.push(label);
      }
      this.codes.push(-1 - (known ?? this.named.length - 1));
    } else {
      this.soft.set(this.length - 1, label as readonly number[]);
      this.codes.push(-1);
    }
  }

  /** A table without a column of labels: its rows have boxes, or none of them. */
  private unlabeledTable(): boolean {
    return this.known !== undefined && this.columnOf('label', this.known) === undefined;
  }

  private columnOf(role: Role, columns: readonly string[]): string | undefined {
    return this.options.columns[role] ?? USUAL[role].find((name) => columns.includes(name));
  }

  private inSplit(split: unknown): boolean {
    const { splits } = this.options;
    if (!splits) return true;
    if (this.splitsMet.size < 50 && split !== undefined) this.splitsMet.add(String(split));
    return splits.has(String(split));
  }

  /** A path below the root. */
  private pathOf(given: unknown): string | { readonly fault: string } {
    if (given === undefined) return { fault: 'is missing; give its path' };
    if (typeof given !== 'string') return { fault: `is ${show(given)}; give its path` };
    if (given.includes('\0')) return { fault: 'has a zero byte in its path; correct it' };
    if (isRemote(given)) return given;
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(given))
      return { fault: `is at ${show(given)}; give a path, or a URL of http, https or s3` };
    const { root } = this.options;
    if (isRemote(root)) return belowUrl(given, root);
    const path = relative(root, resolve(root, given));
    if (path === '' || path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path))
      return { fault: `${show(given)} is outside ${root}; give root, a folder that holds all images` };
    return path.split(sep).join('/');
  }

  private boxesOf(
    cell: unknown,
    ownFormat: unknown,
    note: (fault: string) => void,
  ): string | { readonly fault: string } {
    if (cell === undefined) return '';
    const format = (ownFormat ?? this.options.boxFormat) as BoxFormat | undefined;
    if (format === undefined)
      throw new UsageError(
        `${OWNER}: boxes: expected their format; give targets: { boxes: { format: 'voc' } }, or a column boxFormat`,
      );
    if (!FORMATS.includes(format))
      return { fault: `its boxFormat is none of ${FORMATS.join(', ')}; correct it` };
    const boxes = boxesIn(cell, format, note);
    if (typeof boxes === 'string') return { fault: boxes };
    for (const { label } of boxes) {
      if (typeof label === 'string') this.boxNames.add(label);
      else this.largestBox = Math.max(this.largestBox, label);
    }
    return JSON.stringify({ format, boxes });
  }

  private masksOf(mask: unknown, values: ManifestRow['values']): string | { readonly fault: string } {
    const { masks = {} } = this.options.columns;
    const cells: [string, unknown][] = mask === undefined ? [] : [['mask', mask]];
    for (const [name, column] of Object.entries(masks)) {
      const cell = values[column];
      if (cell !== undefined && cell !== null && cell !== '') cells.push([name, cell]);
    }
    const found: [string, string][] = [];
    for (const [name, cell] of cells) {
      const path = this.pathOf(cell);
      if (typeof path === 'object') return path;
      found.push([name, path]);
      this.maskNames.add(name);
    }
    return found.length === 0 ? '' : JSON.stringify(Object.fromEntries(found));
  }

  private noteUnread(values: ManifestRow['values'], line: number): void {
    const { columns } = this.options;
    const all = this.known ?? Object.keys(values);
    const roles = (Object.keys(USUAL) as Role[]).map((role) => this.columnOf(role, all));
    const masks = Object.values(columns.masks ?? {});
    for (const name of all)
      if (!roles.includes(name) && !masks.includes(name))
        this.tally.note(`rows have a column ${show(name)}, which is not read`, `line ${line}`);
  }
}

/** A path below a folder at a URL. */
function belowUrl(given: string, root: string): string | { readonly fault: string } {
  const path = posix.normalize(given.replaceAll('\\', '/'));
  if (path === '.' || path === '..' || path.startsWith('../') || /^(\/|[A-Za-z]:)/.test(path))
    return {
      fault: `${show(given)} is outside ${show(shownPlace(root))}; give root, a folder or URL that holds all images`,
    };
  return path;
}

const UNLABELED = Symbol('no label');
const NONE = -0x8000_0000;

/** A label as data sets have them: undefined where there is none, null where it is none. */
function rawLabel(cell: unknown, isText: boolean): RawLabel | undefined | null {
  if (cell === undefined) return undefined;
  if (typeof cell === 'number') return Number.isInteger(cell) && cell >= 0 && cell < 2 ** 31 ? cell : null;
  if (Array.isArray(cell)) return cell.every((n) => Number.isFinite(n)) ? (cell as number[]) : null;
  if (typeof cell !== 'string') return null;
  if (!isText) return cell;
  if (/^\s*\d{1,9}\s*$/.test(cell)) return Number(cell);
  const list = cell.startsWith('[') ? jsonOf(cell) : undefined;
  if (Array.isArray(list) && list.every((n) => Number.isFinite(n))) return list as number[];
  return cell.trim();
}

const list = (columns: readonly string[]) => columns.slice(0, 12).map(show).join(', ') || 'none';

/** All rows were left out, or none was of the split. */
export function nothingUsable(
  table: ManifestTable,
  file: string,
  split: string | undefined,
  first: string,
): RxaugError {
  const other = [...table.splitsMet].slice(0, 8).map(show).join(', ');
  if (split !== undefined && first === '')
    return new RxaugError(
      `${OWNER}: no row of ${file} is of the split ${split}; there are ${other || 'none'}`,
    );
  return new RxaugError(
    `${OWNER}: no usable row in ${file}${first === '' ? '; give at least one' : `; ${first}`}`,
  );
}
