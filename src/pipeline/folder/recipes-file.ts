/**
 * recipes.jsonl: what a folder of augmented images was made with. The first line holds the settings, each of the others
 * a file: the image that it is of, the draws, and what they were made from, so that a later run knows what is finished.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { PipelineJson } from '../../augment/index.js';
import { replaceFile } from '../../core/files/write-file.js';
import { messageOf, printableJson, RxaugError, UsageError } from '../../core/index.js';

/** The file's name in the folder that is written. */
export const RECIPES = 'recipes.jsonl';

/** The version that this code writes and reads. */
const VERSION = 1;

/** All that a file depends on, besides its image and the number of its copy. */
export interface FolderSettings {
  readonly seed: number;
  readonly format: 'png' | 'jpeg' | 'webp';
  readonly quality?: number;
  /** Where in training schedules are read off. */
  readonly progress?: number;
  readonly transforms: PipelineJson['transforms'];
}

const lineSchema = z.strictObject({
  /** Relative to the folder of this file: `cat/7-0.jpg`. */
  file: z.string().min(1),
  /** Relative to the folder of the images: `cat/7.jpg`. */
  image: z.string().min(1),
  copy: z.int().min(0),
  /** The first 16 digits of the SHA-256 of the image's bytes. */
  digest: z.string(),
  /** Bytes of the file. */
  bytes: z.int().min(0),
  width: z.int().min(1),
  height: z.int().min(1),
  recipe: z.array(z.strictObject({ op: z.string(), params: z.record(z.string(), z.unknown()) })),
});

/** One written file. */
export type RecipeLine = z.output<typeof lineSchema>;

/** The first line. */
export const headOf = (settings: FolderSettings) => ({ augmented: VERSION, ...settings });

/** The lines of an earlier run, by file; undefined where there was none. */
export interface Earlier {
  readonly settings: Record<string, unknown>;
  readonly lines: Map<string, RecipeLine>;
}

/** Reads what an earlier run left; a last line that was cut short by a kill does not count. */
export function readRecipes(out: string): Earlier | undefined {
  const file = join(out, RECIPES);
  if (!existsSync(file)) return undefined;
  const texts = readFileSync(file, 'utf8').split('\n');
  texts.pop();
  const [head, ...rest] = texts.map((text, i) => parsed(file, text, i + 1));
  if (head === undefined) return undefined;
  const { augmented, ...settings } = head;
  if (augmented !== VERSION)
    throw new UsageError(
      `${file}: expected the recipes of rxaug augment but its first line is another; choose another folder`,
    );
  const lines = new Map<string, RecipeLine>();
  rest.forEach((value, i) => {
    const line = lineSchema.safeParse(value);
    if (!line.success)
      throw new RxaugError(
        `${file}: line ${i + 2} is not of rxaug augment; remove it, or choose another folder`,
      );
    lines.set(line.data.file, line.data);
  });
  return { settings, lines };
}

function parsed(file: string, text: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    throw new TypeError('it is no object');
  } catch (error) {
    throw new RxaugError(
      `${file}: line ${number} is not JSON (${messageOf(error)}); remove it, or choose another folder`,
    );
  }
}

/** What is not as it was: 'seed 0, not 1'; empty where all agrees. */
export function settingsChanges(was: Record<string, unknown>, now: FolderSettings): string[] {
  const after = JSON.parse(JSON.stringify(now)) as Record<string, unknown>;
  return [...new Set([...Object.keys(was), ...Object.keys(after)])]
    .filter((name) => !isDeepStrictEqual(was[name], after[name]))
    .map((name) =>
      name === 'transforms' ? 'other transforms' : `${name} ${shown(after[name])}, not ${shown(was[name])}`,
    );
}

const shown = (value: unknown) => (value === undefined ? 'by default' : String(value));

/** Replaces the file by these lines, in their order. */
export function writeRecipes(out: string, settings: FolderSettings, lines: Iterable<RecipeLine>): void {
  const texts = [headOf(settings), ...lines].map((line) => `${printableJson(line)}\n`);
  replaceFile(join(out, RECIPES), texts.join(''));
}

/** The draws of one file, for `rxaug render`. */
export function recipeOf(path: string, text: string, file: string): unknown {
  for (const line of text.split('\n')) {
    try {
      const value = JSON.parse(line) as { file?: unknown; recipe?: unknown };
      if (value.file === file) return value.recipe;
    } catch {
      // The last line of a run that was killed.
    }
  }
  throw new UsageError(`--file: '${path}' has no recipe of '${file}'; give a name as its lines have it`);
}
