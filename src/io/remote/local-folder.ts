import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../../core/index.js';
import { unreadable } from '../files.js';
import type { Passed } from '../passed.js';
import { naturalOrder, type Problem } from '../problems.js';
import { imagesUnder } from '../walk-images.js';
import type { Folder } from './folder.js';

/** A folder on this machine: there is nothing to fetch. */
export class LocalFolder implements Folder {
  readonly lists = true;

  constructor(
    private readonly owner: string,
    readonly root: string,
  ) {}

  shown(name = ''): string {
    return this.path(name);
  }

  async list(folder: string): Promise<string[]> {
    const path = this.path(folder);
    try {
      return (await readdir(path)).filter((name) => !name.startsWith('.')).sort(naturalOrder);
    } catch (error) {
      throw new UsageError(`${this.owner}: ${unreadable(error, path).replace('no file', 'no folder')}`, {
        cause: error,
      });
    }
  }

  images(folder: string, problems: Problem[], passed: Passed): Promise<string[]> {
    return imagesUnder({ owner: this.owner, root: this.root, problems, passed }, folder, new Set());
  }

  async first(names: readonly string[]): Promise<string | undefined> {
    return names.find((name) => !this.lacks(name));
  }

  hasFolder(name: string): boolean {
    return existsSync(this.path(name));
  }

  async fetch(): Promise<void> {}

  lacks(name: string): boolean {
    return !existsSync(this.path(name));
  }

  faultOf(): undefined {}

  mayLack(): false {
    return false;
  }

  path(name: string): string {
    return resolve(this.root, name);
  }

  versionOf(): undefined {}

  problems(): Problem[] {
    return [];
  }
}
