/**
 * A folder of images, augmented into another of the same layout. Files and their bytes follow from the images, the
 * settings and the seed alone: draws are keyed by the seed, the number of the copy and the path of the image, so that
 * neither workers nor images that are added change the others. Every file is whole at every moment.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { drawnSample, type SampleOperator } from '../../augment/index.js';
import { checkWritable } from '../../core/files/check-folder.js';
import { LineFile } from '../../core/files/line-file.js';
import { writeSafely } from '../../core/files/write-file.js';
import { type Problem, Sample, show, tag, UsageError } from '../../core/index.js';
import { type EncodedFormat, encodeImage } from '../../io/encode.js';
import { unreadable } from '../../io/files.js';
import { Passed } from '../../io/passed.js';
import { imagesUnder } from '../../io/walk-images.js';
import { type Planned, planned } from './output-names.js';
import {
  type FolderSettings,
  RECIPES,
  type RecipeLine,
  readRecipes,
  settingsChanges,
  writeRecipes,
} from './recipes-file.js';
import { FileRenderer } from './render-files.js';
import { isWithin, realPath, SafeFolder } from './safe-folder.js';

export interface FolderOptions {
  readonly dir: string;
  readonly out: string;
  readonly transforms: readonly SampleOperator[];
  readonly settings: FolderSettings;
  readonly copies: number;
  readonly workers: number;
  /** Files that are there and differ are written anew. */
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number, written: number) => void;
}

/** What became of a folder. */
export interface FolderResult {
  readonly images: number;
  /** Files made, and files that were there already, the same. */
  readonly written: number;
  readonly kept: number;
  /** Files that are not there, and why; of an image that cannot be read, once a copy. */
  readonly failed: readonly { readonly file: string; readonly image: string; readonly reason: string }[];
  /** What the folder holds that is not read. */
  readonly problems: readonly Problem[];
  /** Files of earlier runs that this one does not make: of images that are gone, or of more copies. */
  readonly others: number;
}

interface Task extends Planned {
  readonly copy: number;
  readonly file: string;
}

const ENDING: Readonly<Record<EncodedFormat, string>> = { png: 'png', jpeg: 'jpg', webp: 'webp' };

/** Writes the files that are not there yet; when the signal comes, what is finished stays and is kept next time. */
export async function augmentFolder(options: FolderOptions): Promise<FolderResult> {
  const { copies, settings, overwrite } = options;
  const dir = resolve(options.dir);
  const out = resolve(options.out);
  checkApart(options.dir, options.out);
  const problems: Problem[] = [];
  const passed = new Passed();
  const real = realPath(dir);
  checkFolder(dir, options.dir);
  const images = await imagesUnder({ owner: 'augment', root: dir, problems, passed }, '', new Set());
  problems.push(...passed.problem(options.dir));
  if (images.length === 0) {
    const [first] = problems;
    const why = first ? ` (${first.where}: ${first.reason})` : '';
    throw new UsageError(`augment: '${options.dir}' holds no image${why}; check the path`);
  }
  const plan = planned(images);
  checkWritable(out);
  if (isWithin(realPath(out), real)) checkApart(options.dir, options.out);
  const earlier = readRecipes(out);
  const changes = earlier ? settingsChanges(earlier.settings, settings) : [];
  if (changes.length > 0 && !overwrite)
    throw new UsageError(
      `augment: '${options.out}' was made with other settings (${changes.join('; ')}); give --overwrite to make its files anew, or choose another folder`,
    );
  const known = changes.length > 0 ? new Map<string, RecipeLine>() : (earlier?.lines ?? new Map());
  const tasks = Array.from({ length: copies }, (_, copy) =>
    plan.map((one): Task => ({ ...one, copy, file: `${one.stem}-${copy}.${ENDING[settings.format]}` })),
  ).flat();
  if (!earlier || changes.length > 0) writeRecipes(out, settings, []);
  const work = new FolderWork({ ...options, dir, out }, known, tasks.length);
  const { written, kept, failed } = await work.run(tasks);
  const mine = new Set(tasks.map(({ file }) => file));
  const others = [...(earlier?.lines.values() ?? [])].filter(
    ({ file }) => !mine.has(file) && existsSync(join(out, file)),
  );
  if (!options.signal.aborted) {
    const lines = tasks.flatMap(({ file }) => known.get(file) ?? []);
    writeRecipes(out, settings, changes.length > 0 ? lines : [...lines, ...others]);
  }
  return { images: images.length, written, kept, failed, problems, others: others.length };
}

function checkFolder(dir: string, given: string): void {
  let found: ReturnType<typeof statSync> | undefined;
  try {
    found = statSync(dir);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(
      missing
        ? `augment: there is no folder '${given}'; check the path`
        : `augment: ${unreadable(error, given)}`,
    );
  }
  if (!found?.isDirectory())
    throw new UsageError(`augment: '${given}' is a file, not a folder of images; give the folder`);
}

