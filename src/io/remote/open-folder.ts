import { resolve } from 'node:path';
import { UsageError } from '../../core/index.js';
import { FarFolder } from './far-folder.js';
import { FetchedFiles } from './fetched-files.js';
import type { Folder } from './folder.js';
import { LocalFolder } from './local-folder.js';
import type { DownloadOptions } from './localize.js';
import { openS3, s3Error } from './s3-client.js';
import { listS3 } from './s3-list.js';
import { isS3, parseS3 } from './s3-place.js';
import { isRemote } from './shown-place.js';

/**
 * A folder at a path or URL.
 *
 * @throws UsageError if it is in S3 and nothing is there; RxaugError if it cannot be listed
 */
export async function openFolder(
  owner: string,
  place: string,
  download: DownloadOptions | undefined,
): Promise<Folder> {
  if (!isRemote(place)) return new LocalFolder(owner, resolve(place));
  const names = isS3(place) ? await namesInS3(owner, place) : undefined;
  return new FarFolder(owner, place, new FetchedFiles(owner, download), download, names);
}

/** All files below a URL of S3. */
async function namesInS3(owner: string, url: string): Promise<Set<string>> {
  const place = parseS3(owner, url);
  const folder = place.key.replace(/\/+$/, '');
  const prefix = folder === '' ? '' : `${folder}/`;
  const s3 = await openS3(owner, place);
  try {
    const objects = await listS3(s3, place.bucket, prefix);
    // A key that ends with a slash stands for an empty folder.
    const files = objects.map(({ key }) => key.slice(prefix.length)).filter((name) => !/(^|\/)$/.test(name));
    if (files.length === 0)
      throw new UsageError(`${owner}: there is no file in ${place.name}; check the bucket and the folder`);
    return new Set(files);
  } catch (error) {
    throw s3Error(`${owner}: ${place.name}`, error);
  } finally {
    s3.client.destroy();
  }
}
