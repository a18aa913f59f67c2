/** Creates folders below an output folder one by one, so no link leads out of it. */
import { lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { show, UsageError } from '../../core/index.js';

/** A path as it is once all links are followed, though its end may not be there yet. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPath(above), path.slice(above.length).replace(/^[/\\]+/, ''));
  }
}

/** Whether a real path is another one or lies below it. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

export class SafeFolder {
  private readonly made = new Set<string>(['']);

  constructor(private readonly root: string) {}

  /** Makes a folder, relative to the root, and those above it; refuses what is there and is no folder. */
  make(folder: string): void {
    if (folder === '.' || this.made.has(folder)) return;
    const above = dirname(folder);
    this.make(above);
    const path = join(this.root, folder);
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there && !there.isDirectory())
      throw new UsageError(
        `augment: ${show(path)} is ${there.isSymbolicLink() ? 'a link' : 'no folder'}; remove it, or choose another folder to write to`,
      );
    if (!there) mkdirSync(path);
    this.made.add(folder);
  }
}
