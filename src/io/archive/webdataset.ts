import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import {
  type Item,
  type Label,
  messageOf,
  parseOptions,
  printable,
  RxaugError,
  show,
  UsageError,
} from '../../core/index.js';
import { cacheFolder } from '../cache-dir.js';
import {
  classesOption,
  givenClasses,
  LabelCheck,
  MAX_UNNAMED,
  numbered,
  numbersIn,
  readClasses,
  refused,
} from '../classes.js';
import { Passed } from '../passed.js';
import { naturalOrder, type OpenedDataset, type Problem, problem } from '../problems.js';
import { besides, type FoundFile, filesOfAnywhere } from '../remote/anywhere.js';
import { downloadOptions } from '../remote/localize.js';
import { shownPlace } from '../remote/shown-place.js';
import { namesOf, shortNames } from '../short-names.js';
import { type TargetOptions, targetOptions } from '../target-options.js';
import { packingOfFile } from '../unpacked/inflate.js';
import { plainFile } from '../unpacked/plain-file.js';
import { CacheError } from '../unpacked/unpacked-writer.js';
import { cachedIndex } from './shard-cache.js';
import type { RawLabel, ShardIndex } from './shard-index.js';
import { maskEndings, missingTargets, shardTargets } from './shard-targets.js';

export const webdatasetSchema = z.strictObject({
  name: z.string().optional(),
  /**
   * All class names, or the path of a file with one a line. Labels that are names are matched to them; so are numbers
   * if a `classes.txt` beside the first shard gives their names, else they are numbers of this list.
   */
  classes: classesOption,
  /** False: images without labels; all get class 0 of the one class 'unlabeled'. */
  labels: z.boolean().default(true),
  /** The field of `.json` that holds the label: by default `label`, then `cls`, and `.cls` files go first. */
  labelField: z.string().optional(),
  /**
   * Settings of the targets. Masks are `a.mask.png` or `a.seg.png`, and `a.NAME.png` for each name in
   * `targets.masks`; boxes and keypoints are those of `a.json`, see `docs/targets.md`.
   */
  targets: targetOptions.optional(),
  /** Where indexes are kept between runs: the user's cache folder, another folder, or nowhere. */
  cache: z.union([z.boolean(), z.string()]).default(true),
  /** How URLs are fetched: `cache`, `maxCacheBytes`, `maxFileBytes`, `connections`, `onProgress`. */
  download: downloadOptions.optional(),
});

/** Options of `webdataset` and `openWebdataset`: `classes`, `labels`, `labelField`, `targets`, `cache`, `download`, `name`. */
export type WebdatasetOptions = z.input<typeof webdatasetSchema>;

const OWNER = 'webdataset';

/**
 * WebDataset tar shards as a data set with random access; the layout is that of `webdataset`. Shards are indexed by their
 * headers, and the indexes are kept in the cache folder; images stay in the archives and are read by byte range. A shard
 * that is compressed with gzip (`.tar.gz`, `.tgz`) is unpacked once to the cache folder.
 *
 * @param patterns paths, URLs or patterns, one or several: `train-{000..009}.tar`, `data/*.tar`, `s3://bucket/*.tar`
 * @throws UsageError if a shard is missing; RxaugError if no sample is usable. Shards and samples that cannot be read are
 * in `problems`.
 *
 * @example
 * const data = await openWebdataset('data/train-*.tar', { classes: ['cat', 'dog'] });
 * data.length // → 8
 */
export async function openWebdataset(
  patterns: string | readonly string[],
  options: WebdatasetOptions = {},
): Promise<OpenedDataset> {
  const o = parseOptions(OWNER, webdatasetSchema, options);
  maskEndings(o.targets); // refuses names that cannot be distinguished, before any shard is read
  const files = await filesOfAnywhere(OWNER, patterns, o.download);
  const folder = cacheFolder('index', o.cache);
  const unpackedTo = cacheFolder('unpacked', o.cache);
  const ids = shortNames(files.map(({ source }) => source));
  const problems: Problem[] = [];
  const passed = new Passed();
  const shards: Shard[] = [];
  const versions = new Map<string, string | undefined>();
  for (const [i, file] of files.entries()) {
    const id = ids[i] as string;
    try {
      const packing = packingOfFile(file.path) === 'gzip' ? 'gzip' : undefined;
      const { path: plain, fault, version } = await plainFile(OWNER, file, packing, unpackedTo);
      const index = cachedIndex(plain, o, folder);
      versions.set(plain, version);
      if (fault) problems.push(problem(id, fault));
      for (const [name, reason] of index.problems)
        problems.push(problem(name ? `${id}/${name}` : id, reason));
      for (const [kind, count, first] of index.passed) passed.add(kind, `${id}/${first}`, count);
      shards.push({ id, path: plain, index });
    } catch (error) {
      if (error instanceof UsageError || error instanceof CacheError) throw error;
      problems.push(problem(id, `it cannot be read (${messageOf(error)}); check the archive`));
    }
    await setImmediate(); // Lets Ctrl-C and timers through between shards.
  }
  const beside = (file: string) => besides(OWNER, files[0] as FoundFile, file, problems, o.download);
  const { classes, numbered } = classesOf(o, o.labels ? await beside('classes.txt') : undefined, shards);
  const found = shards.map(({ index }) => index.targets);
  const count = shards.reduce((sum, { index }) => sum + index.count, 0);
  for (const reason of missingTargets(found, count, o.targets))
    problems.push(problem(namesOf(patterns), reason));
  const name = o.name ?? namesOf(patterns);
  const boxNames = await beside('box-classes.txt');
  const boxClasses = boxNames === undefined ? undefined : readClasses(OWNER, boxNames);
  const data = new Webdataset(
    name,
    new LabelCheck(classes, numbered),
    shards,
    problems,
    o.targets,
    boxClasses,
    versions,
  );
  const first = problems[0];
  const notes = passed.problem(name);
  problems.push(...notes);
  if (data.length > 0) return data;
  const why = first
    ? `the first of ${problems.length} problems: ${first.where}: ${first.reason}`
    : ['each image needs a partner, a.jpg with a.cls or a.json', ...notes.map((n) => n.reason)].join('; ');
  throw new RxaugError(`${OWNER}: no usable sample in ${listed(patterns)}; ${why}`);
}

