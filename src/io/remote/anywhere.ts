/** Files by pattern wherever they are: local ones, and remote ones that are fetched first. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import picomatch from 'picomatch';
import { printable, UsageError } from '../../core/index.js';
import { expandBraces, filesOf } from '../glob.js';
import { naturalOrder, type Problem } from '../problems.js';
import { isHttp, parseHttp, shownUrl } from './http-request.js';
import {
  type DownloadOptions,
  type LocalFile,
  type Localizing,
  localize,
  localizeEach,
  type NotFetched,
} from './localize.js';
import { presence } from './presence.js';
import { openS3, s3Error } from './s3-client.js';
import { listS3 } from './s3-list.js';
import { isS3, parseS3, withKey } from './s3-place.js';
import { isRemote, shownPlace } from './shown-place.js';

/** A file to read. */
export interface FoundFile {
  /** On this machine. */
  readonly path: string;
  /** Where it comes from: the local path, or the URL without its query. It is the same on every run. */
  readonly source: string;
  /** The URL, if it is remote. */
  readonly url?: string;
  /** What identifies the bytes of a remote file, the same on every machine. */
  readonly version?: string;
}

/**
 * All files that the patterns name, each once, as `filesOf` finds local ones; URLs (`http(s)://`, `s3://`) are fetched to
 * the cache folder. Braces are expanded in URLs too, `*`, `?`, `[]` and `**` in those of S3 alone, which can be listed.
 *
 * @throws UsageError if a pattern names no file; RxaugError if one cannot be fetched
 */
export async function filesOfAnywhere(
  owner: string,
  patterns: string | readonly string[],
  options: DownloadOptions = {},
  how: Localizing = {},
): Promise<FoundFile[]> {
  const places: { readonly path?: string; readonly url?: string; readonly source: string }[] = [];
  for (const pattern of typeof patterns === 'string' ? [patterns] : patterns) {
    if (isS3(pattern)) {
      for (const url of await expandS3(owner, pattern))
        places.push({ url, source: parseS3(owner, url).name });
    } else if (isHttp(pattern)) {
      for (const url of expandHttp(owner, pattern))
        places.push({ url, source: shownUrl(parseHttp(owner, url)) });
    } else {
      for (const path of filesOf(owner, localOf(owner, pattern))) places.push({ path, source: path });
    }
  }
  if (places.length === 0) filesOf(owner, []); // throws: no pattern was given
  const unique = [...new Map(places.map((place) => [place.path ?? place.url, place])).values()];
  const urls = unique.flatMap(({ url }) => url ?? []);
  const fetched = urls.length > 0 ? await localize(owner, urls, options, how) : [];
  let next = 0;
  const names = new Set<string>();
  return unique.map(({ path, url, source }) => {
    const name = once(names, source);
    return path === undefined
      ? { ...(fetched[next++] as LocalFile), source: name, url }
      : { path, source: name };
  });
}

/**
 * A file of this name in the folder of another one; undefined where there is none.
 *
 * @param problems gets what a server refused and counts as missing
 */
export async function besides(
  owner: string,
  file: FoundFile,
  name: string,
  problems: Problem[],
  options: DownloadOptions = {},
): Promise<string | undefined> {
  if (file.url === undefined) {
    const path = join(dirname(file.path), name);
    return existsSync(path) ? path : undefined;
  }
  const url = siblingOf(owner, file.url, name);
  const [found] = await localizeEach(owner, [url], options);
  return presence(shownPlace(url), found as LocalFile | NotFetched, problems)?.path;
}

/** One file, which is no pattern: a URL is fetched to the cache folder. */
export async function fileOfAnywhere(
  owner: string,
  place: string,
  options: DownloadOptions = {},
  how: Localizing = {},
): Promise<FoundFile> {
  if (!isRemote(place)) return { path: place, source: place };
  const [file] = await localize(owner, [place], options, how);
  return { ...(file as LocalFile), source: shownPlace(place), url: place };
}

