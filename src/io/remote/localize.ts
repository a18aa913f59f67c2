/** Remote files as local ones. */
import { z } from 'zod';
import { parseOptions, RxaugError, UsageError } from '../../core/index.js';
import { cacheDir } from '../cache-dir.js';
import { DiskError, download, tooLarge } from './download.js';
import { type DownloadProgress, nextCall, publishDownload } from './downloads.js';
import { each, Gate } from './gate.js';
import { HttpSource } from './http-source.js';
import { type Clock, clock, patiently } from './patience.js';
import { type CacheEntry, RemoteCache } from './remote-cache.js';
import { openS3, type S3 } from './s3-client.js';
import { isS3, parseS3 } from './s3-place.js';
import { S3Source } from './s3-source.js';
import { RefusedError, type RemoteInfo, type RemoteSource } from './source.js';

export const downloadOptions = z.strictObject({
  /** The folder of downloaded files: by default `remote` in the user's cache folder. */
  cache: z.string().min(1).optional(),
  /** Bytes that this folder may take; files that were used least recently are removed for others. */
  maxCacheBytes: z
    .number()
    .int()
    .positive()
    .default(100 * 2 ** 30),
  /** A larger file is refused. */
  maxFileBytes: z
    .number()
    .int()
    .positive()
    .default(64 * 2 ** 30),
  /** Requests at a time. */
  connections: z.int().min(1).max(64).default(4),
  /** Called as bytes come. */
  onProgress: z.custom<(progress: DownloadProgress) => void>((f) => typeof f === 'function').optional(),
});

export type { DownloadProgress };

/** Options of downloads: `cache`, `maxCacheBytes`, `maxFileBytes`, `connections`, `onProgress`. */
export type DownloadOptions = z.input<typeof downloadOptions>;

/** What tests change, and callers of the command line give. */
export interface Localizing {
  readonly signal?: AbortSignal;
  readonly time?: Clock;
  readonly part?: number;
}

interface Wanted {
  readonly source: RemoteSource;
  readonly info: RemoteInfo;
  readonly entry: CacheEntry;
}

/** A file that was fetched. */
export interface LocalFile {
  readonly path: string;
  /** URL without signatures, ETag or time, and size: the same for the same bytes on every machine. */
  readonly version: string;
}

/** A file that could not be fetched, and why: one sentence that begins with its name. */
export interface NotFetched {
  readonly fault: string;
  /** The server says that there is no such file. */
  readonly absent: boolean;
  /** The server does not let it be read, or says so of what is not there. */
  readonly refused: boolean;
}

/** There is no such file. */
class AbsentError extends UsageError {}

/** Above so many files, the lookup of sizes and versions takes a while, so its progress is published too. */
const MANY = 8;

/** Files that fail one after another, though they should be there: from then on the server is taken for the reason. */
const MOST_FAILURES = 16;

/**
 * Fetches files, `http(s)://` and `s3://`, to the cache folder. What is there already is not fetched again, unless its
 * ETag or Last-Modified is another one; a download that broke off continues where it stopped.
 *
 * @param owner at the start of errors
 * @returns a local file for each URL; the file stays for as long as this process lives
 * @throws UsageError if there is no such file; RxaugError if it cannot be fetched whole
 */
export async function localize(
  owner: string,
  urls: readonly string[],
  options: DownloadOptions = {},
  how: Localizing = {},
): Promise<LocalFile[]> {
  const fetched = await fetchAll(owner, urls, options, how, false);
  return fetched as LocalFile[]; // one that cannot be fetched has thrown
}

/**
 * As `localize`, where one file that is missing, refused or of a wrong length keeps no other from being fetched.
 *
 * @throws RxaugError for what concerns all: the disk here, no room in the cache, a server of which many files in a row fail
 */
export function localizeEach(
  owner: string,
  urls: readonly string[],
  options: DownloadOptions = {},
  how: Localizing = {},
): Promise<(LocalFile | NotFetched)[]> {
  return fetchAll(owner, urls, options, how, true);
}

