import type { FoundFile } from '../remote/anywhere.js';
import { inflateFile, type Packing } from './inflate.js';
import { unpacked } from './unpacked.js';

/** A file that is not compressed. */
export interface PlainFile extends Pick<FoundFile, 'path' | 'version'> {
  /** What was wrong with the compressed file. */
  readonly fault?: string;
}

/** The file itself, or what a compressed one is unpacked to in the cache folder. */
export async function plainFile(
  owner: string,
  { path, version }: FoundFile,
  packing: Packing | undefined,
  folder: string | undefined,
): Promise<PlainFile> {
  if (!packing) return { path, version };
  const { index: fault, ...plain } = await unpacked({
    ...{ owner, path, version, folder, options: packing },
    unpack: (out) => inflateFile(path, packing, out),
  });
  return { ...plain, fault };
}