interface Shard {
  readonly id: string;
  readonly path: string;
  readonly index: ShardIndex;
}

class Webdataset implements OpenedDataset {
  readonly length: number;
  /** Shard and place in it of every sample whose label holds, and that label. */
  private readonly shard: Uint32Array;
  private readonly place: Uint32Array;
  private readonly label: Int32Array;
  private readonly soft = new Map<number, Float32Array>();
  readonly classes: readonly string[];

  constructor(
    readonly name: string,
    check: LabelCheck,
    private readonly shards: readonly Shard[],
    readonly problems: Problem[],
    private readonly targets: TargetOptions | undefined,
    readonly boxClasses: readonly string[] | undefined,
    private readonly versions: ReadonlyMap<string, string | undefined>,
  ) {
    const most = shards.reduce((sum, { index }) => sum + index.count, 0);
    const shard = new Uint32Array(most);
    const place = new Uint32Array(most);
    const label = new Int32Array(most);
    this.classes = check.classes;
    let n = 0;
    shards.forEach(({ id, index }, s) => {
      for (let i = 0; i < index.count; i++) {
        const checked = check.check(index.others[i] ?? (index.labels[i] as number));
        if (refused(checked)) {
          problems.push(problem(`${id}/${nameAt(index, i)}`, checked.reason));
          continue;
        }
        shard[n] = s;
        place[n] = i;
        if (typeof checked === 'number') label[n] = checked;
        else this.soft.set(n, checked);
        n++;
      }
    });
    this.length = n;
    this.shard = shard.subarray(0, n);
    this.place = place.subarray(0, n);
    this.label = label.subarray(0, n);
  }

  versionOf(path: string): string | undefined {
    return this.versions.get(path);
  }

  item(i: number): Item {
    const shard = this.shards[this.shard[i] as number];
    if (!shard) throw new RangeError(`${this.name}: there is no item ${i} among ${this.length}`);
    const { index, path, id } = shard;
    const place = this.place[i] as number;
    const label: Label = this.soft.get(i) ?? (this.label[i] as number);
    const own = index.targets.get(place);
    return {
      id: `${id}/${nameAt(index, place)}`,
      image: {
        kind: 'range',
        path,
        offset: index.offsets[place] as number,
        length: index.sizes[place] as number,
      },
      label,
      ...(own && { targets: shardTargets(own, path, this.targets) }),
    };
  }
}

function nameAt(index: ShardIndex, i: number): string {
  return index.names.toString('utf8', i === 0 ? 0 : index.ends[i - 1], index.ends[i]);
}

/** The classes, and those that numbers in labels refer to, if different. */
function classesOf(
  { labels, classes }: { readonly labels: boolean; readonly classes?: string | string[] },
  file: string | undefined,
  shards: readonly Shard[],
): { readonly classes: readonly string[]; readonly numbered?: readonly string[] } {
  if (!labels) return { classes: ['unlabeled'] };
  const given = givenClasses(OWNER, classes);
  const inFile = file === undefined ? undefined : readClasses(OWNER, file);
  if (given && inFile) numbersIn(OWNER, file as string, inFile, given);
  if (given) return { classes: given, numbered: inFile };
  return { classes: inFile ?? inferred(shards) };
}

/** The class names that occur in labels, in natural order, or the numbers 0..largest label. */
function inferred(shards: readonly Shard[]): string[] {
  const names = new Set<string>();
  let largest = -1;
  let width = 0;
  const note = (label: RawLabel) => {
    if (typeof label === 'string') names.add(label);
    else if (typeof label !== 'number') width = Math.max(width, label.length);
    else if (Number.isInteger(label) && label < MAX_UNNAMED) largest = Math.max(largest, label);
  };
  for (const { index } of shards) {
    for (let i = 0; i < index.count; i++) note(index.others[i] ?? (index.labels[i] as number));
  }
  if (names.size > 0 && largest >= 0) {
    throw new RxaugError(
      `${OWNER}: some labels are numbers and some are names, such as ${show([...names][0])}; give classes, or a classes.txt next to the shards`,
    );
  }
  if (names.size > 0) return [...names].sort(naturalOrder);
  return numbered(Math.max(largest + 1, width, 1));
}

function listed(patterns: string | readonly string[]): string {
  const all = typeof patterns === 'string' ? [patterns] : patterns;
  const first = all.slice(0, 8).map((pattern) => `'${printable(shownPlace(pattern), 500)}'`);
  return all.length > 8 ? `${first.join(', ')} and ${all.length - 8} more` : first.join(', ');
}
