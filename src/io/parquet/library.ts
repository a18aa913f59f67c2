/** The optional packages that read Parquet, loaded when the first file is opened. */
import { absent, isAbsent, RxaugError } from '../../core/index.js';

async function load<T>(name: string, from: () => Promise<T>): Promise<T> {
  try {
    return await from();
  } catch (error) {
    if (isAbsent(error, name)) throw new RxaugError(absent(name, 'parquet'), { cause: error });
    throw error;
  }
}

/** Metadata, page headers and Snappy. */
export async function hyparquet() {
  const [{ parquetMetadata, snappyUncompress }, { parquetHeader }] = await load('hyparquet', () =>
    Promise.all([import('hyparquet'), import('hyparquet/src/column.js')]),
  );
  return { parquetMetadata, parquetHeader, snappyUncompress };
}

/** LZ4 and zstd. */
export async function compressors() {
  const name = 'hyparquet-compressors';
  const { decompressLz4, decompressLz4Raw, decompressZstd } = await load(
    name,
    () => import('hyparquet-compressors'),
  );
  return { decompressLz4, decompressLz4Raw, decompressZstd };
}

export type Hyparquet = Awaited<ReturnType<typeof hyparquet>>;
export type MoreCompressors = Awaited<ReturnType<typeof compressors>>;
