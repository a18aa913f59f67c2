import { show, UsageError } from '../../core/index.js';
import { SampleCheck } from './check-sample.js';
import { type MdsColumn, maskColumn, mdsColumns, mdsValues } from './mds-columns.js';
import type {
  OutputFile,
  OutputFormat,
  OutputSample,
  OutputSchema,
  ShardPlace,
  ShardWriter,
} from './output.js';
import { ScratchFile } from './scratch-file.js';
import { StagedFile, stageText } from './staged-file.js';

const OWNER = 'mds';
/** Places of samples are uint32. */
const MOST = 2 ** 32 - 1;

/**
 * MosaicML's MDS, version 2, as `openMds` and `StreamingDataset` read it: `train/shard.00000.mds` and `train/index.json`.
 *
 * Columns: `image` (the bytes as they were given: encoding `jpeg` or `png`, or `bytes` where shards of a split hold several
 * kinds), `key` (`str`), `label` (`int`, or `ndarray:float32:K` for distributions), `meta` (`json`), and by the schema
 * `boxes` (`json`, VOC form), `keypoints` (`json`), `mask` and `mask.NAME` (`png`; `bytes` where a sample lacks it, which
 * then has none). Class names are in `index.json` under `rxaug`, which Python's reader ignores.
 *
 * Beside a shard is its part of the index, `shard.00000.json`. A shard is smaller than 4 GiB.
 */
export const mdsFormat: OutputFormat = {
  name: OWNER,
  fault: ({ masks }) =>
    masks.some((name) => name === '') ? `${OWNER}: a mask without a name has no column; name it` : undefined,
  shard: (place, schema) => new MdsShard(place, schema),
  async index(dir, shards, { classes, boxClasses, labels }, read) {
    const rxaug = {
      ...(labels && { classes }),
      ...(boxClasses && { boxClasses, boxFormat: 'voc' }),
    };
    const files: OutputFile[] = [];
    for (const split of [...new Set(shards.map((shard) => shard.split))].sort()) {
      const own = shards.filter((shard) => shard.split === split).sort((a, b) => a.index - b.index);
      const parts: Part[] = [];
      for (const { files } of own) {
        const part = files.find(({ path }) => path.endsWith('.json'))?.path ?? '';
        parts.push(JSON.parse(Buffer.from(await read(part)).toString('utf8')) as Part);
      }
      const index = { rxaug, shards: oneEncoding(parts), version: 2 };
      files.push(await stageText(dir, `${split}/index.json`, JSON.stringify(index)));
    }
    return files;
  },
};

/** A shard's part of `index.json`. */
interface Part {
  readonly column_names: readonly string[];
  readonly column_encodings: readonly string[];
}

/** Readers take a column's encoding from the index: one for all shards, `bytes` where they differ. */
function oneEncoding(parts: readonly Part[]): Part[] {
  return parts.map((part) => ({
    ...part,
    column_encodings: part.column_encodings.map((encoding, c) => {
      const free = encoding === 'jpeg' || encoding === 'png';
      const same = parts.every((other) => other.column_encodings[c] === encoding);
      return free && !same ? 'bytes' : encoding;
    }),
  }));
}

class MdsShard implements ShardWriter {
  private readonly name: string;
  private readonly check: SampleCheck;
  private readonly body: ScratchFile;
  private readonly ends: number[] = [];
  private columns: MdsColumn[] | undefined;
  private readonly kinds = new Map<string, Set<string>>();
  private file: StagedFile | undefined;

  constructor(
    private readonly place: ShardPlace,
    private readonly schema: OutputSchema,
  ) {
    this.name = `shard.${String(place.index).padStart(5, '0')}`;
    this.body = new ScratchFile(place.dir, `${place.split}/${this.name}.body`);
    this.check = new SampleCheck(OWNER, schema);
  }

  add(sample: OutputSample): void {
    const columns = this.columns ?? mdsColumns(this.schema, sample);
    const values = mdsValues(OWNER, sample, columns);
    const free = values.filter((_, c) => columns[c]?.size === null);
    const head = Buffer.alloc(4 * free.length);
    free.forEach(({ length }, c) => {
      head.writeUInt32LE(length, 4 * c);
    });
    const size = head.length + values.reduce((sum, { length }) => sum + length, 0);
    if (this.body.bytes + size + this.headBytes(columns, this.ends.length + 1) > MOST)
      throw new UsageError(
        `${OWNER}: ${show(sample.key)}: the shard would be 4 GiB or larger; make shards smaller`,
      );
    this.check.check(sample);
    this.columns = columns;
    this.note('image', sample.image.encoding);
    for (const name of this.schema.masks) this.note(maskColumn(name), sample.masks?.[name] ? 'png' : 'none');
    this.body.write(head);
    for (const value of values) this.body.write(value);
    this.ends.push(this.body.bytes);
  }

  async finish(): Promise<readonly OutputFile[]> {
    const { dir, split } = this.place;
    const { columns } = this;
    if (!columns)
      throw new UsageError(`${OWNER}: ${split} ${this.name} has no sample; add one, or write no shard`);
    const config = this.config(columns);
    const shard = new StagedFile(dir, `${split}/${this.name}.mds`);
    this.file = shard;
    const table = Buffer.alloc(4 * (this.ends.length + 2));
    table.writeUInt32LE(this.ends.length, 0);
    const start = table.length + Buffer.byteLength(config);
    [0, ...this.ends].forEach((end, i) => {
      table.writeUInt32LE(start + end, 4 * (i + 1));
    });
    shard.write(table);
    shard.write(config);
    this.body.copyTo(shard);
    const made = await shard.finish();
    this.body.dispose();
    const part = {
      ...(JSON.parse(config) as object),
      raw_data: { basename: `${this.name}.mds`, bytes: made.bytes, hashes: { sha256: made.sha256 } },
      samples: this.ends.length,
      zip_data: null,
    };
    return [made, await stageText(dir, `${split}/${this.name}.json`, JSON.stringify(part))];
  }

  dispose(): void {
    this.body.dispose();
    this.file?.dispose();
  }

  private note(column: string, kind: string): void {
    const kinds = this.kinds.get(column);
    if (kinds) kinds.add(kind);
    else this.kinds.set(column, new Set([kind]));
  }

  /** The shard's description of itself: text of one length, but for the encodings, whose longest is `bytes`. */
  private config(columns: readonly MdsColumn[]): string {
    return JSON.stringify({
      column_encodings: columns.map(({ name, encoding }) => encoding || this.encodingOf(name)),
      column_names: columns.map(({ name }) => name),
      column_sizes: columns.map(({ size }) => size),
      compression: null,
      format: 'mds',
      hashes: ['sha256'],
      size_limit: null,
      version: 2,
    });
  }

  private encodingOf(column: string): string {
    const [kind, ...more] = this.kinds.get(column) ?? [];
    return more.length === 0 && (kind === 'jpeg' || kind === 'png') ? kind : 'bytes';
  }

  private headBytes(columns: readonly MdsColumn[], samples: number): number {
    return 4 * (samples + 2) + Buffer.byteLength(this.config(columns)) + 8 * columns.length;
  }
}
