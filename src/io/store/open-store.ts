/** Opens a store by its folder or its URL. */
import { fileURLToPath } from 'node:url';
import { printable, UsageError } from '../../core/index.js';
import type { Store } from './store.js';

/**
 * Opens a store.
 *
 * @param place a folder, made when the first file comes; a `file:` URL; or `s3://bucket/prefix`, with `?endpoint=URL`
 * and `?region=NAME` where the environment does not give them
 * @throws UsageError for other URLs; RxaugError if the package for S3 is not installed
 */
export async function openStore(place: string): Promise<Store> {
  if (place === '')
    throw new UsageError("store: expected a folder or an s3:// URL but received ''; give one");
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(place)?.[1]?.toLowerCase();
  if (scheme === 's3' && place.slice(3).startsWith('//')) {
    const { openS3Store } = await import('./s3-store.js');
    return openS3Store(place);
  }
  const { LocalStore } = await import('./local-store.js');
  if (scheme === 'file') return new LocalStore(localFolder(place));
  if (scheme !== undefined && place.slice(scheme.length + 1).startsWith('//')) {
    throw new UsageError(
      `store: files cannot be written to ${printable(scheme, 40)}:// URLs; give a folder or s3://bucket/prefix`,
    );
  }
  return new LocalStore(place);
}

function localFolder(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw new UsageError(`store: '${printable(url, 500)}' is no local folder; give its path`);
  }
}
