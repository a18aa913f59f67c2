/** What a bucket holds below a prefix. */
import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import type { S3 } from './s3-client.js';

export interface S3Object {
  readonly key: string;
  readonly bytes: number;
  /** When it was written, in milliseconds; NaN where the server does not say. */
  readonly changed: number;
}

/** Objects whose key starts with `prefix`. */
export async function listS3({ sdk, client }: S3, bucket: string, prefix: string): Promise<S3Object[]> {
  const found: S3Object[] = [];
  let from: string | undefined;
  do {
    const page: ListObjectsV2CommandOutput = await client.send(
      new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: from }),
    );
    for (const { Key, Size = 0, LastModified } of page.Contents ?? [])
      if (Key) found.push({ key: Key, bytes: Size, changed: LastModified?.getTime() ?? Number.NaN });
    from = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (from);
  return found;
}
