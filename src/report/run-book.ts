/**
 * A folder of runs for experiments that take hours: each finished run is one JSON file, each run in progress a
 * folder for its checkpoints. Whoever begins again with the same folder skips what is finished and goes on with
 * what is not; a run of another recipe is refused, for its figures would not belong with the others.
 *
 *   bare-0.json   bare-1.json   cutout-0/recipe.json   cutout-0/last.ckpt
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf, RxaugError, show, UsageError } from '../core/errors.js';
import { makeFolder } from '../core/make-folder.js';
import { printableJson } from '../core/printable.js';

type Json = Readonly<Record<string, unknown>>;

export interface RunBook {
  /** What a run came to, where it is finished. */
  finished<R extends Json>(name: string, recipe: Json): R | undefined;
  /** The folder for the checkpoints of a run, made where there is none. */
  begin(name: string, recipe: Json): string;
  /** Keeps what a run came to, and lets go of its checkpoints. */
  finish(name: string, recipe: Json, result: Json): void;
  /** A text beside the runs, such as a table of them; returns its path. */
  write(file: string, text: string): string;
}

export function runBook(dir: string): RunBook {
  const file = (name: string) => path.join(dir, `${name}.json`);
  const folder = (name: string) => path.join(dir, name);
  const write = (name: string, text: string) => {
    const to = path.join(dir, name);
    makeFolder(path.dirname(to));
    writeFileSync(`${to}.part`, text);
    renameSync(`${to}.part`, to);
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
      else write(path.join(name, 'recipe.json'), `${printableJson({ recipe }, 2)}\n`);
      return folder(name);
    },
    finish(name, recipe, result) {
      write(`${name}.json`, `${printableJson({ recipe, result }, 2)}\n`);
      rmSync(folder(name), { recursive: true, force: true });
    },
    write,
  };
}

function read(file: string): { recipe: unknown; result?: unknown } | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof kept?.recipe === 'object' && kept.recipe !== null) return kept;
  } catch (error) {
    throw new RxaugError(`${file}: cannot be read as a run (${messageOf(error)}); move it away to run again`);
  }
  throw new RxaugError(`${file}: is not a run of an experiment; move it away, or use another folder`);
}

/** The first setting that differs is named. */
function refuseOther(file: string, kept: unknown, wanted: Json): void {
  const [was, is] = [kept as Json, JSON.parse(JSON.stringify(wanted)) as Json];
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    if (JSON.stringify(was[key]) === JSON.stringify(is[key])) continue;
    throw new UsageError(
      `${file}: is of a run with ${key} ${show(was[key])}, not ${show(is[key])}; use the same settings, or another folder`,
    );
  }
}
