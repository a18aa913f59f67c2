/** The bytes of an image as they are stored, read once for its hash and its pixels. */
import type { ImageRef } from '../core/index.js';
import type { ImageFiles } from '../io/files.js';

export interface StoredImage {
  /** Valid until the next read. */
  readonly bytes: Uint8Array;
  /** The image as it is decoded: out of `bytes` where they are those of an image file, so that it is what was hashed. */
  readonly image: ImageRef;
}

/** @throws BadSampleError for a file that cannot be read */
export function storedImage(image: ImageRef, id: string, files: ImageFiles): StoredImage {
  if (image.kind === 'pixels') return { bytes: image.data, image };
  const bytes = files.read(image, id);
  return { bytes, image: image.kind === 'raw' ? image : { kind: 'bytes', bytes } };
}
