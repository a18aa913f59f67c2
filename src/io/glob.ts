/**
 * Files by pattern: `{000..009}` and `{a,b}` are expanded first, then `*`, `?`, `[0-9]`, `[!abc]` and `**` are matched
 * against what is there, hidden files left out. Matches come in natural order, patterns in the given one. Names are
 * matched by picomatch; folders are walked here, because its usual walkers silently leave out unreadable folders and
 * broken links, and find a file again in each circle of links.
 */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, parse, resolve } from 'node:path';
import picomatch from 'picomatch';
import { messageOf, printable, show, UsageError } from '../core/index.js';
import { naturalOrder } from './problems.js';

/** More alternatives than this are a mistake. */
const MAX_EXPANSIONS = 100_000;

/** Absolute paths of all files that the patterns name, each once; a pattern that names none throws. */
export function filesOf(owner: string, patterns: string | readonly string[]): string[] {
  const found = new Set<string>();
  for (const pattern of typeof patterns === 'string' ? [patterns] : patterns) {
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(pattern)) {
      throw new UsageError(
        `${owner}: '${printable(pattern, 500)}' is not a local path; download the files first`,
      );
    }
    for (const path of expandBraces(owner, pattern)) {
      const matches = isFile(path) ? [resolve(path)] : /[*?[]/.test(path) ? matching(path) : [];
      if (matches.length === 0) {
        const of = path === pattern ? '' : ` (of '${printable(pattern, 500)}')`;
        throw new UsageError(
          `${owner}: no file matches '${printable(path, 500)}'${of}; check the path, which is taken from ${process.cwd()}`,
        );
      }
      for (const match of matches) found.add(match);
    }
  }
  if (found.size === 0) throw new UsageError(`${owner}: no pattern was given; give the path of a file`);
  return [...found];
}

/** `a{0..2}` → a0, a1, a2; leading zeros keep their width. Braces without `..` or `,` are plain characters. */
export function expandBraces(owner: string, pattern: string): string[] {
  for (let open = pattern.indexOf('{'); open !== -1; open = pattern.indexOf('{', open + 1)) {
    const close = closing(pattern, open);
    if (close === -1) break;
    const options = alternatives(owner, pattern.slice(open + 1, close));
    if (!options) continue;
    const tails = expandBraces(owner, pattern.slice(close + 1));
    const heads = options.flatMap((option) => expandBraces(owner, option));
    if (heads.length * tails.length > MAX_EXPANSIONS) throw tooMany(owner, pattern);
    return heads.flatMap((head) => tails.map((tail) => pattern.slice(0, open) + head + tail));
  }
  return [pattern];
}

function closing(pattern: string, open: number): number {
  let depth = 0;
  for (let i = open; i < pattern.length; i++) {
    if (pattern[i] === '{') depth++;
    if (pattern[i] === '}' && --depth === 0) return i;
  }
  return -1;
}

function alternatives(owner: string, inside: string): string[] | undefined {
  const range = /^(\d+)\.\.(\d+)$/.exec(inside);
  if (range) {
    const [from, to] = [range[1] as string, range[2] as string];
    const count = Math.abs(Number(to) - Number(from)) + 1;
    if (count > MAX_EXPANSIONS) throw tooMany(owner, `{${inside}}`);
    const width = from.startsWith('0') || to.startsWith('0') ? Math.max(from.length, to.length) : 0;
    const step = Number(to) >= Number(from) ? 1 : -1;
    return Array.from({ length: count }, (_, i) => String(Number(from) + i * step).padStart(width, '0'));
  }
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < inside.length; i++) {
    if (inside[i] === '{') depth++;
    else if (inside[i] === '}') depth--;
    else if (inside[i] === ',' && depth === 0) {
      parts.push(inside.slice(start, i));
      start = i + 1;
    }
  }
  return parts.length > 0 ? [...parts, inside.slice(start)] : undefined;
}

function tooMany(owner: string, pattern: string): UsageError {
  return new UsageError(
    `${owner}: '${printable(pattern, 500)}' expands to more than ${MAX_EXPANSIONS} names; use * instead`,
  );
}

function matching(pattern: string): string[] {
  const { root } = parse(pattern);
  const segments = pattern
    .slice(root.length)
    .split(/[/\\]/)
    .filter((s) => s !== '' && s !== '.');
  let folders = [isAbsolute(pattern) ? root : process.cwd()];
  segments.forEach((segment, i) => {
    const last = i === segments.length - 1;
    folders = folders.flatMap((folder) => step(folder, segment, last));
  });
  return [...new Set(folders)].sort(naturalOrder);
}

function step(folder: string, segment: string, last: boolean): string[] {
  if (segment === '**') return [folder, ...descendants(folder)];
  // A broken link is found: its reader reports it.
  const isFound = last ? (path: string) => isFile(path) || isBroken(path) : isFolder;
  if (!/[*?[]/.test(segment)) return [join(folder, segment)].filter(isFound);
  const matches = matcher(segment);
  return list(folder)
    .filter((name) => matches(name))
    .map((name) => join(folder, name))
    .filter(isFound);
}

function descendants(folder: string): string[] {
  // Links are not followed here, for they may lead round in a circle.
  const inside = within(folder, () => readdirSync(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(folder, entry.name));
  return inside.flatMap((path) => [path, ...descendants(path)]);
}

/** Whether a name matches. Only `*`, `?` and `[]` are special: a folder may well be called `data (1)`. */
function matcher(segment: string): (name: string) => boolean {
  const literal = segment.replace(/[()]/g, '\\$&');
  try {
    return picomatch(literal, { noextglob: true, nobrace: true, nonegate: true, posix: true, debug: true });
  } catch {
    throw new UsageError(`${show(segment)} is no pattern; write a range of characters as [a-z]`);
  }
}

function list(folder: string): string[] {
  return isFolder(folder) ? within(folder, () => readdirSync(folder)) : [];
}

function within<T>(folder: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(
      `${folder}: the folder cannot be listed (${messageOf(error)}); check its permissions`,
      { cause: error },
    );
  }
}

function isBroken(path: string): boolean {
  const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return link && statSync(path, { throwIfNoEntry: false }) === undefined;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
