/** Many small files by URL, such as the images of a table: each is fetched once, and one that fails keeps no other. */
import { type Problem, problem } from '../problems.js';
import { type DownloadOptions, type Localizing, localizeEach } from './localize.js';
import { isRemote, shownPlace } from './shown-place.js';

export class FetchedFiles {
  private readonly paths = new Map<string, string>();
  private readonly versions = new Map<string, string>();
  /** Of a file that could not be fetched, the reason by URL. */
  readonly faults = new Map<string, string>();
  /** The URLs of those that are not there. */
  readonly absent = new Set<string>();
  /** The URLs of those that the server refuses to give. */
  readonly refused = new Set<string>();

  constructor(
    private readonly owner: string,
    private readonly options: DownloadOptions = {},
    private readonly how: Localizing = {},
  ) {}

  /**
   * @param places URLs to fetch, and paths of this machine, which stay as they are
   * @throws RxaugError for what keeps all of them from being fetched
   */
  static async of(
    owner: string,
    places: Iterable<string>,
    options: DownloadOptions = {},
    how: Localizing = {},
  ): Promise<FetchedFiles> {
    const files = new FetchedFiles(owner, options, how);
    await files.add(places);
    return files;
  }

  /** Fetches more; those that were asked for before are not asked for again. */
  async add(places: Iterable<string>): Promise<void> {
    const urls = new Set<string>();
    for (const place of places)
      if (isRemote(place) && !this.paths.has(place) && !this.faults.has(place)) urls.add(place);
    if (urls.size === 0) return;
    const all = [...urls];
    for (const [i, file] of (await localizeEach(this.owner, all, this.options, this.how)).entries()) {
      const url = all[i] as string;
      if ('fault' in file) {
        this.faults.set(url, file.fault);
        if (file.absent) this.absent.add(url);
        if (file.refused) this.refused.add(url);
      } else {
        this.paths.set(url, file.path);
        this.versions.set(file.path, file.version);
      }
    }
  }

  /**
   * The file on this machine. Of one that could not be fetched it is the URL, as it may be printed: there is no such file,
   * so whoever reads it refuses that one sample by this name, for a reason that may pass.
   */
  path(place: string): string {
    return this.paths.get(place) ?? shownPlace(place);
  }

  /** What identifies the bytes of a file that was fetched; undefined for any other. */
  versionOf(path: string): string | undefined {
    return this.versions.get(path);
  }

  /**
   * One problem for all that could not be fetched: their samples stay, and are refused where they are read.
   *
   * @param absent false: without those that are not there, which the reader tells itself
   */
  problems(where: string, absent = true): Problem[] {
    const faults = [...this.faults].filter(([url]) => absent || !this.absent.has(url));
    const [, first] = faults[0] ?? [];
    if (first === undefined) return [];
    const count = faults.length;
    return [
      problem(
        where,
        `${count === 1 ? '1 file' : `${count} files`} could not be fetched, so that their samples cannot be read; the first: ${first}`,
        0,
      ),
    ];
  }
}
