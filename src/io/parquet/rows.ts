/** Walks the values of a column row by row. */
import type { RowGroup } from 'hyparquet';
import { type Page, pagesOf } from './pages.js';
import type { ParquetFile } from './parquet-file.js';
import type { Leaf } from './schema.js';

/** Called in the order of the file. A missing value is undefined. */
export interface Visitor {
  /** The values up to the next call belong to row i of the group. */
  row?(i: number): void;
  /** The values up to the next call are one inner list. */
  list?(): void;
  value(value: number | Uint8Array | undefined, page: Page): void;
}

/** Throws an Error with a clause for what cannot be read, and where a column has not as many rows as its group. */
export function walk(file: ParquetFile, group: RowGroup, leaf: Leaf, visitor: Visitor): void {
  for (const step of walkPages(file, group, leaf, visitor)) void step;
}

/** The same page by page, so that other work gets its turn between them. */
export function* walkPages(
  file: ParquetFile,
  group: RowGroup,
  leaf: Leaf,
  { row, list, value }: Visitor,
): Generator<void> {
  const chunk = group.columns[leaf.index];
  const meta = chunk?.meta_data;
  if (!meta) throw new Error('a row group of it lacks a column');
  if (chunk.file_path) throw new Error('its columns are in other files');
  if (chunk.crypto_metadata) throw new Error('it is encrypted');
  if (meta.path_in_schema.join('.') !== leaf.path.join('.'))
    throw new Error(`its column '${meta.path_in_schema.join('.')}' is not where the schema has it`);
  if (meta.type !== leaf.element.type) throw new Error(`its column '${leaf.path.join('.')}' has two types`);
  const rows = Number(group.num_rows);
  const [outer = 0, inner = 0] = leaf.lists;
  const depth = leaf.lists.length;
  if (depth > 2) throw new Error(`its column '${leaf.path.join('.')}' holds lists of lists of lists`);
  let at = -1;
  for (const page of pagesOf(file, leaf, meta)) {
    const { repetition, definition, count, values } = page;
    let next = 0;
    for (let i = 0; i < count; i++) {
      const repeated = repetition?.[i] ?? 0;
      const defined = definition?.[i] ?? leaf.maxDefinition;
      if (repeated === 0) {
        if (++at >= rows) throw new Error('a column of it has more rows than its row group');
        row?.(at);
      } else if (at < 0) throw new Error('a column of it begins inside a row');
      const here = defined === leaf.maxDefinition;
      const own = here ? values.at(next++) : undefined;
      if (depth > 0 && defined < outer) continue;
      if (depth === 2) {
        if (repeated < 2) list?.();
        if (defined < inner) continue;
      }
      value(own, page);
    }
    yield;
  }
  if (at !== rows - 1) throw new Error(`a column of it has ${at + 1} of the ${rows} rows of its row group`);
}
