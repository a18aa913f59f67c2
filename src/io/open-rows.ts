/** Files of rows as one data set: what the readers of Parquet and TFRecord have in common. */
import type { z } from 'zod';
import { type BoxFormat, messageOf, RxaugError, UsageError } from '../core/index.js';
import type { classesOption } from './classes.js';
import { type OpenedDataset, type Problem, problem } from './problems.js';
import { type FoundFile, filesOfAnywhere } from './remote/anywhere.js';
import type { DownloadOptions } from './remote/localize.js';
import { classesOf, RowData, type RowFile } from './row-data.js';
import { namesOf, shortNames } from './short-names.js';
import type { TargetOptions } from './target-options.js';
import { CacheError } from './unpacked/unpacked-writer.js';

/** What differs from format to format. */
export interface RowFormat {
  readonly owner: string;
  /** Of the boxes. */
  readonly boxes: BoxFormat | undefined;
  /** What of a file may be left unread: 'columns'. */
  readonly parts: string;
  /** What files without a sample lack: 'rows'. */
  readonly rows: string;
  open(file: FoundFile): Promise<RowSource>;
  /** Why a file cannot be read, from the message of an error. */
  fault(message: string): string;
}

/** A file that was read. */
export interface RowSource extends Omit<RowFile, 'id'> {
  /** What is wrong with it, though it was read. */
  readonly fault?: string | undefined;
}

/** Options that the readers share. */
export interface RowOptions {
  readonly name?: string;
  readonly classes?: z.output<typeof classesOption>;
  readonly label: string | false;
  readonly boxes?: { readonly classes?: z.output<typeof classesOption> };
  readonly targets?: TargetOptions;
  readonly download?: DownloadOptions;
}

/** @throws UsageError if a file is missing; RxaugError if no sample is usable; CacheError */
export async function openRows(
  format: RowFormat,
  patterns: string | readonly string[],
  o: RowOptions,
): Promise<OpenedDataset> {
  const { owner } = format;
  const found = await filesOfAnywhere(owner, patterns, o.download);
  const ids = shortNames(found.map(({ source }) => source));
  const problems: Problem[] = [];
  const files: RowFile[] = [];
  for (const [i, place] of found.entries()) {
    const id = ids[i] as string;
    try {
      const { fault, ...file } = await format.open(place);
      if (fault) problems.push(problem(id, fault));
      files.push({ id, ...file });
    } catch (error) {
      if (error instanceof UsageError || error instanceof CacheError) throw error;
      problems.push(problem(id, `${format.fault(messageOf(error))}; check the file`));
    }
  }
  const name = o.name ?? namesOf(patterns);
  const boxClasses =
    o.boxes &&
    classesOf(`${owner}: boxes`, o.boxes.classes, files, 'boxClasses', ({ boxes }) => boxes?.labels);
  const classes =
    o.label === false
      ? { classes: ['unlabeled'] }
      : classesOf(owner, o.classes, files, 'classes', ({ labels }) => labels);
  const settings = { classes, boxClasses, targets: o.targets, format: format.boxes, passed: format.parts };
  const data = new RowData(name, settings, files, problems);
  if (data.length > 0) return data;
  const first = problems[0];
  const why = first
    ? `the first of ${problems.length} problems: ${first.where}: ${first.reason}`
    : `they have no ${format.rows}`;
  throw new RxaugError(`${owner}: no usable sample in ${name}; ${why}`);
}