/**
 * The URL of what lies below a folder at a URL, with the query of that.
 *
 * @param name relative, with `/`; nothing in it is encoded
 */
export function urlBelow(owner: string, folder: string, name: string): string {
  if (!isS3(folder)) {
    const { origin, pathname, search } = parseHttp(owner, folder);
    const path = name.split('/').map(encodeURIComponent).join('/');
    return `${origin}${pathname.replace(/\/*$/, '/')}${path}${search}`;
  }
  const place = parseS3(owner, folder);
  const key = place.key.replace(/\/+$/, '');
  return withKey(folder, place, key === '' ? name : `${key}/${name}`);
}

/** The folder of a file at a URL. */
export function folderOfUrl(owner: string, url: string): string {
  return siblingOf(owner, url, '');
}

/** The folder of a file: a path, or a URL. */
export const folderOfAnywhere = (owner: string, place: string): string =>
  isRemote(place) ? folderOfUrl(owner, place) : dirname(place);

/** What lies below a folder: a path, or a URL. */
export const placeBelow = (owner: string, folder: string, name: string): string =>
  isRemote(folder) ? urlBelow(owner, folder, name) : join(folder, name);

function siblingOf(owner: string, url: string, name: string): string {
  if (!isS3(url)) {
    const { origin, pathname, search } = parseHttp(owner, url);
    return `${origin}${pathname.slice(0, pathname.lastIndexOf('/') + 1)}${name}${search}`;
  }
  const place = parseS3(owner, url);
  return withKey(url, place, place.key.slice(0, place.key.lastIndexOf('/') + 1) + name);
}

/** URLs that differ in their queries alone look the same without them. */
function once(names: Set<string>, source: string): string {
  let name = source;
  for (let i = 2; names.has(name); i++) name = `${source}#${i}`;
  names.add(name);
  return name;
}

function localOf(owner: string, pattern: string): string {
  if (!/^file:\/\//i.test(pattern)) return pattern;
  try {
    return fileURLToPath(pattern);
  } catch {
    throw new UsageError(`${owner}: '${printable(pattern, 500)}' is no local file; give its path`);
  }
}

function expandHttp(owner: string, pattern: string): string[] {
  const urls = expandBraces(owner, pattern);
  for (const url of urls)
    if (/[*]/.test(url.replace(/[?#].*/s, '')))
      throw new UsageError(
        `${owner}: ${printable(url.replace(/[?#].*/s, ''), 500)}: web servers cannot be asked for what matches *; write {000..009}`,
      );
  return urls;
}

async function expandS3(owner: string, pattern: string): Promise<string[]> {
  const found: string[] = [];
  for (const url of expandBraces(owner, pattern)) {
    const place = parseS3(owner, url);
    const wild = place.key.search(/[*?[]/);
    if (wild === -1) {
      found.push(url);
      continue;
    }
    const keys = await matchingKeys(owner, place, wild);
    if (keys.length === 0)
      throw new UsageError(`${owner}: no file matches ${place.name}; check the bucket and the pattern`);
    for (const key of keys) found.push(withKey(url, place, key));
  }
  return found;
}

async function matchingKeys(
  owner: string,
  place: ReturnType<typeof parseS3>,
  wild: number,
): Promise<string[]> {
  const matches = picomatch(place.key.replace(/[()]/g, '\\$&'), {
    noextglob: true,
    nobrace: true,
    nonegate: true,
    posix: true,
  });
  const s3 = await openS3(owner, place);
  try {
    const objects = await listS3(s3, place.bucket, place.key.slice(0, wild));
    return objects
      .map(({ key }) => key)
      .filter((key) => matches(key))
      .sort(naturalOrder);
  } catch (error) {
    throw s3Error(`${owner}: ${place.name}`, error);
  } finally {
    s3.client.destroy();
  }
}
