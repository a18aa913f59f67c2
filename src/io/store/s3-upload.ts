/**
 * One file to one key of S3, which must be free: nothing is there until the last request is answered, and nothing is
 * overwritten (`If-None-Match: *`). Every part is signed with its SHA-256, which the server checks.
 */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { RxaugError } from '../../core/index.js';
import { type S3, s3Fault } from '../remote/s3-client.js';
import type { FileDigest } from './store.js';

/** Up to this size a file is one request; larger ones go up in parts of this size or more. */
export const PART = 16 << 20;
/** S3 allows 10,000. */
const MOST_PARTS = 9_000;
/** Parts under way at a time, so bytes in memory. */
const MOST_BYTES = 64 << 20;

export interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly staged: FileHandle;
  readonly content: FileDigest;
  readonly part?: number;
}

/**
 * Returns the error after which the caller must look what is there: somebody else took the key, the upload was abandoned
 * by another writer, or the server failed, perhaps after it had stored the file.
 */
export async function upload(s3: S3, given: Upload): Promise<undefined | { readonly failed: unknown }> {
  try {
    await (given.content.bytes <= (given.part ?? PART) ? whole(s3, given) : inParts(s3, given));
    return undefined;
  } catch (error) {
    const { status, code } = s3Fault(error);
    const refused = status !== undefined && status < 500 && code !== 'NoSuchUpload';
    if (error instanceof RxaugError || (refused && status !== 412 && status !== 409)) throw error;
    return { failed: error };
  }
}

async function whole({ sdk, client }: S3, { bucket, key, staged, content }: Upload): Promise<void> {
  const body = await bytesAt(staged, 0, content.bytes);
  check(createHash('sha256').update(body).digest('hex'), content);
  await client.send(
    new sdk.PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: body,
      ContentLength: body.length,
      IfNoneMatch: '*',
      Metadata: { sha256: content.sha256 },
    }),
  );
}

async function inParts(s3: S3, { bucket, key, staged, content, part = PART }: Upload): Promise<void> {
  const { sdk, client } = s3;
  const at = { Bucket: bucket, Key: key };
  const size = Math.max(part, Math.ceil(content.bytes / MOST_PARTS));
  const count = Math.ceil(content.bytes / size);
  const atATime = Math.max(1, Math.floor(MOST_BYTES / size));
  const started = await client.send(
    new sdk.CreateMultipartUploadCommand({ ...at, Metadata: { sha256: content.sha256 } }),
  );
  const upload = { ...at, UploadId: started.UploadId };
  const hash = createHash('sha256');
  const parts: { PartNumber: number; ETag?: string }[] = [];
  try {
    while (parts.length < count) {
      const sent: Promise<{ PartNumber: number; ETag?: string }>[] = [];
      for (let n = parts.length; n < Math.min(count, parts.length + atATime); n++) {
        const body = await bytesAt(staged, n * size, Math.min(size, content.bytes - n * size));
        hash.update(body);
        const request = client.send(new sdk.UploadPartCommand({ ...upload, PartNumber: n + 1, Body: body }));
        sent.push(request.then(({ ETag }) => ({ PartNumber: n + 1, ETag })));
      }
      // All of them, before the upload may be abandoned.
      await Promise.allSettled(sent);
      parts.push(...(await Promise.all(sent)));
    }
    check(hash.digest('hex'), content);
    await client.send(
      new sdk.CompleteMultipartUploadCommand({
        ...upload,
        MultipartUpload: { Parts: parts },
        IfNoneMatch: '*',
      }),
    );
  } catch (error) {
    await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

async function bytesAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0)
      throw new RxaugError('store: the staged file became shorter while it was sent; write it again');
    done += bytesRead;
  }
  return bytes;
}

function check(sha256: string, content: FileDigest): void {
  if (sha256 !== content.sha256)
    throw new RxaugError(
      `store: the staged file does not hold what was written (SHA-256 ${sha256} and not ${content.sha256}); write it again, and check the disk`,
    );
}
