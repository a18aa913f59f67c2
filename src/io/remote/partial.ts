/**
 * A download under way: a file that has its final length from the start, and beside it the list of the parts that are on
 * the disk. A process that continues where another one was killed takes both over.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile, syncFolder } from '../../core/files/write-file.js';
import { isLive, isOfKind, processName } from './process-names.js';
import type { CacheEntry } from './remote-cache.js';

/** Bytes that are asked for at a time. */
export const PART = 16 << 20;

const stateSchema = z.object({ part: z.number(), done: z.array(z.number()) });

export class Partial {
  private constructor(
    private readonly entry: CacheEntry,
    private name: string,
    readonly handle: FileHandle,
    /** Numbers of the parts that are complete and synced. */
    readonly done: Set<number>,
    private readonly part: number,
  ) {}

  /** Takes over what another process left, else begins anew. */
  static async open(entry: CacheEntry, part = PART): Promise<Partial> {
    const name = processName('part');
    const file = join(entry.folder, name);
    if (!takeOver(entry.folder, file))
      return new Partial(entry, name, await open(file, 'wx'), new Set(), part);
    return new Partial(entry, name, await open(file, 'r+'), new Set(doneIn(`${file}.json`, part)), part);
  }

  /** Remembers that a part is complete, once it is on the disk. */
  async complete(part: number): Promise<void> {
    await this.handle.datasync();
    this.done.add(part);
    replaceFile(
      `${join(this.entry.folder, this.name)}.json`,
      JSON.stringify({ part: this.part, done: [...this.done] }),
    );
  }

  /** Gives the file its final name. */
  async finish(): Promise<void> {
    await this.handle.sync();
    await this.handle.close();
    const file = join(this.entry.folder, this.name);
    renameSync(file, this.entry.file);
    syncFolder(this.entry.folder);
    rmSync(`${file}.json`, { force: true });
  }

  /** Leaves it to whoever wants the file next. */
  async leave(): Promise<void> {
    await this.handle.close();
    const file = join(this.entry.folder, this.name);
    const free = join(this.entry.folder, processName('part', { free: true }));
    try {
      renameSync(`${file}.json`, `${free}.json`);
      renameSync(file, free);
    } catch {
      rmSync(file, { force: true }); // no part of it is complete
    }
  }

  /** Removes it: its bytes belong to no file. */
  async drop(): Promise<void> {
    await this.handle.close();
    const file = join(this.entry.folder, this.name);
    rmSync(file, { force: true });
    rmSync(`${file}.json`, { force: true });
  }
}

function takeOver(folder: string, file: string): boolean {
  for (const name of readdirSync(folder)) {
    const there = isOfKind('part', name)
      ? statSync(join(folder, name), { throwIfNoEntry: false })
      : undefined;
    if (!there || isLive(name, there.mtimeMs)) continue;
    try {
      renameSync(join(folder, name), file); // one of several succeeds
    } catch {
      continue;
    }
    try {
      renameSync(join(folder, `${name}.json`), `${file}.json`);
    } catch {
      // No part of it is complete.
    }
    return true;
  }
  return false;
}

function doneIn(file: string, part: number): number[] {
  try {
    const state = stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return state.part === part ? state.done : [];
  } catch {
    return [];
  }
}
