/** Masks that lie in files: their bytes are part of the plan, as those of their image are. */
import { createHash } from 'node:crypto';
import { type ImageRef, type Mask, masksOf, type Targets } from '../core/index.js';
import type { ImageFiles } from '../io/files.js';
import { type StoredImage, storedImage } from './stored-image.js';

export interface MaskFile {
  readonly name: string;
  readonly image: ImageRef;
}

/** In the order of the masks; those in memory are in the plan themselves. */
export function maskFilesOf(targets: Targets | undefined): MaskFile[] {
  if (!targets) return [];
  return masksOf(targets).flatMap(({ name, image }) => ('path' in image ? [{ name, image }] : []));
}

/**
 * A mask, its bytes in memory of their own.
 *
 * @throws BadSampleError that names the image and the mask, for a file that cannot be read
 */
export function storedMask({ name, image }: MaskFile, id: string, files: ImageFiles): StoredImage {
  const stored = storedImage(image, `${id}: mask '${name}'`, files);
  const bytes = Uint8Array.from(stored.bytes);
  return { bytes, image: stored.image.kind === 'bytes' ? { kind: 'bytes', bytes } : stored.image };
}

/** SHA-256 over the bytes of all of them, hexadecimal. */
export function masksDigest(masks: readonly StoredImage[]): string {
  const all = createHash('sha256');
  for (const { bytes } of masks) all.update(createHash('sha256').update(bytes).digest());
  return all.digest('hex');
}

/** Targets with other images of some of their masks, by name. */
export function withMasks(targets: Targets, images: ReadonlyMap<string, ImageRef>): Targets {
  const { mask: _, ...rest } = targets;
  const masks = masksOf(targets).map(({ name, ...mask }): [string, Mask] => [
    name,
    { ...mask, image: images.get(name) ?? mask.image },
  ]);
  return { ...rest, masks: Object.fromEntries(masks) };
}
