import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { RxaugError, show, UsageError } from '../core/errors.js';
import { fileReason } from '../core/files/file-errors.js';
import { jsonDigest } from '../core/files/json-digest.js';
import { replaceFile } from '../core/files/write-file.js';
import { fromJson, throughJson, toJson } from '../core/json.js';

type Json = Readonly<Record<string, unknown>>;

/** The runs of an experiment, in one folder; see `runStore`. */
export interface RunStore {
  /** The result of a run, if it is finished. */
  finished<R extends Json>(name: string, recipe: Json): R | undefined;
  /** The folder for the checkpoints of a run; created if needed. */
  begin(name: string, recipe: Json): string;
  /** Stores the result of a run and deletes its checkpoints. */
  finish(name: string, recipe: Json, result: Json): void;
  /** Writes a text file into the folder, such as a table; returns its path. */
  write(file: string, text: string): string;
}

/**
 * A folder of runs, for experiments that take hours. Each finished run is one JSON file with a checksum; each run in
 * progress is a folder for its checkpoints. Started again with the same folder, an experiment skips runs that are finished
 * and resumes the others.
 *
 *     bare-0.json   bare-1.json   cutout-0/recipe.json   cutout-0/last.ckpt
 *
 * @param dir the folder; it is created at the first write
 * @throws UsageError if a run of the same name has another recipe: its figures would not be comparable; RxaugError if a
 * file cannot be read, is no run, or was changed after it was written
 *
 * @example
 * const store = runStore('experiment');
 * const recipe = { seed: 0, cutout: 8 };
 * if (!store.finished('cutout-0', recipe)) {
 *   const folder = store.begin('cutout-0', recipe); // for checkpoints
 *   store.finish('cutout-0', recipe, { accuracy: 0.8 });
 * }
 * store.finished('cutout-0', recipe) // → { accuracy: 0.8 }
 */
export function runStore(dir: string): RunStore {
  const file = (name: string) => path.join(dir, `${name}.json`);
  const folder = (name: string) => path.join(dir, name);
  const write = (name: string, text: string) => {
    const to = path.join(dir, name);
    replaceFile(to, text);
    return to;
  };
  return {
    finished<R extends Json>(name: string, recipe: Json) {
      const kept = read(file(name));
      if (kept === undefined) return undefined;
      refuseOther(file(name), kept.recipe, recipe);
      return kept.result as R;
    },
    begin(name, recipe) {
      const noted = path.join(folder(name), 'recipe.json');
      const kept = read(noted);
      if (kept) refuseOther(noted, kept.recipe, recipe);
      else write(path.join(name, 'recipe.json'), `${toJson({ recipe }, 2)}\n`);
      return folder(name);
    },
    finish(name, recipe, result) {
      write(`${name}.json`, `${toJson({ recipe, result, sha256: jsonDigest({ recipe, result }) }, 2)}\n`);
      // A worker that was taken for dead may be writing there for a moment.
      rmSync(folder(name), { recursive: true, force: true, maxRetries: 5 });
    },
    write,
  };
}

interface Kept {
  readonly recipe: Json;
  readonly result?: Json;
}

function read(file: string): Kept | undefined {
  if (!existsSync(file)) return undefined;
  let kept: unknown;
  try {
    kept = fromJson(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new RxaugError(
      `${file}: cannot be read as a run (${fileReason(error)}); move it away to run again`,
    );
  }
  const parsed = keptSchema.safeParse(kept);
  if (!parsed.success)
    throw new RxaugError(`${file}: is not a run of an experiment; move it away, or use another folder`);
  const { sha256, ...run } = parsed.data;
  if (sha256 !== undefined && sha256 !== jsonDigest(run))
    throw new RxaugError(`${file}: was changed after it was written; move it away to run again`);
  return run;
}

const json = z.record(z.string(), z.unknown());
/** Old runs have no checksum; runs in progress have no result. */
const keptSchema = z.strictObject({ recipe: json, result: json.optional(), sha256: z.string().optional() });

/** Refuses a run of another recipe; names the first setting that differs. */
function refuseOther(file: string, kept: unknown, requested: Json): void {
  const [was, is] = [kept as Json, throughJson(requested) as Json];
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    if (toJson(was[key]) === toJson(is[key])) continue;
    throw new UsageError(
      `${file}: belongs to a run with ${key} ${show(was[key])}, not ${show(is[key])}; use the same settings, or another folder`,
    );
  }
}
