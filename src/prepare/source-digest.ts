/** What a source is, without reading its images: names, places, and sizes and times of its files. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { type Dataset, UsageError } from '../core/index.js';
import { printable } from '../core/printable.js';

/**
 * Hexadecimal SHA-256.
 *
 * @throws UsageError for images in memory, which no other process could read
 */
export function sourceDigest(source: Dataset): string {
  const hash = createHash('sha256');
  const files = new Map<string, string>();
  const versionOf = (path: string): string => {
    let version = files.get(path);
    if (version === undefined) {
      const found = statSync(path, { throwIfNoEntry: false });
      const local = found ? `${path} ${found.size} ${Math.round(found.mtimeMs)}` : `${path} absent`;
      version = source.versionOf?.(path) ?? local;
      files.set(path, version);
    }
    return version;
  };
  // Masks are in files too.
  const replaced = (key: string, value: unknown) =>
    key === 'path' && typeof value === 'string' ? versionOf(value) : value;
  for (let i = 0; i < source.length; i++) {
    const { id, image, label, targets } = source.item(i);
    if (image.kind === 'pixels' || image.kind === 'bytes')
      throw new UsageError(
        `prepare: source: ${printable(id, 200)} is in memory, where no other process can read it; write the images to files first, for example by NumPy's .npy`,
      );
    const place = image.kind === 'file' ? '' : `${image.offset} ${'length' in image ? image.length : ''}`;
    const about = typeof label === 'number' ? label : [...label];
    hash.update(JSON.stringify([id, versionOf(image.path), place, about, targets ?? null], replaced));
  }
  return hash.digest('hex');
}
