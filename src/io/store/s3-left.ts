/**
 * What writers that were killed leave in a bucket: uploads in parts that were never completed, which no list of files shows
 * and which are paid for, and objects on which the server was tried.
 */
import type { ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3';
import { isTemporary } from '../../core/files/temporary-file.js';
import { type S3, s3Fault } from '../remote/s3-client.js';
import { listS3 } from '../remote/s3-list.js';
import type { Tidied } from './store.js';

/** Name of the object that is written to see whether the server keeps to conditions. */
export const TRIED = 'conditional';
/** Milliseconds after which its writer is taken for dead: it lives for two requests. */
const DAY = 24 * 3_600_000;

/** An upload that was begun and neither completed nor abandoned. */
interface OpenUpload {
  readonly Key: string;
  readonly UploadId: string;
}

/** Abandons all open uploads of one key. @returns how many */
export async function abandonAt(s3: S3, bucket: string, key: string): Promise<number> {
  let count = 0;
  for (const upload of await openUploads(s3, bucket, key))
    if (upload.Key === key && (await abandon(s3, bucket, upload))) count++;
  return count;
}

/**
 * Abandons open uploads of finished files, and removes old trial objects. Not everyone may list uploads, and the files are
 * there all the same, so nothing that fails here is thrown.
 *
 * @param name of the store, for the sentence
 * @param finished keys of files that went up in parts
 */
export async function tidyS3(
  s3: S3,
  { name, bucket, prefix }: { readonly name: string; readonly bucket: string; readonly prefix: string },
  finished: ReadonlySet<string>,
): Promise<Tidied> {
  const tried = await tidyTried(s3, bucket, prefix);
  if (finished.size === 0) return { removed: tried };
  let open: readonly OpenUpload[];
  try {
    open = (await openUploads(s3, bucket, prefix)).filter(({ Key }) => finished.has(Key));
  } catch (error) {
    const what = `uploads that killed writers left open, of ${finished.size === 1 ? '1 file' : `${finished.size} files`}, could not be looked for`;
    return { removed: tried, left: sentence(name, what, error, 's3:ListBucketMultipartUploads') };
  }
  let [removed, failed, last] = [tried, 0, undefined as unknown];
  for (const upload of open) {
    try {
      if (await abandon(s3, bucket, upload)) removed++;
    } catch (error) {
      failed++;
      last = error;
    }
  }
  if (failed === 0) return { removed };
  const what = `${failed} of ${open.length} uploads that killed writers left open could not be abandoned`;
  return { removed, left: sentence(name, what, last, 's3:AbortMultipartUpload') };
}

function sentence(name: string, what: string, error: unknown, action: string): string {
  const { status, code } = s3Fault(error);
  const denied = status === 403;
  return `${name}: ${what} (${denied ? 'access is denied, ' : ''}${code}); ${denied ? `allow ${action}, or ` : ''}give the bucket a lifecycle rule with AbortIncompleteMultipartUpload, for the parts of such uploads are stored and paid for`;
}

async function openUploads({ sdk, client }: S3, bucket: string, prefix: string): Promise<OpenUpload[]> {
  const all: OpenUpload[] = [];
  let from: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
  while (from) {
    const found: ListMultipartUploadsCommandOutput = await client.send(
      new sdk.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...from }),
    );
    for (const { Key, UploadId } of found.Uploads ?? [])
      if (Key?.startsWith(prefix) && UploadId) all.push({ Key, UploadId });
    from = found.IsTruncated
      ? { KeyMarker: found.NextKeyMarker, UploadIdMarker: found.NextUploadIdMarker }
      : undefined;
  }
  return all;
}

/** False where its own writer was quicker. */
async function abandon({ sdk, client }: S3, bucket: string, upload: OpenUpload): Promise<boolean> {
  try {
    await client.send(new sdk.AbortMultipartUploadCommand({ Bucket: bucket, ...upload }));
    return true;
  } catch (error) {
    if (s3Fault(error).code === 'NoSuchUpload') return false;
    throw error;
  }
}

/** Trial objects of a byte each: one that cannot be removed now is removed another time. */
async function tidyTried(s3: S3, bucket: string, prefix: string): Promise<number> {
  const { sdk, client } = s3;
  let count = 0;
  try {
    for (const { key, changed } of await listS3(s3, bucket, `${prefix}${TRIED}`)) {
      if (!isTemporary(key) || !(Date.now() - changed > DAY)) continue;
      await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key }));
      count++;
    }
  } catch {
    // Deleting needs a permission that writers need not have.
  }
  return count;
}
