/** Pictures that are made here, kept as shards. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../core/files/make-folder.js';
import { replaceFile } from '../../core/files/write-file.js';
import { TarWriter } from '../../io/archive/tar-writer.js';
import { openWebdataset } from '../../io/archive/webdataset.js';
import { cacheDir } from '../../io/cache-dir.js';
import { givenClasses, numbersIn } from '../../io/classes.js';
import type { OpenedDataset } from '../../io/problems.js';
import { countOf, type MadeOptions, type Maker, pictures } from './maker.js';

const PER_SHARD = 5000;

/** `complete.json`: the complete shards, each noted when it is written; others are made again. */
const completeSchema = z.strictObject({
  version: z.int(),
  count: z.int(),
  shards: z.array(z.strictObject({ name: z.string(), sha256: z.string() })),
});
type Complete = z.infer<typeof completeSchema>;

/** The set with random access; makes it first if it is not there. */
export async function openMade(maker: Maker, o: MadeOptions): Promise<OpenedDataset> {
  const { owner } = maker;
  const asked = givenClasses(owner, o.classes);
  if (asked) numbersIn(owner, owner, maker.classes, asked);
  const paths = await makeShards(maker, o);
  // Without `classes`, the names in classes.txt next to the shards apply.
  return openWebdataset(paths, { classes: asked, name: `${owner}-${o.split}`, cache: o.dir === undefined });
}

/** Makes the shards that are missing or damaged and returns the paths of all. */
export async function makeShards(maker: Maker, o: MadeOptions): Promise<string[]> {
  const { owner, version, classes } = maker;
  const count = countOf(o);
  const folder = join(
    o.dir ?? cacheDir(owner),
    `v${version}-${o.size}px-seed${o.dataSeed}-${o.split}-${count}`,
  );
  const shards = Math.ceil(count / PER_SHARD);
  const names = Array.from(
    { length: shards },
    (_, s) => `${owner}-${o.split}-${String(s).padStart(3, '0')}.tar`,
  );
  const paths = names.map((name) => join(folder, name));
  const marker = join(folder, 'complete.json');
  const known = readComplete(marker, version, count);
  const sound = (s: number) =>
    known.has(names[s] as string) && known.get(names[s] as string) === digestOf(paths[s] as string);
  const missing = names.map((_, s) => s).filter((s) => !sound(s));
  if (missing.length === 0) return paths;
  makeFolder(folder);
  const range = (s: number) => [s * PER_SHARD, Math.min(count, (s + 1) * PER_SHARD)] as const;
  const total = missing.reduce((sum, s) => sum + range(s)[1] - range(s)[0], 0);
  let done = 0;
  for (const s of missing) known.delete(names[s] as string);
  replaceFile(join(folder, 'classes.txt'), `${classes.join('\n')}\n`);
  for (const s of missing) {
    const writer = new TarWriter(paths[s] as string);
    try {
      for await (const { index, label, jpeg } of pictures(maker, ...range(s), o)) {
        const key = `${classes[label]}-${String(index).padStart(6, '0')}`;
        writer.add(`${key}.jpg`, jpeg);
        writer.add(`${key}.cls`, String(label));
        o.onProgress?.(++done, total);
      }
      writer.finish();
    } finally {
      writer.dispose();
    }
    known.set(names[s] as string, writer.sha256);
    const whole = names.flatMap((name) => {
      const sha256 = known.get(name);
      return sha256 === undefined ? [] : [{ name, sha256 }];
    });
    const complete: Complete = { version, count, shards: whole };
    replaceFile(marker, `${JSON.stringify(complete, null, 2)}\n`);
  }
  return paths;
}

/** Names and digests of the complete shards; none if the file is missing or damaged. */
function readComplete(path: string, version: number, count: number): Map<string, string> {
  try {
    const known = completeSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    if (known.version === version && known.count === count)
      return new Map(known.shards.map(({ name, sha256 }) => [name, sha256]));
  } catch {}
  return new Map();
}

/** Undefined for a file that is not there or cannot be read. */
function digestOf(path: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return undefined;
  }
}