/** What is written must not be read the next time, nor lie over what is read. */
function checkApart(dir: string, out: string): void {
  const [from, to] = [realPath(resolve(dir)), realPath(resolve(out))];
  if (!isWithin(to, from) && !isWithin(from, to)) return;
  throw new UsageError(
    `augment: '${out}' and '${dir}' lie in one another; write to a folder beside the one of the images`,
  );
}

type Outcome = { readonly line: RecipeLine; readonly written: boolean } | { readonly reason: string };

class FolderWork {
  private readonly folders: SafeFolder;
  private readonly digests = new Map<string, Promise<string | { reason: string }>>();

  constructor(
    private readonly options: FolderOptions,
    /** What is finished, by file; lines are added as files are written. */
    private readonly known: Map<string, RecipeLine>,
    private readonly total: number,
  ) {
    this.folders = new SafeFolder(options.out);
  }

  async run(tasks: readonly Task[]): Promise<Pick<FolderResult, 'written' | 'kept' | 'failed'>> {
    const { workers, signal, onProgress, out } = this.options;
    const renderer = new FileRenderer(workers);
    using log = new LineFile(join(out, RECIPES), true);
    const failed: FolderResult['failed'][number][] = [];
    let [written, kept, done] = [0, 0, 0];
    const queue: { task: Task; outcome: Promise<Outcome> }[] = [];
    const settle = async () => {
      const { task, outcome } = queue.shift() as (typeof queue)[number];
      const result = await outcome;
      if ('reason' in result) failed.push({ file: task.file, image: task.image, reason: result.reason });
      else {
        if (!isDeepStrictEqual(this.known.get(task.file), result.line)) log.write(result.line);
        this.known.set(task.file, result.line);
        if (result.written) written++;
        else kept++;
      }
      onProgress?.(++done, this.total, written);
    };
    try {
      for (const task of tasks) {
        if (signal.aborted) break;
        const outcome = this.one(task, renderer);
        outcome.catch(() => undefined); // reported in its turn
        queue.push({ task, outcome });
        if (queue.length > 2 * workers + 2) await settle();
      }
      while (queue.length > 0) await settle();
    } finally {
      renderer.dispose();
    }
    return { written, kept, failed };
  }

  private async one(task: Task, renderer: FileRenderer): Promise<Outcome> {
    const { dir, out, settings, overwrite } = this.options;
    const { image, file, copy } = task;
    const path = join(dir, image);
    const digest = await this.digestOf(image, path);
    if (typeof digest !== 'string') return digest;
    const sample = this.sampleOf(task, path);
    const recipe = JSON.parse(JSON.stringify(sample.recipe)) as RecipeLine['recipe'];
    const target = join(out, file);
    const there = lstatSync(target, { throwIfNoEntry: false });
    const line = this.known.get(file);
    const same = line && line.digest === digest && isDeepStrictEqual(line.recipe, recipe);
    if (same && there?.isFile() && there.size === line.bytes && !overwrite) return { line, written: false };
    if (there && !there.isFile())
      return { reason: `${target}: it is there and is no file of rxaug; remove it` };
    const rendered = await renderer.render(sample);
    if ('reason' in rendered) return rendered;
    const { width, height } = rendered;
    const bytes = await encodeImage(rendered, settings.format, { quality: settings.quality });
    const made: RecipeLine = { file, image, copy, digest, bytes: bytes.length, width, height, recipe };
    if (there && bytes.equals(readFileSync(target))) return { line: made, written: false };
    if (there && !overwrite) {
      const what = line && !same ? 'of another version of its image' : 'not what is to be written';
      return { reason: `${target}: it is there and is ${what}; give --overwrite, or remove it` };
    }
    this.folders.make(dirname(file));
    await writeSafely(target, [bytes]);
    return { line: made, written: true };
  }

  private sampleOf({ image, copy }: Task, path: string): Sample {
    const { settings, transforms } = this.options;
    const origin = { name: 'augment', classes: ['image'], seed: settings.seed };
    const fields = {
      id: image,
      index: tag(image),
      epoch: copy,
      progress: settings.progress ?? 0,
      label: 0,
      origin,
    };
    const sample = new Sample({ ...fields, image: { kind: 'file', path } });
    return transforms.reduce((drawn, { transform }) => drawnSample(transform, drawn), sample);
  }

  /** Of an image's bytes, read once for all copies. */
  private digestOf(image: string, path: string): Promise<string | { reason: string }> {
    let found = this.digests.get(image);
    if (!found) {
      found = readFile(path).then(
        (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16),
        (error: unknown) => ({ reason: `${show(image).slice(1, -1)}: ${unreadable(error, path)}` }),
      );
      this.digests.set(image, found);
    }
    return found;
  }
}