async function fetchAll(
  owner: string,
  urls: readonly string[],
  options: DownloadOptions,
  { signal = new AbortController().signal, time = clock, part }: Localizing,
  tolerant: boolean,
): Promise<(LocalFile | NotFetched)[]> {
  const faults = new Map<number, NotFetched>();
  const call = nextCall();
  let asked = 0;
  const failures = new Failures(tolerant, signal);
  const o = parseOptions(owner, downloadOptions, options);
  const cache = new RemoteCache(o.cache ?? cacheDir('remote'), o.maxCacheBytes);
  const clients = new Map<string, Promise<S3>>();
  const looked: (Pick<Wanted, 'source' | 'info'> | undefined)[] = [];
  const found: (Wanted | undefined)[] = [];
  try {
    await each(urls.keys(), o.connections, async (i) => {
      const fault = await failures.of(async () => {
        const source = await sourceOf(owner, urls[i] as string, clients, time);
        const info = await patiently(source.name, time, signal, () => source.look(signal));
        if (!info) throw new AbsentError(`${owner}: there is no file ${source.name}; check the URL`);
        if ((info.bytes ?? 0) > o.maxFileBytes) throw tooLarge(source.name, info.bytes, o.maxFileBytes);
        looked[i] = { source, info };
      });
      if (fault) faults.set(i, fault);
      asked++;
      // Of a few files the progress of the download follows soon.
      if (asked < urls.length && urls.length > MANY)
        publishDownload({ call, looked: asked, files: 0, allFiles: urls.length, bytes: 0, allBytes: 0 });
      const there = looked[i];
      found[i] = there && { ...there, entry: cache.use(there.source, there.info) };
    });
    // Of URLs of the same file one is fetched.
    const wanted = [...new Map(found.flatMap((file) => (file ? [[file.entry.file, file]] : []))).values()];
    const missing = wanted.filter(({ entry, info }) => !cache.has(entry, info));
    cache.sweep();
    cache.makeRoom(missing.map(({ entry, info }) => ({ folder: entry.folder, bytes: info.bytes ?? 0 })));
    const state = progressOf(wanted, missing, o.onProgress, call);
    const gate = new Gate(o.connections);
    const broken = new Map<string, NotFetched>();
    await each(missing, o.connections, async (file) => {
      const { maxFileBytes: maxBytes, connections } = o;
      const fault = await failures.of(() =>
        download({ ...file, gate, connections, maxBytes, time, signal, part, onBytes: state.bytes }),
      );
      if (fault) broken.set(file.entry.file, fault);
      state.file();
    });
    if (missing.some(({ info }) => info.bytes === undefined)) cache.makeRoom([]);
    return urls.map((_, i) => {
      const fault = faults.get(i);
      if (fault) return fault;
      const { entry } = found[i] as Wanted; // of what could not be found there is a fault
      return broken.get(entry.file) ?? { path: entry.file, version: entry.version };
    });
  } finally {
    for (const client of clients.values())
      client.then(({ client }) => client.destroy()).catch(() => undefined);
  }
}

/** What of single files may fail without ending the others. */
class Failures {
  private inARow = 0;

  constructor(
    private readonly tolerant: boolean,
    private readonly signal: AbortSignal,
  ) {}

  /** Why a file could not be fetched. @throws what concerns all files, or all errors where none is tolerated */
  async of(work: () => Promise<void>): Promise<NotFetched | undefined> {
    try {
      await work();
      this.inARow = 0;
      return undefined;
    } catch (error) {
      const single = error instanceof RxaugError && !(error instanceof DiskError) && !this.signal.aborted;
      if (!this.tolerant || !single) throw error;
      // A server that answers that there is no such file works.
      const works = error instanceof UsageError || error instanceof RefusedError;
      if (!works && ++this.inARow >= MOST_FAILURES) throw error;
      if (works) this.inARow = 0;
      return {
        fault: error.message,
        absent: error instanceof AbsentError,
        refused: error instanceof RefusedError,
      };
    }
  }
}

async function sourceOf(
  owner: string,
  url: string,
  clients: Map<string, Promise<S3>>,
  time: Clock,
): Promise<RemoteSource> {
  if (!isS3(url)) return new HttpSource(owner, url, time);
  const place = parseS3(owner, url);
  if (place.key === '' || place.key.endsWith('/'))
    throw new UsageError(`${owner}: ${place.name} names no file; write s3://bucket/key, or a pattern`);
  const server = JSON.stringify([place.endpoint, place.region]);
  const client = clients.get(server) ?? openS3(owner, place);
  clients.set(server, client);
  return new S3Source(await client, place);
}

function progressOf(
  wanted: readonly Wanted[],
  missing: readonly Wanted[],
  onProgress: ((progress: DownloadProgress) => void) | undefined,
  call: number,
) {
  const sum = (files: readonly Wanted[]) => files.reduce((total, { info }) => total + (info.bytes ?? 0), 0);
  const allBytes = sum(wanted);
  let files = wanted.length - missing.length;
  let bytes = allBytes - sum(missing);
  const report = () => {
    const progress = { files, allFiles: wanted.length, bytes, allBytes };
    onProgress?.(progress);
    if (missing.length > 0) publishDownload({ call, looked: wanted.length, ...progress });
  };
  report();
  return {
    bytes(more: number) {
      bytes += more;
      report();
    },
    file() {
      files++;
      report();
    },
  };
}
