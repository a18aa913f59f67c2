/** `index.json` of a folder of MDS shards: which shards there are, and which columns they have. */
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, schemaFault, show, UsageError } from '../../core/index.js';
import { unreadable } from '../files.js';
import { boxFormat } from '../target-options.js';

const fileInfo = z.object({ basename: z.string().min(1), bytes: z.int().min(0) });

const shardSchema = z
  .object({
    version: z.literal(2),
    format: z.literal('mds'),
    column_names: z.array(z.string()).min(1),
    column_encodings: z.array(z.string()),
    column_sizes: z.array(z.int().min(0).nullable()),
    compression: z.string().nullish(),
    raw_data: fileInfo,
    samples: z.int().min(0),
    zip_data: fileInfo.nullish(),
  })
  .refine(
    ({ column_names, column_encodings, column_sizes }) =>
      column_names.length === column_encodings.length &&
      column_names.length === column_sizes.length &&
      new Set(column_names).size === column_names.length,
    'expected columns with as many names as encodings and sizes, each once',
  );

const indexSchema = z.object({
  version: z.literal(2),
  shards: z.array(z.unknown()),
  /** What our writer adds. */
  rxaug: z
    .object({
      classes: z.array(z.string()).min(1).optional(),
      boxClasses: z.array(z.string()).min(1).optional(),
      boxFormat: boxFormat.optional(),
    })
    .optional(),
});

export type MdsShardInfo = z.output<typeof shardSchema>;
export interface MdsIndex {
  /** As listed; a string says why an entry cannot be used. */
  readonly shards: readonly (MdsShardInfo | string)[];
  readonly rxaug: z.output<typeof indexSchema>['rxaug'];
}

/** An index of more bytes is none. */
const MOST = 256 << 20;

/** @throws UsageError for a file that is no index */
export function readMdsIndex(owner: string, path: string): MdsIndex {
  let text: string;
  try {
    if (statSync(path).size > MOST) throw new Error(`it has more than ${MOST} bytes`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${owner}: ${unreadable(error, path)}`, { cause: error });
  }
  const wrong = (reason: string) =>
    new UsageError(`${owner}: ${path} is no index of MDS, version 2 (${reason}); write the data set again`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw wrong(messageOf(error));
  }
  const parsed = indexSchema.safeParse(json);
  if (!parsed.success) throw wrong(schemaFault('index', indexSchema, json) as string);
  const shards = parsed.data.shards.map((one) => {
    const shard = shardSchema.safeParse(one);
    if (!shard.success)
      return `its entry in index.json is not that of an MDS shard (${schemaFault('entry', shardSchema, one)})`;
    const { raw_data, zip_data } = shard.data;
    const odd = [raw_data.basename, zip_data?.basename ?? 'x'].find((name) => !isPlain(name));
    return odd === undefined ? shard.data : `index.json names ${show(odd)}, which is not inside its folder`;
  });
  return { shards, rxaug: parsed.data.rxaug };
}

/** A path that stays below the folder. */
const isPlain = (name: string) => !/^([/\\]|[A-Za-z]:)|\0/.test(name) && !name.split(/[/\\]/).includes('..');
