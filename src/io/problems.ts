/** Problems that readers report. */
import {
  BadSampleError,
  type Dataset,
  type ImageRef,
  type ItemStream,
  type Problem,
  printable,
} from '../core/index.js';

export type { Problem };

/** Names in problems come from archives and folders: they are made printable here. */
export function problem(where: string, reason: string, passed?: number): Problem {
  const shown = { where: printable(where, 500), reason: printable(reason, 2000) };
  return passed === undefined ? shown : { ...shown, passed };
}

/** A data set with random access, and the problems of its files: what was left out when it was opened, and why. */
export interface OpenedDataset extends Dataset {
  readonly problems: readonly Problem[];
  /** Names of the classes of boxes, where the data have boxes and name them. */
  readonly boxClasses?: readonly string[];
  /** The folder of which all is read, whatever is added to it. */
  readonly root?: string;
}

/** What identifies the bytes of files, by path, as in `Dataset.versionOf`; undefined where path, size and time do. */
export type FileVersions = readonly (readonly [path: string, version: string | undefined])[];

/** An item stream, and what its passes so far have left out, and why. */
export interface OpenedStream extends ItemStream {
  readonly problems: readonly Problem[];
}

/** Name of an image in messages, if the caller has no better one. */
export function nameOf(ref: ImageRef): string {
  if (ref.kind === 'file') return ref.path;
  if (ref.kind === 'range') return `${ref.path} (bytes ${ref.offset}..${ref.offset + ref.length - 1})`;
  if (ref.kind === 'raw') return `${ref.path} (pixels from byte ${ref.offset} on)`;
  return ref.kind === 'bytes' ? 'an image in memory' : 'pixels in memory';
}

/** `where: reason` as the error that sets one sample aside. */
export function badSample(where: string, reason: string, cause?: unknown): BadSampleError {
  return new BadSampleError(
    `${printable(where, 500)}: ${reason}`,
    cause === undefined ? undefined : { cause },
  );
}

/** The code of a system error: `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/**
 * Compares names in natural order: runs of digits as numbers (`img9` before `img10`), all else by UTF-16 code unit, so the
 * result depends on no locale. Equal numbers that are spelled differently (`7`, `07`) compare by code unit.
 *
 * @returns a number below, above or equal to 0, as `sort` expects
 *
 * @example
 * ['img10', 'img9'].sort(naturalOrder) // → ['img9', 'img10']
 */
export function naturalOrder(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(j);
    if (digit(x) && digit(y)) {
      while (a.charCodeAt(i) === 48) i++;
      while (b.charCodeAt(j) === 48) j++;
      let end = i;
      while (digit(a.charCodeAt(end))) end++;
      let other = j;
      while (digit(b.charCodeAt(other))) other++;
      if (end - i !== other - j) return end - i - (other - j);
      for (; i < end; i++, j++)
        if (a.charCodeAt(i) !== b.charCodeAt(j)) return a.charCodeAt(i) - b.charCodeAt(j);
    } else {
      if (x !== y) return x - y;
      i++;
      j++;
    }
  }
  return a.length - i - (b.length - j) || (a < b ? -1 : Number(a > b));
}

function digit(code: number): boolean {
  return code >= 48 && code <= 57;
}
