import { extname } from 'node:path';
import { RxaugError, UsageError } from '../../core/index.js';
import { IMAGE_ENDINGS } from '../decode/sniff.js';
import { kindOf, type Passed } from '../passed.js';
import { naturalOrder, type Problem, problem } from '../problems.js';
import { urlBelow } from './anywhere.js';
import type { FetchedFiles } from './fetched-files.js';
import type { Folder } from './folder.js';
import { type DownloadOptions, type LocalFile, localizeEach, type NotFetched } from './localize.js';
import { presence } from './presence.js';
import { shownPlace } from './shown-place.js';

/** A folder at a URL: of S3 its files are known, of a web server those that were asked for. */
export class FarFolder implements Folder {
  /** Files that a web server refused and that count as missing. */
  private readonly doubtful: Problem[] = [];

  constructor(
    private readonly owner: string,
    private readonly url: string,
    private readonly fetched: FetchedFiles,
    private readonly download: DownloadOptions | undefined,
    /** All files in it; undefined where they cannot be listed. */
    private readonly names: ReadonlySet<string> | undefined,
  ) {}

  get lists(): boolean {
    return this.names !== undefined;
  }

  shown(name = ''): string {
    return shownPlace(this.place(name)).replace(/\/+$/, '');
  }

  async list(folder: string): Promise<string[]> {
    const within = new Set<string>();
    for (const name of this.below(folder)) within.add(name.split('/', 1)[0] as string);
    if (within.size === 0)
      throw new UsageError(`${this.owner}: there is no folder ${this.shown(folder)}; check the URL`);
    return [...within].filter((name) => !name.startsWith('.')).sort(naturalOrder);
  }

  async images(folder: string, problems: Problem[], passed: Passed): Promise<string[]> {
    const found: string[] = [];
    const hidden = new Set<string>();
    const start = folder === '' ? '' : `${folder}/`;
    for (const name of [...this.below(folder)].sort(naturalOrder).map((rest) => start + rest)) {
      // A hidden folder counts once, as one that is not looked into.
      const secret = /^(?:[^/]*\/)*?\.[^/]*/.exec(name.slice(start.length))?.[0];
      if (secret !== undefined) {
        if (!hidden.has(secret)) passed.add('hidden', start + secret);
        hidden.add(secret);
      } else if (name.split('/').includes(''))
        problems.push(problem(this.shown(name), 'its name holds an empty part; rename it'));
      else if (IMAGE_ENDINGS.includes(extname(name).slice(1).toLowerCase())) found.push(name);
      else passed.add(kindOf(name), name);
    }
    return found;
  }

  async first(names: readonly string[]): Promise<string | undefined> {
    const name = this.names ? names.find((one) => this.names?.has(one)) : await this.firstAnswered(names);
    if (name === undefined) return undefined;
    await this.fetch([name]);
    const fault = this.fetched.faults.get(this.place(name));
    if (fault !== undefined) throw new RxaugError(fault);
    return name;
  }

  hasFolder(name: string): boolean {
    return !this.below(name).next().done;
  }

  async fetch(names: Iterable<string>): Promise<void> {
    const urls = [...names].filter((name) => this.names?.has(name) ?? true).map((name) => this.place(name));
    await this.fetched.add(urls);
  }

  lacks(name: string): boolean {
    // What was listed may be gone when it is fetched.
    return this.fetched.absent.has(this.place(name)) || (this.names !== undefined && !this.names.has(name));
  }

  faultOf(name: string): string | undefined {
    const url = this.place(name);
    return this.fetched.absent.has(url) ? undefined : this.fetched.faults.get(url);
  }

  mayLack(name: string): boolean {
    return this.names === undefined && this.fetched.refused.has(this.place(name));
  }

  path(name: string): string {
    return this.fetched.path(this.place(name));
  }

  versionOf(path: string): string | undefined {
    return this.fetched.versionOf(path);
  }

  problems(where: string): Problem[] {
    return [...this.doubtful, ...this.fetched.problems(where, false)];
  }

  /** Of files that may be missing the first that is there. */
  private async firstAnswered(names: readonly string[]): Promise<string | undefined> {
    const urls = names.map((name) => this.place(name));
    const files = await localizeEach(this.owner, urls, this.download);
    return names.find(
      (name, i) =>
        presence(this.shown(name), files[i] as LocalFile | NotFetched, this.doubtful) !== undefined,
    );
  }

  private place(name: string): string {
    return urlBelow(this.owner, this.url, name);
  }

  /** Files below a folder, relative to that. */
  private *below(folder: string): Generator<string> {
    const start = folder === '' || folder === '.' ? '' : `${folder}/`;
    for (const name of this.names ?? []) if (name.startsWith(start)) yield name.slice(start.length);
  }
}
