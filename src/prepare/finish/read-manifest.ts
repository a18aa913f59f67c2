/** The manifest of a data set that is there, checked. */
import { messageOf, UsageError } from '../../core/index.js';
import type { Store } from '../../io/store/store.js';
import type { OutputFile } from '../../io/write/output.js';
import { MANIFEST, type Manifest } from './manifest.js';

/** @throws UsageError where there is none: the preparation was not finished, or it is another folder */
export async function readManifest(store: Store): Promise<Manifest> {
  const where = `${store.name}/${MANIFEST}`;
  if (!(await store.stat(MANIFEST)))
    throw new UsageError(
      `${store.name}: there is no ${MANIFEST}, so no finished data set; finish it with --resume, or give another folder`,
    );
  let manifest: Manifest;
  try {
    manifest = JSON.parse(Buffer.from(await store.read(MANIFEST)).toString('utf8')) as Manifest;
  } catch (error) {
    throw new UsageError(
      `${where}: it is no JSON (${messageOf(error)}); restore it, or have it written again with --resume`,
      { cause: error },
    );
  }
  if (manifest?.rxaug !== 'dataset')
    throw new UsageError(
      `${where}: expected the manifest of a data set but it is another file; give the folder that rxaug prepare wrote`,
    );
  if (manifest.version !== 2)
    throw new UsageError(
      `${where}: expected version 2 but received ${manifest.version}; use the rxaug that made it`,
    );
  if (!isWhole(manifest))
    throw new UsageError(
      `${where}: fields of it are missing or of another kind, so it was changed; restore it, or have it written again with --resume`,
    );
  return manifest;
}

/** What is read of it without another look. */
function isWhole({ plan, shards, files, counts }: Manifest): boolean {
  return (
    typeof plan === 'string' &&
    Number.isInteger(counts?.samples) &&
    Array.isArray(shards) &&
    shards.every((shard) => Number.isInteger(shard?.samples) && areFiles(shard.files)) &&
    areFiles(files)
  );
}

const areFiles = (files: unknown): boolean =>
  Array.isArray(files) &&
  files.every(
    (file?: Partial<OutputFile>) =>
      typeof file?.path === 'string' && Number.isInteger(file.bytes) && typeof file.sha256 === 'string',
  );
