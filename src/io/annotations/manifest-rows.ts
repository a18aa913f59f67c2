/** The rows of a manifest, from CSV or JSON lines, as plain values by column. */
import { extname } from 'node:path';
import { RxaugError, show, UsageError } from '../../core/index.js';
import { CsvFault, CsvReader, type CsvRecord } from './csv.js';
import { textChunks } from './text-chunks.js';

const OWNER = 'manifest';

export type ManifestFormat = 'csv' | 'tsv' | 'jsonl';

/** A row: text of each column of a table, JSON of each field of a line. */
export interface ManifestRow {
  readonly values: Readonly<Record<string, unknown>>;
  readonly line: number;
}

export interface RowSink {
  /** The names of all columns, before the first row; JSON lines have none. */
  header(columns: readonly string[]): void;
  row(row: ManifestRow): void;
  /** A row that cannot be read. */
  bad(line: number, reason: string): void;
}

/** Characters of one JSON line. */
const LONGEST = 64 << 20;

export function formatOf(path: string, given: ManifestFormat | undefined): ManifestFormat {
  if (given) return given;
  const ending = extname(path).toLowerCase();
  if (ending === '.csv') return 'csv';
  if (ending === '.tsv' || ending === '.tab') return 'tsv';
  if (['.jsonl', '.ndjson', '.jsonlines'].includes(ending)) return 'jsonl';
  throw new UsageError(
    `${OWNER}: expected a file that ends in .csv, .tsv or .jsonl but received ${show(path)}; give its format`,
  );
}

/** Hands the rows of a file to a sink, in order. */
export async function readRows(
  path: string,
  format: ManifestFormat,
  delimiter: string | undefined,
  sink: RowSink,
): Promise<void> {
  if (format === 'jsonl') return jsonRows(path, sink);
  const table = new Table(path, sink);
  const reader = new CsvReader(delimiter ?? (format === 'tsv' ? '\t' : ','), (record) =>
    table.record(record),
  );
  try {
    for await (const text of textChunks(OWNER, path)) reader.push(text);
    reader.end();
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error;
    throw new RxaugError(`${OWNER}: ${path}: ${error.message}; correct it`, { cause: error });
  }
}

class Table {
  private columns: readonly string[] | undefined;

  constructor(
    private readonly path: string,
    private readonly sink: RowSink,
  ) {}

  record({ fields, line, fault }: CsvRecord) {
    if (!this.columns) {
      const columns = fields.map((name) => name.trim());
      const twice = columns.find((name, i) => columns.indexOf(name) !== i);
      if (fault || twice !== undefined)
        throw new RxaugError(
          `${OWNER}: ${this.path}: expected a line of column names but ${fault ?? `${show(twice)} is there twice`}; correct it`,
        );
      this.columns = columns;
      this.sink.header(columns);
      return;
    }
    if (fault) return this.sink.bad(line, `${fault}; correct it`);
    if (fields.length !== this.columns.length)
      return this.sink.bad(
        line,
        `it has ${fields.length} fields for ${this.columns.length} columns; correct it`,
      );
    const values: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [i, name] of this.columns.entries()) values[name] = fields[i];
    this.sink.row({ values, line });
  }
}

async function jsonRows(path: string, sink: RowSink): Promise<void> {
  let line = 0;
  let waiting: string[] = [];
  let held = 0;
  const take = (text: string) => {
    line++;
    if (text.trim() === '') return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return sink.bad(line, 'it is no JSON; correct it');
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return sink.bad(line, `expected an object but received ${show(value)}; correct it`);
    sink.row({ values: value as Record<string, unknown>, line });
  };
  for await (const chunk of textChunks(OWNER, path)) {
    let at = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', at)) {
      waiting.push(chunk.slice(at, end));
      take(waiting.join(''));
      waiting = [];
      held = 0;
      at = end + 1;
    }
    waiting.push(chunk.slice(at));
    held += chunk.length - at;
    if (held > LONGEST)
      throw new RxaugError(
        `${OWNER}: ${path}: line ${line + 1} has more than ${LONGEST} characters; correct it`,
      );
  }
  take(waiting.join(''));
}
