/**
 * A folder of runs for experiments that take hours: each finished run is one JSON file, each run in progress a
 * folder for its checkpoints. A second start with the same folder skips what is finished and resumes what is not; a run
 * of another recipe is refused, for its figures would not belong with the others. A finished run has a checksum.
 *
 *   bare-0.json   bare-1.json   cutout-0/recipe.json   cutout-0/last.ckpt
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { RxaugError, show, UsageError } from '../core/errors.js';
import { fileReason } from '../core/file-errors.js';
import { fromJson, throughJson, toJson } from '../core/json.js';
import { replaceFile } from '../core/write-file.js';

type Json = Readonly<Record<string, unknown>>;

export interface RunStore {
  /** What a run came to, where it is finished. */
  finished<R extends Json>(name: string, recipe: Json): R | undefined;
  /** The folder for the checkpoints of a run, made where there is none. */
  begin(name: string, recipe: Json): string;
  /** Keeps what a run came to, and lets go of its checkpoints. */
  finish(name: string, recipe: Json, result: Json): void;
  /** A text beside the runs, such as a table of them; returns its path. */
  write(file: string, text: string): string;
}

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
      write(`${name}.json`, `${toJson({ recipe, result, sha256: digestOf({ recipe, result }) }, 2)}\n`);
      rmSync(folder(name), { recursive: true, force: true });
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
  if (sha256 !== undefined && sha256 !== digestOf(run))
    throw new RxaugError(`${file}: was changed after it was written; move it away to run again`);
  return run;
}

const json = z.record(z.string(), z.unknown());
/** Runs that were finished before there were checksums have none; what is begun has no result yet. */
const keptSchema = z.strictObject({ recipe: json, result: json.optional(), sha256: z.string().optional() });

/** Of what a reader will see. */
function digestOf(run: Kept): string {
  return createHash('sha256')
    .update(toJson(throughJson(run)))
    .digest('hex');
}

/** The first setting that differs is named. */
function refuseOther(file: string, kept: unknown, wanted: Json): void {
  const [was, is] = [kept as Json, throughJson(wanted) as Json];
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    if (toJson(was[key]) === toJson(is[key])) continue;
    throw new UsageError(
      `${file}: is of a run with ${key} ${show(was[key])}, not ${show(is[key])}; use the same settings, or another folder`,
    );
  }
}
