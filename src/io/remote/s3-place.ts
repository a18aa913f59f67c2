/** URLs of S3: `s3://bucket/prefix`, with `?endpoint=URL` and `?region=NAME` where the environment does not say. */
import { printable, UsageError } from '../../core/index.js';

export interface S3Place {
  readonly bucket: string;
  /** Literal, as in a listing: nothing in it is percent-encoded. May be empty. */
  readonly key: string;
  /** Of another server than Amazon's. */
  readonly endpoint?: string;
  readonly region?: string;
  /** `s3://bucket/key`, printable. */
  readonly name: string;
}

const SETTINGS = /\?((?:endpoint|region)=[^?]*)$/;

export function isS3(url: string): boolean {
  return /^s3:\/\//i.test(url);
}

/**
 * @param owner at the start of errors
 * @throws UsageError for a URL without a bucket, with a user or password in it, or with other settings
 */
export function parseS3(owner: string, url: string): S3Place {
  const settings = SETTINGS.exec(url);
  const plain = settings ? url.slice(0, settings.index) : url;
  const match = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(plain);
  const [bucket, key] = [match?.[1] ?? '', match?.[2] ?? ''];
  if (bucket.includes('@')) {
    throw new UsageError(
      `${owner}: a URL of S3 holds a user or password; remove it, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    );
  }
  const name = `s3://${printable(`${bucket}/${key}`, 500)}`;
  if (!/^[a-z0-9][a-z0-9._-]{1,254}$/i.test(bucket))
    throw new UsageError(`${owner}: ${name} names no bucket; write s3://bucket/key`);
  const query = new URLSearchParams(settings?.[1]);
  const unknown = [...query.keys()].find((setting) => setting !== 'endpoint' && setting !== 'region');
  if (unknown !== undefined)
    throw new UsageError(
      `${owner}: ${name}: expected ?endpoint= and &region= but received ${printable(unknown, 60)}; remove it`,
    );
  const endpoint = query.get('endpoint') ?? undefined;
  if (endpoint !== undefined) checkEndpoint(owner, name, endpoint);
  return { bucket, key, endpoint, region: query.get('region') ?? undefined, name };
}

/** The URL of another key, with the settings of this URL. */
export function withKey(url: string, { bucket, key }: S3Place, other: string): string {
  return `s3://${bucket}/${other}${url.slice(`s3://${bucket}/${key}`.length)}`;
}

function checkEndpoint(owner: string, name: string, endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new UsageError(
      `${owner}: ${name}: its endpoint is no http or https URL without a user; write ?endpoint=https://host`,
    );
}
